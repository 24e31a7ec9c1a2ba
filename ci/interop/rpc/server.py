"""JSON-RPC 2.0 server on the PyPI package aiohttp: server.py PORT.

It is found at /rpc only, wants `Authorization: Bearer test-token` and the subprotocol rpc.v1, and answers whatever is
no request with an error object; binary messages end the connection with 1003. Its one method is sum.
The limits are the library's own (messages up to 4 MiB).
"""

import json
import logging
import sys

from aiohttp import WSCloseCode, WSMsgType, web

TOKEN = "test-token"
SUBPROTOCOL = "rpc.v1"

PARSE_ERROR = (-32700, "not JSON")
INVALID_REQUEST = (-32600, "not a request")
METHOD_NOT_FOUND = (-32601, "no such method")
INVALID_PARAMS = (-32602, "not a list of numbers")


async def rpc(request):
    if request.headers.get("Authorization") != f"Bearer {TOKEN}":
        return web.Response(status=401, headers={"WWW-Authenticate": "Bearer"})
    socket = web.WebSocketResponse(protocols=[SUBPROTOCOL], compress=False)
    handshake = socket.can_prepare(request)
    # The library would go on without a subprotocol. What is no handshake at all it refuses itself, in prepare.
    if handshake.ok and handshake.protocol is None:
        return web.Response(status=400, text=f"offer the subprotocol {SUBPROTOCOL}\n")
    await socket.prepare(request)
    try:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                reply = answer(message.data)
                if reply is not None:
                    await socket.send_str(json.dumps(reply))
            elif message.type is WSMsgType.BINARY:
                await socket.close(code=WSCloseCode.UNSUPPORTED_DATA)
    except ConnectionError:
        pass  # the peer left while its answer was being written
    return socket


def answer(text):
    """The response object, or None where the request is a notification."""
    try:
        call = json.loads(text)
    # Brackets that nest too deep, and numbers with too many digits.
    except (ValueError, RecursionError):
        return failure(None, PARSE_ERROR)
    if not isinstance(call, dict) or call.get("jsonrpc") != "2.0" or not isinstance(call.get("method"), str):
        return failure(None, INVALID_REQUEST)
    reply = sum_of(call)
    return reply if "id" in call else None


def sum_of(call):
    id, params = call.get("id"), call.get("params")
    if call["method"] != "sum":
        return failure(id, METHOD_NOT_FOUND)
    if not isinstance(params, list) or not all(isinstance(number, (int, float)) for number in params):
        return failure(id, INVALID_PARAMS)
    return {"jsonrpc": "2.0", "id": id, "result": sum(params)}


def failure(id, error):
    code, message = error
    return {"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}}


# Handshakes that fail on purpose would each log a traceback.
logging.getLogger("aiohttp").setLevel(logging.CRITICAL)
app = web.Application()
app.router.add_get("/rpc", rpc)
# A graceful stop would wait for open connections, and a stopped target should be gone at once.
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None, handle_signals=False)
