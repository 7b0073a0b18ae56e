// A STAMP reflector on udp/3237 that a path's defects are played on: it answers late, several times, or in another order.
// Arguments: delay in ms, copies of each reply, replies to gather and send in reverse (1: in order). Prints "ready".
import { createSocket } from 'node:dgram';
import { encodeStampReflector, parseStampSender } from '../../../src/packet/stamp.js';

const [delayMs = 0, copies = 1, gather = 1] = process.argv.slice(2).map(Number);
const socket = createSocket('udp4');
let sequence = 0;
const gathered: (() => void)[] = [];
const PAUSE_MS = 50;
let pause: NodeJS.Timeout | undefined;

socket.on('message', (message, peer) => {
  const probe = parseStampSender(message);
  const reply = encodeStampReflector({
    ...probe,
    sequence,
    timestampNs: null,
    receiveTimestampNs: null,
    senderSequence: probe.sequence,
    senderTimestampNs: probe.timestampNs,
    senderErrorEstimate: probe.errorEstimate,
    senderTtl: 64,
  });
  sequence += 1;
  const answer = (): void => {
    for (let copy = 0; copy < copies; copy++) socket.send(reply, peer.port, peer.address);
  };
  gathered.push(() => setTimeout(answer, delayMs));
  // What is left over when the sender pauses leaves, too.
  clearTimeout(pause);
  if (gathered.length < gather) pause = setTimeout(release, PAUSE_MS);
  else release();
});

function release(): void {
  for (const start of gathered.splice(0).reverse()) start();
}

socket.bind(3237, () => process.stdout.write('ready\n'));
