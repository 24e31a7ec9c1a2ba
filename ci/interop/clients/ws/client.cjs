// An echo client on ws with the library's defaults: connects to the URL, sends back each message, and ends with its connection.
const WebSocket = require("ws");

const socket = new WebSocket(process.argv[2], { perMessageDeflate: process.argv[3] === "deflate" && { threshold: 0 } });
socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
socket.on("error", (error) => console.error(error.message));
