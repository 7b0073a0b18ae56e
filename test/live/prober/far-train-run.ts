// One run with a train of the far end, inside a namespace; prints what came of it as a line of JSON.
// Arguments: address of the far end, its pattern as JSON, and after how many ms to cancel (0: never).
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pattern } from '../../../src/model/sequence.js';
import { openNative } from '../../../src/prober/native/open-native.js';

export interface FarTrainOutcome {
  readonly farSends: boolean;
  readonly interrupted: boolean;
  /** null where the far end sent none. */
  readonly train: {
    readonly burst: readonly number[];
    readonly plannedOffsetNs: readonly number[];
    readonly isSent: readonly number[];
    /** null for none. */
    readonly farTxOffsetNs: readonly (number | null)[];
    readonly rxOffsetNs: readonly (number | null)[];
  } | null;
}

const [target = '', pattern = '{}', cancelMs = '0'] = process.argv.slice(2);
const controller = new AbortController();
const prober = await openNative({ target, via: 'stamp' }, controller.signal);
process.stdout.write('open\n');
if (Number(cancelMs) > 0) void sleep(Number(cancelMs)).then(() => controller.abort());
const { farTrain, interrupted } = await prober.run(
  {
    id: 'far',
    pattern: { kind: 'single', sizeBytes: 100 },
    dscp: 0,
    dontFragment: true,
    lingerNs: 300_000_000,
    farPattern: JSON.parse(pattern) as Pattern,
  },
  { signal: controller.signal, budget: { maxPackets: 100_000, maxBytes: 100_000_000 } },
);
const outcome: FarTrainOutcome = {
  farSends: prober.path.farSends,
  interrupted,
  train: farTrain && {
    burst: [...farTrain.burst],
    plannedOffsetNs: [...farTrain.plannedOffsetNs],
    isSent: [...farTrain.isSent],
    // JSON has no NaN and writes null instead.
    farTxOffsetNs: [...farTrain.farTxOffsetNs],
    rxOffsetNs: [...farTrain.rxOffsetNs],
  },
};
process.stdout.write(`${JSON.stringify(outcome)}\n`);
await prober.close();
