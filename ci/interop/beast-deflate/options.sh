# shellcheck shell=bash disable=SC2034
# What else it does, the target without compression shows.
options=(--case 'deflate/*' 'extensions/*')
