# shellcheck shell=bash disable=SC2034
# What else it does, the client without compression shows. It has no limit, and sends back what comes to a gibioctet.
cases=('deflate/*' --exclude 'deflate/bomb/gibioctet')
