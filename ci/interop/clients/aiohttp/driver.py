"""Drives itself through the control paths as the tests of aiohttp do: one session, and int() of the count."""

import asyncio
import sys

import aiohttp

SERVER, AGENT = sys.argv[1:]


async def main():
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(f"{SERVER}/getCaseCount") as connection:
            count = int((await connection.receive()).data)
        for case in range(1, count + 1):
            async with session.ws_connect(f"{SERVER}/runCase?case={case}&agent={AGENT}") as connection:
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
