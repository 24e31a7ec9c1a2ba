# shellcheck shell=bash disable=SC2034
# The flood is left out as it is for ws, on which this is built.
options=(--echo no --exclude 'abuse/floods/pings-unread')
