# shellcheck shell=bash disable=SC2034
# Whether the echo of a message gets in front of the Close with which the library answers the frames behind it, or behind
# that Close, depends on how many segments it reads at once, and so does which of several pings it answers, the last of
# many among them. On a busy machine that is so for frames in one write too.
options=(
  --exclude 'framing/*-after-text' 'framing/*-after-text-by-*' 'fragmentation/*-then-text-by-*'
  'fragmentation/stray-continuation/continuation-after-fragmented-text' 'control/ping-pong/ten-pings-by-octet'
  'fragmentation/ping-between/sixteen-pings-between/by-octet' 'control/pong-unasked/*'
  'utf8/split-code-points/*-and-pings-between/by-octet' 'limits/growth/messages' 'limits/growth/pings'
)
