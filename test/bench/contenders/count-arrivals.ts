// Reads a port's counter of received packets every 10 ms until stdin ends, then prints [ns, packets] pairs as JSON. It looks
// at all contenders in the same way, and none has to be believed.
import { openSync, readSync } from 'node:fs';

const [port = ''] = process.argv.slice(2);
const SAMPLE_MS = 10;

const counter = openSync(`/sys/class/net/${port}/statistics/rx_packets`, 'r');
const text = Buffer.alloc(32);
const samples: [number, number][] = [];
const started = process.hrtime.bigint();

function sample(): void {
  const length = readSync(counter, text, 0, text.length, 0);
  samples.push([Number(process.hrtime.bigint() - started), Number(text.toString('latin1', 0, length))]);
}

sample();
process.stdout.write('ready\n');
const timer = setInterval(sample, SAMPLE_MS);
process.stdin.resume().on('end', () => {
  clearInterval(timer);
  sample();
  process.stdout.write(`${JSON.stringify(samples)}\n`);
});
