// An MQTT broker for looking at what a checkout publishes: on loopback, for anybody on this machine, without a memory. Prints its
// address, and ends with the process that started it. On a box mosquitto does this.
'use strict';
const { createServer } = require('node:net');

const USUAL_PORT = 1883;
const LOOK_MS = 500;

async function main() {
  const { Aedes } = await import('aedes');
  const broker = await Aedes.createBroker();
  const server = createServer(broker.handle);
  const starter = process.ppid;
  // Whoever started it may have become another program, and that one may be killed.
  setInterval(() => process.ppid === starter || process.exit(0), LOOK_MS);
  // Ctrl-C is for who publishes, and says goodbye.
  process.on('SIGINT', () => undefined);
  server.on('error', (error) => {
    if (error.code !== 'EADDRINUSE') throw error;
    server.listen(0, '127.0.0.1');
  });
  server.on('listening', () => console.log(`mqtt://127.0.0.1:${server.address().port}`));
  server.listen(USUAL_PORT, '127.0.0.1');
}

void main();
