// Ticker on the npm package ws: server.cjs PORT.
// It sends a text message every 50 ms, the first one right behind the handshake, and takes no notice of what it is sent.
// CommonJS, because NODE_PATH (the packages live outside the source tree) is not consulted for ES modules.
'use strict';

const { WebSocketServer } = require('ws');

const PERIOD_MS = 50;

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(process.argv[2]),
  perMessageDeflate: false,
});

server.on('connection', (socket) => {
  let count = 0;
  const tick = () => {
    // From the peer's Close on, ws would report each further message as an error.
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify({ tick: count++ }));
  };
  tick();
  const timer = setInterval(tick, PERIOD_MS);
  socket.on('close', () => clearInterval(timer));
  // ws has already answered a protocol error with a Close when it reports it; unheard, it would end the process.
  socket.on('error', () => {});
});
