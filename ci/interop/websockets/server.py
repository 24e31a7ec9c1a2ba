"""Echo server on the PyPI package websockets: server.py PORT [deflate].

Its limits are the library's own (messages up to 1 MiB), so that the harness also meets a target that refuses by size.
"""

import asyncio
import logging
import sys

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed


async def echo(connection):
    try:
        async for message in connection:
            await connection.send(message)
    except ConnectionClosed:
        pass  # the library has already sent the Close that the error calls for


async def main(port, compression=None):
    # Handshakes that fail on purpose would each log a traceback.
    logging.getLogger("websockets").setLevel(logging.CRITICAL)
    async with serve(echo, "127.0.0.1", port, compression=compression) as server:
        await server.serve_forever()


asyncio.run(main(int(sys.argv[1]), *sys.argv[2:]))
