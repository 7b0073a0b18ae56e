// Waits for a packet on a raw socket that nothing refers to but its own waiter, collects garbage, then sends itself one.
// Run with --expose-gc in a namespace with loopback. Prints "heard".
import { setTimeout as sleep } from 'node:timers/promises';
import { parseIpv4Address } from '../../../src/packet/address.js';
import { encodeProbe } from '../../../src/packet/probe-packet.js';
import { openRawSocket } from '../../../src/prober/route/raw-socket.js';

const HERE = parseIpv4Address('127.0.0.1');
const OPTIONS = { protocol: 1, version: 4, port: null } as const;

const heard = new Promise<string>((resolve) => {
  openRawSocket({ ...OPTIONS, onMessage: () => resolve('heard'), onError: (error) => resolve(error.message) });
});

async function sendOne(): Promise<void> {
  await sleep(50);
  globalThis.gc?.();
  await sleep(50);
  const sender = openRawSocket({ ...OPTIONS, onMessage: () => undefined, onError: () => undefined });
  const envelope = { link: null, source: HERE, destination: HERE, ttl: 1, trafficClass: 0, dontFragment: true };
  const tag = { runTag: 1, payloadIndex: 1 };
  const body = { kind: 'icmp', identifier: 1, sequence: 1, tag } as const;
  const { bytes } = encodeProbe({ ...envelope, ipId: 1, sizeBytes: 64 }, body);
  await sender.send(bytes, '127.0.0.1');
  sender.close();
}

void sendOne();
console.log(await heard);
process.exit(0);
