# shellcheck shell=bash disable=SC2034
# What else it does, the client without compression shows, and the messages of Autobahn's cases it goes through as a driver. It
# has no limit, and sends back what comes to a gibioctet.
cases=('deflate/*' --exclude 'deflate/payloads/*' 'deflate/parameters/*' 'deflate/bomb/gibioctet')
