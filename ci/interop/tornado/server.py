"""Echo server on the PyPI package tornado: server.py PORT.

Takes messages up to 64 MiB; pongs, closes and the answers to errors are the library's own.
"""

import asyncio
import logging
import sys

from tornado.web import Application
from tornado.websocket import WebSocketClosedError, WebSocketHandler

LIMIT = 64 << 20


class Echo(WebSocketHandler):
    async def on_message(self, message):
        try:
            await self.write_message(message, binary=isinstance(message, bytes))
        except WebSocketClosedError:
            pass  # the peer left while its echo was being written


async def main(port):
    # Handshakes that fail on purpose would each log a line.
    logging.getLogger("tornado").setLevel(logging.CRITICAL)
    app = Application([("/.*", Echo)], websocket_max_message_size=LIMIT)
    app.listen(port, "127.0.0.1")
    await asyncio.Event().wait()


asyncio.run(main(int(sys.argv[1])))
