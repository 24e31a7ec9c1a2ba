# shellcheck shell=bash disable=SC2034
# Behind a handshake that it completed and should not have, the server sends what is no frame, in time or too late to be seen.
options=(--exclude 'handshake/upgrade/other-websocketx')
