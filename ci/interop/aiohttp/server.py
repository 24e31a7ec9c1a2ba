"""Echo server on the PyPI package aiohttp: server.py PORT [deflate].

Its limits are the library's own (messages up to 4 MiB), and so are its answers to pings and closes.
"""

import logging
import sys

from aiohttp import WSMsgType, web

# What the library does unless it is told not to.
DEFLATE = "deflate" in sys.argv[2:]


async def echo(request):
    socket = web.WebSocketResponse(compress=DEFLATE)
    await socket.prepare(request)
    try:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await socket.send_str(message.data)
            elif message.type is WSMsgType.BINARY:
                await socket.send_bytes(message.data)
    except ConnectionError:
        pass  # the peer left while its echo was being written
    return socket


# Handshakes that fail on purpose would each log a traceback.
logging.getLogger("aiohttp").setLevel(logging.CRITICAL)
app = web.Application()
app.router.add_get("/{path:.*}", echo)
# A graceful stop would wait for open connections, and a stopped target should be gone at once.
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None, handle_signals=False)
