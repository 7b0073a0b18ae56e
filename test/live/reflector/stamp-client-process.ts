// A STAMP sender in a process of its own, for tests that start it in a network namespace.
// argv[2]: ClientOrder as JSON. Sends the requests one after the other, each when the one before was answered, and prints the
// answers as JSON. With `unanswered` it only sends.
import { STAMP_BYTES } from '../../../src/packet/stamp.js';
import { StampClient, makeRequest } from './stamp-client.js';

export interface ClientOrder {
  readonly from: string;
  readonly fromPort?: number;
  readonly to: string;
  readonly port: number;
  /** UDP payload lengths of the requests, 44 or more. */
  readonly lengths: readonly number[];
  readonly unanswered?: boolean;
}

export interface ClientAnswer {
  readonly from: string;
  readonly hex: string;
}

const order = JSON.parse(process.argv[2] ?? '{}') as ClientOrder;
const client = await StampClient.open(order.from, order.fromPort);
for (const [sequence, length] of order.lengths.entries()) {
  const request = makeRequest({ sequence, paddingBytes: length - STAMP_BYTES });
  if (order.unanswered) await client.send(request, order.port, order.to);
  else await client.ask(request, order.port, order.to);
}
const answers = client.answers.map(({ from, bytes }): ClientAnswer => ({
  from,
  hex: Buffer.from(bytes).toString('hex'),
}));
process.stdout.write(JSON.stringify(answers));
client.close();
