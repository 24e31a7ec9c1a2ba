# shellcheck shell=bash disable=SC2034
# Its library refuses a message of so many frames, and answers a ping behind it before or after that, as it happens.
options=(--echo no --exclude 'delivery/many-frames/*')
