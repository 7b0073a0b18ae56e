// Node's own UDP socket as a contender of the send bench. Arguments: ADDRESS PORT BYTES COUNT.
import { createSocket } from 'node:dgram';
import { promisify } from 'node:util';

const [address = '', port = '0', bytes = '0', count = '0'] = process.argv.slice(2);
/** Sends in flight: more only fill memory, fewer leave the loop idle. */
const IN_FLIGHT = 256;

const socket = createSocket('udp4');
const payload = Buffer.alloc(Number(bytes));
await promisify((done: () => void) => socket.connect(Number(port), address, done))();
let left = Number(count);

/** Ends when the count is used up. A refused packet counts as sent here; the far port's counter tells the truth. */
function sendNext(done: () => void): void {
  if (left <= 0) {
    done();
    return;
  }
  left -= 1;
  socket.send(payload, () => sendNext(done));
}

await Promise.all(Array.from({ length: IN_FLIGHT }, () => new Promise<void>((resolve) => sendNext(resolve))));
socket.close();
