"""Chat on the PyPI package websockets: server.py PORT.

What a client sends goes to all others and not back to itself. Cases that run beside each other therefore meet messages
that they did not ask for. The limits are the library's own (messages up to 1 MiB).
"""

import asyncio
import logging
import sys

from websockets.asyncio.server import broadcast, serve
from websockets.exceptions import ConnectionClosed

members = set()


async def join(connection):
    members.add(connection)
    try:
        async for message in connection:
            broadcast(members - {connection}, message)
    except ConnectionClosed:
        pass  # the library has already sent the Close that the error calls for
    finally:
        members.discard(connection)


async def main(port):
    # Handshakes that fail on purpose would each log a traceback.
    logging.getLogger("websockets").setLevel(logging.CRITICAL)
    async with serve(join, "127.0.0.1", port, compression=None) as server:
        await server.serve_forever()


asyncio.run(main(int(sys.argv[1])))
