# shellcheck shell=bash disable=SC2034
# It takes and makes frames in pure Python, so that several large messages at once keep it busy for long.
options=(--timeout-scale 4)
