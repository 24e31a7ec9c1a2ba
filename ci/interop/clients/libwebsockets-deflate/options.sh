# shellcheck shell=bash disable=SC2034
# It is here for what it does with compression. A fragmented message that is not compressed is handed over without end; what it
# sends behind the Close with which the program gives up, where other messages stood in front, is by chance.
cases=('deflate/*' --exclude 'deflate/messages/context-over-control-frames')
