# shellcheck shell=bash disable=SC2034
# Everyone gets everyone's messages, so that few at a time are many enough. Of so many frames in one message its library
# refuses some, and answers a ping behind them before or after that, as it happens.
options=(--echo no --jobs 4 --timeout-scale 2 --exclude 'delivery/many-frames/*')
