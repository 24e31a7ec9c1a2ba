"""Drives itself through the control paths as the compliance tests of websockets do, with the limits of those tests."""

import asyncio
import json
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

SERVER, AGENT = sys.argv[1:]
LIMIT = 2**25


async def get_case_count():
    async with connect(f"{SERVER}/getCaseCount") as connection:
        return json.loads(await connection.recv())


async def run_case(case):
    try:
        async with connect(f"{SERVER}/runCase?case={case}&agent={AGENT}", max_size=LIMIT) as connection:
            async for message in connection:
                await connection.send(message)
    except WebSocketException as fault:
        print(f"case {case}: {fault}", file=sys.stderr)


async def update_reports():
    async with connect(f"{SERVER}/updateReports?agent={AGENT}", open_timeout=60):
        pass


async def main():
    for case in range(1, await get_case_count() + 1):
        await run_case(case)
    await update_reports()


asyncio.run(main())
