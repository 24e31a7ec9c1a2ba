# shellcheck shell=bash disable=SC2034
# A head beyond 64 KiB is refused while it is incomplete, and left unanswered once it is whole (as the smaller ones of the
# same group are), so that the speed of the server decides.
options=(--exclude 'handshake/sizes/*-64-kib' 'handshake/sizes/10000-fields')
