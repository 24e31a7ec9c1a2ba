# shellcheck shell=bash disable=SC2034
# What else it does, the target without compression shows. The program survives neither an empty message behind another nor
# compressed and plain messages in turns (an assertion of the library fails), and with that no case that stands behind. Beside
# other connections it at times sends messages back altered, or not at all; one after the other it does not.
options=(
  --jobs 1 --case 'deflate/*' 'extensions/*'
  --exclude 'deflate/interleaved/two-hundred' 'deflate/messages/empty-*'
)
