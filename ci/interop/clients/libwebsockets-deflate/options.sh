# shellcheck shell=bash disable=SC2034
# It is here for what it does with compression.
cases=('deflate/*')
