// Drives itself through the control paths as the tests of ws do: no waiting for the answer to /updateReports.
const WebSocket = require("ws");

const [server, agent] = process.argv.slice(2);
let currentTest = 1;
let testCount;

function nextTest() {
  if (currentTest > testCount) {
    new WebSocket(`${server}/updateReports?agent=${agent}`);
    return;
  }
  console.log(`Running test case ${currentTest}/${testCount}`);
  const ws = new WebSocket(`${server}/runCase?case=${currentTest}&agent=${agent}`);
  ws.on("message", (data, isBinary) => ws.send(data, { binary: isBinary }));
  ws.on("close", () => {
    currentTest++;
    process.nextTick(nextTest);
  });
  ws.on("error", (error) => console.error(error.message));
}

const ws = new WebSocket(`${server}/getCaseCount`);
ws.on("message", (data) => {
  testCount = parseInt(data);
});
ws.on("close", () => {
  if (testCount > 0) nextTest();
});
