"""Echo server on the PyPI package uvicorn, an application without a framework: server.py PORT BACKEND.

BACKEND is one of uvicorn's: auto (which is websockets-sansio where websockets is installed), websockets (on the legacy
half of that package) or wsproto. They share the application and nothing of the protocol. Messages up to 64 MiB are taken.
"""

import sys

import uvicorn

LIMIT = 64 << 20


async def echo(scope, receive, send):
    if scope["type"] != "websocket":
        await send({"type": "http.response.start", "status": 404})
        await send({"type": "http.response.body"})
        return
    while True:
        event = await receive()
        if event["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
        elif event["type"] == "websocket.disconnect":
            return
        # Either key may be there with None as its value.
        elif event.get("text") is not None:
            await send({"type": "websocket.send", "text": event["text"]})
        else:
            await send({"type": "websocket.send", "bytes": event["bytes"]})


uvicorn.run(
    echo,
    host="127.0.0.1",
    port=int(sys.argv[1]),
    ws=sys.argv[2],
    ws_max_size=LIMIT,
    ws_per_message_deflate=False,
    lifespan="off",
    access_log=False,
    # Handshakes that fail on purpose would each log a traceback.
    log_level="critical",
)
