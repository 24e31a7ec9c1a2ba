"""Drives itself through the control paths as the compliance tests of websocket-client do: it blocks, and checks UTF-8 itself."""

import json
import sys

import websocket

SERVER, AGENT = sys.argv[1:]


def run_case(case):
    connection = websocket.create_connection(f"{SERVER}/runCase?case={case}&agent={AGENT}")
    status = websocket.STATUS_NORMAL
    try:
        while True:
            opcode, message = connection.recv_data()
            if opcode == websocket.ABNF.OPCODE_TEXT:
                message.decode("utf-8")
            if opcode in (websocket.ABNF.OPCODE_TEXT, websocket.ABNF.OPCODE_BINARY):
                connection.send(message, opcode)
    except UnicodeDecodeError:
        status = websocket.STATUS_INVALID_PAYLOAD
    except websocket.WebSocketProtocolException:
        status = websocket.STATUS_PROTOCOL_ERROR
    except websocket.WebSocketPayloadException:
        status = websocket.STATUS_INVALID_PAYLOAD
    except Exception as fault:
        print(f"case {case}: {fault}", file=sys.stderr)
    finally:
        connection.close(status)


connection = websocket.create_connection(f"{SERVER}/getCaseCount")
count = json.loads(connection.recv())
connection.close()
for case in range(1, count + 1):
    run_case(case)
connection = websocket.create_connection(f"{SERVER}/updateReports?agent={AGENT}")
connection.close()
