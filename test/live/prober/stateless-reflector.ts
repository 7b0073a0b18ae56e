// A reflector of the simplest kind that RFC 8762 allows: stateless, it copies the sender's number, and knows no TLVs. It leaves
// every tenth request unanswered. Prints "ready", then answers on udp/862 until it is killed.
import { createSocket } from 'node:dgram';
import { encodeStampReflector, parseStampSender, STAMP_PORTS } from '../../../src/packet/stamp.js';

const EVERY = 10;
const TTL = 64;
const socket = createSocket('udp4');
let received = 0;

socket.on('message', (bytes, sender) => {
  const request = parseStampSender(Uint8Array.from(bytes));
  received += 1;
  if (received % EVERY === 0) return;
  const nowNs = BigInt(Date.now()) * 1_000_000n;
  const reply = encodeStampReflector({
    ...request,
    timestampNs: nowNs,
    receiveTimestampNs: nowNs,
    senderSequence: request.sequence,
    senderTimestampNs: request.timestampNs,
    senderErrorEstimate: request.errorEstimate,
    senderTtl: TTL,
  });
  socket.send(reply, sender.port, sender.address);
});
socket.bind(STAMP_PORTS[0], () => console.log('ready'));
