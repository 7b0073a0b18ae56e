// Sends frames as they are, once each, through a port of the namespace it runs in. Arguments: the port, then frames in hexadecimal
// digits. Ends by itself.
import { loadEngine } from '../../../device/nic/nic.js';
import { concatOctets } from '../../../src/packet/octets.js';

const [port = '', ...words] = process.argv.slice(2);
const frames = words.map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')));
const opened = loadEngine().openPort({
  port,
  sendLayer: 'link',
  // A filter that lets nothing in: BPF_RET of 0.
  filter: Uint8Array.of(0x06, 0, 0, 0, 0, 0, 0, 0),
  snapBytes: 64,
  ringFrames: 1,
  hardwareStamps: false,
});
let at = 0;
const frameOffset = Uint32Array.from(frames, ({ length }) => (at += length) - length);
await opened.run({
  arena: concatOctets(frames),
  frameOffset,
  frameLength: Uint32Array.from(frames, ({ length }) => length),
  frameIndex: Uint32Array.from(frames, (_, i) => i),
  offsetNs: new Float64Array(frames.length),
  txStamping: 'none',
  timestampAt: -1,
  checksumAt: -1,
  lingerNs: 0,
  expectFrames: 0,
  graceNs: 0,
  quietNs: 0,
  leadNs: 0,
  realTime: false,
});
await opened.close();
