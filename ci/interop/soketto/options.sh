# shellcheck shell=bash disable=SC2034
# It is here for what it does with compression. A message that comes to very much is decompressed to its end, and sent back,
# while everybody else waits: how many cases are late because of that is by chance. So is which of two hundred messages in
# one write is the last to come back, before an error ends the connection.
options=(
  --case 'deflate/*' 'extensions/*'
  --exclude 'deflate/bomb/gibioctet' 'deflate/interleaved/two-hundred'
)
