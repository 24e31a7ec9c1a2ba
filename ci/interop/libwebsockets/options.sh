# shellcheck shell=bash disable=SC2034
# Whether the echo of a message gets in front of the Close with which the library answers the frames behind it, or behind
# that Close, depends on how many segments it reads at once, and so does which of ten pings it answers. In one write, which
# other cases have, it does not.
options=(
  --exclude 'framing/*-after-text-by-*' 'fragmentation/*-then-text-by-*' 'control/ping-pong/ten-pings-by-octet'
)
