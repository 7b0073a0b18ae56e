// Sends UDP datagrams all at once or one by one, or echoes them: `echo ADDRESS`, or `send ADDRESS COUNT BYTES GAP_MS`, where BYTES
// is the IP length. Prints "ready", or what came back as JSON. Started by emulator.test.ts in a network namespace.
import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';

const PORT = 7007;
const HEADER_BYTES = 28;
/** For the copies of the last one. */
const SETTLE_MS = 300;
/** Without another echo, after the last was sent: far longer than any path here holds a packet, should the machine pause as well. */
const SILENCE_MS = 1500;

const [mode, address = '', ...figures] = process.argv.slice(2);
const socket = createSocket({ type: 'udp4', recvBufferSize: 4_000_000, sendBufferSize: 4_000_000 });

if (mode === 'echo') {
  socket.on('message', (message, { port, address: from }) => socket.send(message, port, from));
  socket.bind(PORT, address, () => process.stdout.write('ready\n'));
} else {
  const [count = 0, bytes = 0, gapMs = 0] = figures.map(Number);
  const seen = new Set<number>();
  let copies = 0;
  let heardAtMs = 0;
  socket.on('message', (message) => {
    heardAtMs = performance.now();
    const number = message.readUInt32BE(0);
    if (seen.has(number)) copies += 1;
    seen.add(number);
  });
  socket.connect(PORT, address, () => void run());
  const run = async (): Promise<void> => {
    for (let number = 0; number < count; number += 1) {
      const message = Buffer.alloc(bytes - HEADER_BYTES);
      message.writeUInt32BE(number, 0);
      socket.send(message);
      if (gapMs > 0) await sleep(gapMs);
    }
    const sentAtMs = performance.now();
    // Copies come after what they are copies of. Ends: at the latest that long after the last packet.
    do await sleep(SETTLE_MS);
    while (seen.size < count && performance.now() - Math.max(heardAtMs, sentAtMs) < SILENCE_MS);
    process.stdout.write(JSON.stringify({ lossPercent: 100 * (1 - seen.size / count), copies }));
    socket.close();
  };
}
