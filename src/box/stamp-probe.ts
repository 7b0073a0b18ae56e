// One STAMP packet to a UDP port and what comes back. For presence only: nothing is timed here.
import { createSocket } from 'node:dgram';
import { randomInt } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { ProtocolError } from '../model/errors.js';
import { encodeStampSender, parseStampReflector } from '../packet/stamp.js';

/** `foreign`: something answers that is no reflector. `closed`: the machine says that nobody listens (ICMP). */
export type StampAnswer = 'reflected' | 'foreign' | 'closed' | 'silent';

const MAX_UINT32 = 2 ** 32 - 1;
const NS_PER_MS = 1_000_000n;

export function sendStampProbe(address: string, port: number, timeoutMs: number): Promise<StampAnswer> {
  const sequence = randomInt(MAX_UINT32);
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address.split('%')[0] ?? '') ? 'udp6' : 'udp4');
    const timer = setTimeout(() => end('silent'), timeoutMs);
    let ended = false;
    const end = (answer: StampAnswer): void => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      socket.close();
      resolve(answer);
    };
    // Both the callback of send and the event can bring one refusal: the listener stays, the first answer counts.
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code === 'ECONNREFUSED' ? 'closed' : 'silent'));
    socket.once('message', (bytes) => end(judgeAnswer(bytes, sequence)));
    // A connected socket takes only this peer's packets and hears its ICMP messages.
    socket.connect(port, address, () => socket.send(composeProbe(sequence)));
  });
}

function composeProbe(sequence: number): Uint8Array {
  return encodeStampSender({
    sequence,
    timestampNs: BigInt(Date.now()) * NS_PER_MS,
    errorEstimate: { synchronized: false, format: 'ntp', scale: 0, multiplier: 1 },
    ssid: 0,
    hmac: null,
    tlvs: [],
    rest: new Uint8Array(),
  });
}

function judgeAnswer(bytes: Uint8Array, sequence: number): StampAnswer {
  try {
    return parseStampReflector(bytes).senderSequence === sequence ? 'reflected' : 'foreign';
  } catch (error) {
    if (error instanceof ProtocolError) return 'foreign';
    throw error;
  }
}
