# shellcheck shell=bash disable=SC2034
path=/rpc
options=(--echo no --header 'Authorization: Bearer test-token' --subprotocol rpc.v1)
