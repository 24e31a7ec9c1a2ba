"""An echo client on aiohttp with the library's defaults: connects to the URL, sends back each message, ends with its connection."""

import asyncio
import sys

import aiohttp

# The bits of the window that is offered, or 0 for no compression, which is the library's default.
WINDOW = 15 if "deflate" in sys.argv[2:] else 0


async def main():
    async with aiohttp.ClientSession() as session, session.ws_connect(
        sys.argv[1], max_msg_size=0, compress=WINDOW
    ) as connection:
        async for message in connection:
            if message.type == aiohttp.WSMsgType.TEXT:
                await connection.send_str(message.data)
            elif message.type == aiohttp.WSMsgType.BINARY:
                await connection.send_bytes(message.data)


asyncio.run(main())
