"""An echo client on websockets with the library's defaults: connects to the URL, sends back each message, ends with its connection."""

import asyncio
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

# "deflate", or none
COMPRESSION = sys.argv[2] if len(sys.argv) > 2 else None


async def main():
    async with connect(sys.argv[1], compression=COMPRESSION, max_size=None) as connection:
        try:
            async for message in connection:
                await connection.send(message)
        except ConnectionClosed as fault:
            print(fault, file=sys.stderr)


asyncio.run(main())
