// What every prober promises, whatever carries its packets. Each implementation's own test file calls this suite.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { UsageError } from '../../../src/model/errors.js';
import type { Prober, RunOptions } from '../../../src/model/path.js';
import type { Pattern, Sequence } from '../../../src/model/sequence.js';
import { isAnswered, TRACE_FLAG } from '../../../src/model/trace.js';
import type { Trace } from '../../../src/model/trace.js';
import { planCost, planSchedule } from '../../../src/sequencer/schedule.js';

/** `answering`: a healthy path. `silent`: the packets leave and nobody answers. */
export type ContractTarget = 'answering' | 'silent';

/** Opens a prober; what must outlive it is released with `context.after`. A string is why this machine cannot. */
export type MakeProber = (target: ContractTarget, context: TestContext) => Promise<Prober | string>;

const AMPLE = { maxPackets: 10_000, maxBytes: 10_000_000 };
const LINGER_NS = 300_000_000;
/** Fits every kind of probe and every Ethernet port. */
const SIZE_BYTES = 120;

const STEADY = sequenceOf({ kind: 'isochronous', count: 20, intervalNs: 1_000_000, sizeBytes: SIZE_BYTES });
const TRAINS = sequenceOf({
  kind: 'train',
  trains: 3,
  packetsPerTrain: 10,
  gapNs: 0,
  spacingNs: 5_000_000,
  sizeBytes: 1000,
});

export function describeProberContract(name: string, makeProber: MakeProber): void {
  /** One test over a freshly opened prober, closed afterwards. */
  function contract(promise: string, target: ContractTarget, check: (prober: Prober) => Promise<void>): void {
    test(promise, async (context) => {
      const prober = await makeProber(target, context);
      if (typeof prober === 'string') {
        context.skip(prober);
        return;
      }
      try {
        await check(prober);
      } finally {
        await prober.close();
      }
    });
  }

  describe(`${name} keeps the prober contract`, () => {
    contract('columns have one length and the rows of the schedule', 'answering', checkColumns);
    contract('a healthy path answers, with stamps, sizes and an order of arrival', 'answering', checkReplies);
    contract(
      'each row has the traffic class of the schedule, and the class of its reply where it is known',
      'answering',
      checkClasses,
    );
    contract('a far end that sends does what it is asked, one that does not says so', 'answering', checkFarPattern);
    contract('both flows of a schedule are answered', 'answering', checkFlows);
    contract('a packet leaves at its planned instant or later, in order', 'answering', checkInstants);
    contract('the cost told beforehand is what was sent', 'answering', checkCost);
    contract('what the budget does not cover is refused before the first packet', 'answering', checkBudgetRefusal);
    contract('a silent target is a trace of losses, not an error', 'silent', checkLosses);
    contract('a second run works, and its clock goes on', 'answering', checkSecondRun);
    contract('progress grows to the number of packets', 'answering', checkProgress);
    contract('a signal that is aborted beforehand sends nothing', 'answering', checkAbortBefore);
    contract('a signal aborted in the run stops the sending and keeps what is known', 'answering', checkAbortWithin);
    contract('closing twice is closing once', 'answering', async (prober) => {
      await prober.run(STEADY, runOptions());
      await prober.close();
      await prober.close();
    });
  });
}

function sequenceOf(pattern: Pattern): Sequence {
  return { id: 'contract', pattern, dscp: 0, dontFragment: true, lingerNs: LINGER_NS };
}

function runOptions(options: Partial<RunOptions> = {}): RunOptions {
  return { signal: new AbortController().signal, budget: AMPLE, ...options };
}

async function checkColumns(prober: Prober): Promise<void> {
  const schedule = planSchedule(TRAINS);
  const trace = await prober.run(TRAINS, runOptions());
  assert.equal(trace.sequenceId, 'contract');
  assert.equal(trace.count, schedule.count);
  assert.deepEqual([...trace.sizeBytes], [...schedule.sizeBytes]);
  assert.deepEqual([...trace.burst], [...schedule.burst]);
  assert.deepEqual([...trace.position], [...schedule.position]);
  assert.deepEqual([...trace.plannedOffsetNs], [...schedule.offsetNs]);
  for (const [column, values] of Object.entries(trace) as [string, unknown][]) {
    if (ArrayBuffer.isView(values)) assert.equal((values as Uint8Array).length, trace.count, column);
  }
  assert.equal(trace.interrupted, false);
  checkRows(trace);
}

/** What holds in every row of every trace. */
function checkRows(trace: Trace): void {
  for (let i = 0; i < trace.count; i += 1) {
    const flags = trace.flags[i] ?? 0;
    const sent = (flags & TRACE_FLAG.sent) !== 0;
    const answered = isAnswered(trace, i);
    const noTxStamp = (flags & TRACE_FLAG.noTxStamp) !== 0;
    const noRxStamp = (flags & TRACE_FLAG.noRxStamp) !== 0;
    const farStamps = (flags & TRACE_FLAG.farStamps) !== 0;
    assert.ok(!answered || sent, `row ${i} was answered but not sent`);
    assert.ok(!(sent && (flags & TRACE_FLAG.canceled) !== 0), `row ${i} was sent and canceled`);
    assert.equal(!Number.isNaN(trace.txOffsetNs[i]), sent && !noTxStamp, `T1 of row ${i}`);
    if (!answered) assert.ok(Number.isNaN(trace.rxOffsetNs[i]), `T4 of lost row ${i}`);
    else assert.equal(!Number.isNaN(trace.rxOffsetNs[i]), !noRxStamp, `T4 of row ${i}`);
    // The last reply of a session has a T2 and no T3: the reply behind it would have told.
    if (farStamps) assert.ok(!Number.isNaN(trace.farRxOffsetNs[i]), `T2 of row ${i}`);
    if (!answered) assert.ok(Number.isNaN(trace.farRxOffsetNs[i]), `T2 of lost row ${i}`);
    assert.equal(!Number.isNaN(trace.farTxOffsetNs[i]), farStamps, `T3 of row ${i}`);
    assert.equal((trace.arrival[i] ?? -1) >= 0, answered, `arrival of row ${i}`);
    assert.equal((trace.replySizeBytes[i] ?? 0) > 0, answered, `reply size of row ${i}`);
  }
  assert.deepEqual(
    [...trace.arrival].filter((order) => order >= 0).toSorted((a, b) => a - b),
    [...Array(countAnswered(trace)).keys()],
  );
}

async function checkReplies(prober: Prober): Promise<void> {
  const trace = await prober.run(STEADY, runOptions());
  checkRows(trace);
  assert.equal(countAnswered(trace), trace.count);
  const { replySize } = prober.path;
  for (let i = 0; i < trace.count; i += 1) {
    const rttNs = (trace.rxOffsetNs[i] ?? NaN) - (trace.txOffsetNs[i] ?? NaN);
    assert.ok(rttNs > 0 && rttNs <= LINGER_NS, `row ${i}: round trip of ${rttNs} ns`);
    if (replySize === 'same') assert.equal(trace.replySizeBytes[i], trace.sizeBytes[i]);
    // One packet a millisecond on a path shorter than that: none can overtake.
    assert.equal(trace.arrival[i], i);
  }
}

async function checkClasses(prober: Prober): Promise<void> {
  const trafficClasses = [0, 0b001010_00, 0b101110_00];
  const sequence = sequenceOf({
    kind: 'class-sweep',
    trafficClasses,
    repeats: 3,
    intervalNs: 1_000_000,
    sizeBytes: SIZE_BYTES,
    seed: 7,
  });
  const trace = await prober.run(sequence, runOptions());
  checkRows(trace);
  assert.equal(countAnswered(trace), trace.count);
  assert.deepEqual([...trace.trafficClass], [...planSchedule(sequence).trafficClass]);
  // A healthy path changes no mark, and what answers on it keeps the request's.
  for (const column of [trace.farTrafficClass, trace.replyTrafficClass]) {
    for (const [row, value] of column.entries()) {
      assert.ok(value === -1 || value === trace.trafficClass[row], `class ${value} in row ${row}`);
    }
  }
  if (trace.stamps.far !== null) assert.ok(trace.replyTrafficClass.every((value) => value >= 0));
}

async function checkFarPattern(prober: Prober): Promise<void> {
  const farPattern: Pattern = {
    kind: 'train',
    trains: 2,
    packetsPerTrain: 8,
    gapNs: 0,
    spacingNs: 5_000_000,
    sizeBytes: 1000,
  };
  const sequence = { ...STEADY, farPattern };
  const { farSends } = prober.path;
  const { farTrain, cost, ...trace } = await prober.run(sequence, runOptions());
  assert.equal(countAnswered({ farTrain, cost, ...trace }), trace.count);
  assert.equal(farTrain !== null, farSends);
  if (farTrain === null) return;
  // To ask takes packets of its own: a few, whatever the train.
  const asking = { packets: cost.packets - planCost(sequence).packets, bytes: cost.bytes - planCost(sequence).bytes };
  assert.ok(asking.packets >= 0 && asking.packets <= 10, `${asking.packets} packets to ask`);
  assert.ok(asking.bytes >= 0 && asking.bytes <= 200 * asking.packets, `${asking.bytes} bytes to ask`);
  const planned = planSchedule({ ...sequence, pattern: farPattern });
  assert.deepEqual([...farTrain.sizeBytes], [...planned.sizeBytes]);
  assert.deepEqual([...farTrain.burst], [...planned.burst]);
  assert.deepEqual([...farTrain.position], [...planned.position]);
  assert.deepEqual([...farTrain.plannedOffsetNs], [...planned.offsetNs]);
  for (const [row, rxNs] of farTrain.rxOffsetNs.entries()) {
    assert.equal(farTrain.isSent[row], 1);
    assert.ok(rxNs > 0 && rxNs <= LINGER_NS, `far row ${row} came at ${rxNs} ns`);
    // The first train and the second are 5 ms apart on either clock.
    const sinceFirstNs = (farTrain.farTxOffsetNs[row] ?? NaN) - (farTrain.farTxOffsetNs[0] ?? NaN);
    assert.ok(sinceFirstNs >= (planned.offsetNs[row] ?? NaN) - 100_000, `far row ${row} left after ${sinceFirstNs} ns`);
  }
}

async function checkFlows(prober: Prober): Promise<void> {
  const load = { durationNs: 50_000_000, loadGapNs: 2_000_000, loadSizeBytes: 200 };
  const sequence = sequenceOf({
    kind: 'probed-load',
    ...load,
    probeIntervalNs: 10_000_000,
    probeSizeBytes: SIZE_BYTES,
  });
  const trace = await prober.run(sequence, runOptions());
  checkRows(trace);
  assert.deepEqual([...trace.flow], [...planSchedule(sequence).flow]);
  assert.equal(new Set(trace.flow).size, 2);
  assert.equal(countAnswered(trace), trace.count);
}

async function checkInstants(prober: Prober): Promise<void> {
  const trace = await prober.run(STEADY, runOptions());
  // Stamps are noisy: the bound is far above any stamp noise and far below the interval.
  const noiseNs = 100_000;
  for (let i = 0; i < trace.count; i += 1) {
    const sentNs = trace.txOffsetNs[i] ?? NaN;
    assert.ok(sentNs >= (trace.plannedOffsetNs[i] ?? NaN) - noiseNs, `row ${i} left at ${sentNs} ns`);
    if (i > 0) assert.ok(sentNs > (trace.txOffsetNs[i - 1] ?? NaN), `row ${i} left before row ${i - 1}`);
  }
}

async function checkCost(prober: Prober): Promise<void> {
  for (const sequence of [STEADY, TRAINS]) {
    const { cost } = await prober.run(sequence, runOptions());
    assert.deepEqual({ packets: cost.packets, bytes: cost.bytes }, planCost(sequence));
  }
}

async function checkBudgetRefusal(prober: Prober): Promise<void> {
  const { packets, bytes } = planCost(STEADY);
  const progress: unknown[] = [];
  const onProgress = (step: unknown) => progress.push(step);
  for (const budget of [
    { maxPackets: packets - 1, maxBytes: bytes },
    { maxPackets: packets, maxBytes: bytes - 1 },
  ]) {
    await assert.rejects(prober.run(STEADY, runOptions({ budget, onProgress })), UsageError);
  }
  assert.deepEqual(progress, []);
  const exact = await prober.run(STEADY, runOptions({ budget: { maxPackets: packets, maxBytes: bytes } }));
  assert.equal(exact.cost.packets, packets);
}

async function checkLosses(prober: Prober): Promise<void> {
  const trace = await prober.run(STEADY, runOptions());
  checkRows(trace);
  assert.equal(countAnswered(trace), 0);
  assert.equal(trace.interrupted, false);
  for (const flags of trace.flags) assert.notEqual(flags & (TRACE_FLAG.sent | TRACE_FLAG.noNeighbour), 0);
}

async function checkSecondRun(prober: Prober): Promise<void> {
  const first = await prober.run(STEADY, runOptions());
  const second = await prober.run(TRAINS, runOptions());
  checkRows(second);
  assert.equal(countAnswered(second), second.count);
  assert.ok(second.baseNs > first.baseNs);
}

async function checkProgress(prober: Prober): Promise<void> {
  const steps: number[] = [];
  await prober.run(
    STEADY,
    runOptions({
      onProgress({ sent, total }) {
        assert.equal(total, 20);
        steps.push(sent);
      },
    }),
  );
  assert.deepEqual(
    steps,
    steps.toSorted((a, b) => a - b),
  );
  assert.equal(steps.at(-1), 20);
}

async function checkAbortBefore(prober: Prober): Promise<void> {
  const trace = await prober.run(STEADY, runOptions({ signal: AbortSignal.abort() }));
  checkRows(trace);
  assert.equal(trace.interrupted, true);
  assert.deepEqual({ ...trace.cost }, { packets: 0, bytes: 0 });
  for (const flags of trace.flags) assert.equal(flags, TRACE_FLAG.canceled);
}

async function checkAbortWithin(prober: Prober): Promise<void> {
  const long = sequenceOf({ kind: 'isochronous', count: 2_000, intervalNs: 2_000_000, sizeBytes: SIZE_BYTES });
  const controller = new AbortController();
  const onProgress = ({ sent }: { sent: number }) => {
    if (sent > 0) controller.abort();
  };
  const trace = await prober.run(long, runOptions({ signal: controller.signal, onProgress }));
  checkRows(trace);
  assert.equal(trace.interrupted, true);
  const sent = trace.flags.filter((flags) => (flags & TRACE_FLAG.sent) !== 0).length;
  const canceled = trace.flags.filter((flags) => (flags & TRACE_FLAG.canceled) !== 0).length;
  assert.ok(sent > 0 && canceled > 0, `${sent} sent, ${canceled} canceled`);
  assert.equal(trace.cost.packets, sent);
  // Whatever was canceled comes after whatever was sent.
  assert.equal((trace.flags[sent - 1] ?? 0) & TRACE_FLAG.canceled, 0);
  const next = await prober.run(STEADY, runOptions());
  assert.equal(next.interrupted, false);
}

function countAnswered(trace: Trace): number {
  let answered = 0;
  for (let i = 0; i < trace.count; i += 1) if (isAnswered(trace, i)) answered += 1;
  return answered;
}
