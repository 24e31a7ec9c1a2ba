// Echo server on the npm package ws: server.cjs PORT [deflate].
// CommonJS, because NODE_PATH (the packages live outside the source tree) is not consulted for ES modules.
'use strict';

const { WebSocketServer } = require('ws');

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(process.argv[2]),
  // Room for the largest message and the most fragments of any case, so that a limit never hides another answer.
  maxPayload: 64 * 1024 * 1024,
  maxFragments: 128 * 1024,
  // Short messages are compressed as well, so that each case meets the compressor.
  perMessageDeflate: process.argv[3] === 'deflate' && { threshold: 0 },
});

server.on('connection', (socket) => {
  // ws has already answered a protocol error with a Close when it reports it; unheard, it would end the process.
  socket.on('error', () => {});
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});
