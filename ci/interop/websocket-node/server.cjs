// Echo server on the npm package websocket (WebSocket-Node): server.cjs PORT.
// CommonJS, because NODE_PATH (the packages live outside the source tree) is not consulted for ES modules.
'use strict';

const http = require('http');
const { server: WebSocketServer } = require('websocket');

// Room for the largest message of any case, so that a limit never hides another answer.
const LIMIT = 64 * 1024 * 1024;

const httpServer = http.createServer((request, response) => {
  response.writeHead(404);
  response.end();
});
httpServer.listen(Number(process.argv[2]), '127.0.0.1');

const server = new WebSocketServer({
  httpServer,
  maxReceivedFrameSize: LIMIT,
  maxReceivedMessageSize: LIMIT,
});

server.on('request', (request) => {
  const connection = request.accept(null, request.origin);
  connection.on('message', (message) => {
    if (message.type === 'utf8') {
      connection.sendUTF(message.utf8Data);
    } else {
      connection.sendBytes(message.binaryData);
    }
  });
  // A reset by the peer; unheard, it would end the process.
  connection.on('error', () => {});
});
