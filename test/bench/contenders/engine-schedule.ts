// Our engine as a contender of the send and pacing benches: one frame, again and again, at a fixed interval (0: as fast as it
// goes). Arguments: PORT FRAME-IN-HEX COUNT INTERVAL-NS. Prints counts and how late packets were handed over, as JSON.
import type { RunOptions, RunResult } from '../../../device/nic/native-port.js';
import { loadEngine } from '../../../device/nic/nic.js';
import { computeMean, computePercentile, sortAscending } from '../../../src/analysis/statistics/quantile.js';
import { encodeBpfNothing } from './receive-filter.js';

const [port = '', hex = '', count = '0', intervalNs = '0'] = process.argv.slice(2);

function planRun(frame: Uint8Array, packets: number, gapNs: number): RunOptions {
  return {
    arena: frame,
    frameOffset: new Uint32Array([0]),
    frameLength: new Uint32Array([frame.length]),
    frameIndex: new Uint32Array(packets),
    offsetNs: Float64Array.from({ length: packets }, (_, i) => i * gapNs),
    txStamping: 'none',
    timestampAt: -1,
    checksumAt: -1,
    lingerNs: 0,
    expectFrames: 0,
    graceNs: 0,
    quietNs: 0,
    leadNs: 5e6,
    // At full speed it would only keep the other threads of the same core waiting.
    realTime: gapNs > 0,
  };
}

function describeRun(result: RunResult): unknown {
  const late = sortAscending(result.tx.lateNs.filter((value) => !Number.isNaN(value)));
  return {
    sent: result.counters.sent,
    refused: result.counters.noBuffers + result.counters.sendFailures,
    meanLateNs: computeMean(late),
    p99LateNs: computePercentile(late, 0.99),
    maxLateNs: computePercentile(late, 1),
    realTime: result.realTime,
  };
}

const opened = loadEngine().openPort({
  port,
  sendLayer: 'link',
  filter: encodeBpfNothing(),
  snapBytes: 64,
  ringFrames: 1,
  hardwareStamps: false,
});
const frame = Uint8Array.from(Buffer.from(hex, 'hex'));
const result = await opened.run(planRun(frame, Number(count), Number(intervalNs)));
await opened.close();
process.stdout.write(`${JSON.stringify(describeRun(result))}\n`);
