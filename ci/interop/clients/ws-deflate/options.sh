# shellcheck shell=bash disable=SC2034
# What else it does, the client without compression shows.
cases=('deflate/*')
