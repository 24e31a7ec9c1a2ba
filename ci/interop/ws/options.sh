# shellcheck shell=bash disable=SC2034
# The library has a limit on pongs that it could not write yet, and ends the connection there without a Close. Whether TCP
# then resets it, which could have destroyed a Close, or ends it in good order depends on what the kernel has read by then.
options=(--exclude 'abuse/floods/pings-unread')
