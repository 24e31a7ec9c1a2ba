# shellcheck shell=bash disable=SC2034
options=(--echo no)
