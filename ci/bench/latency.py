#!/usr/bin/env python3
"""A TCP proxy that holds back what passes: latency.py PORT TARGET_PORT MILLISECONDS, all on 127.0.0.1.

Octets, FIN and RST arrive so much later in each direction, in order. Runs until a signal ends it.
"""
import asyncio
import socket
import struct
import sys

PORT, TARGET, DELAY = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) / 1000
AT_ONCE = 64 * 1024
# Pieces under way in one direction; more would hide from the sender that nobody reads.
UNDER_WAY = 64
RESET = object()


def reset(writer):
    sock = writer.get_extra_info("socket")
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        pass
    writer.transport.abort()


async def listen(reader, queue):
    clock = asyncio.get_running_loop()
    while True:
        try:
            piece = await reader.read(AT_ONCE)
        except OSError:
            piece = RESET
        await queue.put((clock.time() + DELAY, piece))
        if piece is RESET or not piece:
            return


async def tell(queue, writer):
    clock = asyncio.get_running_loop()
    while True:
        due, piece = await queue.get()
        await asyncio.sleep(due - clock.time())
        try:
            if piece is RESET:
                raise ConnectionResetError
            if not piece:
                writer.write_eof()
                return
            writer.write(piece)
            await writer.drain()
        except OSError:
            reset(writer)
            return


async def direction(reader, writer):
    queue = asyncio.Queue(UNDER_WAY)
    listening = asyncio.create_task(listen(reader, queue))
    try:
        await tell(queue, writer)
    finally:
        listening.cancel()


async def serve(client_reader, client_writer):
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", TARGET)
    except OSError:
        return reset(client_writer)
    await asyncio.gather(direction(client_reader, writer), direction(reader, client_writer))
    writer.close()
    client_writer.close()


async def main():
    async with await asyncio.start_server(serve, "127.0.0.1", PORT, backlog=1024) as server:
        await server.serve_forever()


asyncio.run(main())
