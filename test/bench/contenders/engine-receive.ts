// Our engine as the receiver: keeps and stamps every bench frame until its stdin ends, then prints what it got as JSON.
// Arguments: PORT FRAMES, how many it must have room for. Prints "ready" when the port is open.
import { loadEngine } from '../../../device/nic/nic.js';
import { DISCARD_PORT } from '../bench-frame.js';
import { encodeBpfUdpTo } from './receive-filter.js';

const [port = '', frames = '0'] = process.argv.slice(2);
const LONGEST_NS = 60e9;
/** What was still on its way when stdin ended is read within this time. */
const SETTLE_MS = 300;

const opened = loadEngine().openPort({
  port,
  sendLayer: 'link',
  filter: encodeBpfUdpTo(DISCARD_PORT),
  snapBytes: 64,
  ringFrames: Number(frames),
  hardwareStamps: false,
});
const running = opened.run({
  arena: new Uint8Array(0),
  frameOffset: new Uint32Array(0),
  frameLength: new Uint32Array(0),
  frameIndex: new Uint32Array(0),
  offsetNs: new Float64Array(0),
  txStamping: 'none',
  timestampAt: -1,
  checksumAt: -1,
  lingerNs: LONGEST_NS,
  expectFrames: 0,
  graceNs: 0,
  quietNs: 0,
  leadNs: 0,
  realTime: true,
});
// The receiver's thread needs a moment to let the filter through.
setTimeout(() => process.stdout.write('ready\n'), SETTLE_MS);
process.stdin.resume().on('end', () => setTimeout(() => opened.cancel(), SETTLE_MS));
const result = await running;
await opened.close();
const stamped = result.rx.kernelNs.reduce((count, stamp) => count + (Number.isNaN(stamp) ? 0 : 1), 0);
const dropped = result.counters.socketDrops + result.counters.ringOverflows;
process.stdout.write(`${JSON.stringify({ received: result.rx.count, stamped, dropped })}\n`);
