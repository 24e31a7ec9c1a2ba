# shellcheck shell=bash disable=SC2034
# tungstenite gives up a head that comes in too many small reads, so that it depends on how many segments it reads at once, and
# on a busy machine it reads several at once in spite of pauses.
options=(--exclude 'delivery/head-and-frames/everything-by-octet' 'handshake/segments/head-in-single-octets*')
