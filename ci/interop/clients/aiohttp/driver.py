"""Drives itself through the control paths as the tests of aiohttp do: one session, and int() of the count."""

import asyncio
import sys

import aiohttp

SERVER, AGENT = sys.argv[1:3]
# The bits of the window that is offered, or 0 for no compression, which is the library's default.
WINDOW = 15 if "deflate" in sys.argv[3:] else 0


async def main():
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(f"{SERVER}/getCaseCount") as connection:
            count = int((await connection.receive()).data)
        for case in range(1, count + 1):
            url = f"{SERVER}/runCase?case={case}&agent={AGENT}"
            async with session.ws_connect(url, compress=WINDOW) as connection:
                async for message in connection:
                    if message.type is aiohttp.WSMsgType.TEXT:
                        await connection.send_str(message.data)
                    elif message.type is aiohttp.WSMsgType.BINARY:
                        await connection.send_bytes(message.data)
                    else:
                        break
        async with session.ws_connect(f"{SERVER}/updateReports?agent={AGENT}"):
            print("reports were asked for")


asyncio.run(main())
