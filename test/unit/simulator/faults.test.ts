// Media that break frames, devices that count packets, targets that are busy or asleep, routes that change, stamps that are missing.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pattern } from '../../../src/model/sequence.js';
import { TRACE_FLAG } from '../../../src/model/trace.js';
import type { Trace } from '../../../src/model/trace.js';
import { planSchedule } from '../../../src/sequencer/schedule.js';
import { describeTruth } from '../../../src/simulator/path-truth.js';
import type { FarEndModel, HopModel, LossModel, PathModel, ProbeModel } from '../../../src/simulator/path-model.js';
import { createSimulation, simulateTrace } from '../../../src/simulator/simulation.js';
import { buildBarePath, INSTANT_HOP, mapOfAnswers, sequenceOf, simulate, trainOf } from './bare-path.js';

const steady = (count: number, sizeBytes: number, intervalNs = 1e6): Pattern => ({
  kind: 'isochronous',
  count,
  intervalNs,
  sizeBytes,
});
const lostIn = (trace: Trace): number => mapOfAnswers(trace).split('0').length - 1;
const withProbe = (path: PathModel, probe: Partial<ProbeModel>): PathModel => ({
  ...path,
  probe: { ...path.probe, ...probe },
});

describe('a medium that breaks frames', () => {
  const lossy = (loss: LossModel): HopModel => ({ ...INSTANT_HOP, rateBitsPerSec: 100e6, overheadBytes: 38, loss });

  test('by single bits loses 1 − (1 − BER)^(8 L) of them, short ones padded', () => {
    const bitErrorRatio = 1e-5;
    for (const [sizeBytes, checkedBytes] of [
      [28, 64],
      [300, 318],
      [1_500, 1_518],
    ] as const) {
      const path = buildBarePath([INSTANT_HOP, lossy({ kind: 'bit-errors', bitErrorRatio })]);
      const count = 30_000;
      const expected = 1 - (1 - bitErrorRatio) ** (8 * checkedBytes);
      const lost = lostIn(simulate(path, steady(count, sizeBytes), 31));
      const sd = Math.sqrt(count * expected * (1 - expected));
      assert.ok(
        Math.abs(lost - count * expected) < 4.5 * sd,
        `${lost} of ${sizeBytes} B, expected ${count * expected}`,
      );
    }
    const { forward } = describeTruth(buildBarePath([lossy({ kind: 'bit-errors', bitErrorRatio })]));
    assert.ok(Math.abs(forward.lossRatio - (1 - (1 - 1e-5) ** (8 * 1_518))) < 1e-12);
  });

  test('in bursts of noise loses whatever is on the link meanwhile', () => {
    const loss = { kind: 'noise-bursts', meanGapNs: 20e6, meanBurstNs: 1e6 } as const;
    const path = buildBarePath([INSTANT_HOP, lossy(loss)]);
    for (const [count, intervalNs] of [
      [2_000, 1e6],
      [400, 1.4e9],
    ] as const) {
      const losses = Array.from({ length: 40 }, (_, seed) =>
        lostIn(simulate(path, steady(count, 1_500, intervalNs), seed)),
      );
      const ratio = losses.reduce((sum, lost) => sum + lost, 0) / (40 * count);
      // Spared: 20/21 begin in a gap, of which exp(−123 us / 20 ms) are over in time.
      const expected = 1 - (20 / 21) * Math.exp(-123.04 / 20_000);
      assert.ok(Math.abs(ratio - expected) < 0.008, `${ratio} lost, expected ${expected}, seeds 0-39`);
    }
    const runs = mapOfAnswers(simulate(path, steady(20_000, 100, 100_000), 3)).match(/0+/g) ?? [];
    const mean = runs.reduce((sum, run) => sum + run.length, 0) / runs.length;
    // Bursts of 1 ms meet ten packets; those too short to meet one are not seen.
    assert.ok(mean > 7 && mean < 14, `runs of ${mean}, seed 3`);
  });

  test('right before the probe is counted by its port, and only there', () => {
    const loss = { kind: 'bit-errors', bitErrorRatio: 2e-5 } as const;
    const counting = (path: PathModel): PathModel => withProbe(path, { countsErrors: true });
    const here = createSimulation(counting(buildBarePath([INSTANT_HOP], [INSTANT_HOP, lossy(loss)])), 4);
    const sequence = sequenceOf(steady(500, 1_500));
    for (const startNs of [0, 10e9]) {
      const { trace } = here.run({ sequence, schedule: planSchedule(sequence), startNs });
      assert.ok(lostIn(trace) > 50);
      assert.equal(trace.portErrors?.fcsErrors, lostIn(trace));
    }
    const there = simulate(counting(buildBarePath([INSTANT_HOP], [lossy(loss), INSTANT_HOP])), steady(500, 1_500));
    assert.ok(lostIn(there) > 50);
    assert.equal(there.portErrors?.fcsErrors, 0);
    assert.equal(simulate(buildBarePath([INSTANT_HOP]), steady(5, 100)).portErrors, null);
  });
});

describe('a device of 10,000 packets a second', () => {
  const limited: HopModel = { ...INSTANT_HOP, packetLimit: { packetsPerSec: 10_000, queuePackets: 20 } };
  const path = buildBarePath([INSTANT_HOP, limited]);

  test('takes as long for a short packet as for a long one', () => {
    for (const sizeBytes of [60, 1_500]) {
      const trace = simulate(path, trainOf(10, sizeBytes));
      for (const [row, ns] of trace.farRxOffsetNs.entries()) assert.ok(Math.abs(ns - (row + 1) * 100_000) < 1);
    }
    const { capacityBitsPerSec, narrowLimit } = describeTruth(path).forward;
    assert.deepEqual([capacityBitsPerSec, narrowLimit], [10_000 * 1_514 * 8, 'packet-rate']);
  });

  test('drops the tail of what it has no room for, small or large', () => {
    for (const sizeBytes of [60, 1_500]) assert.equal(lostIn(simulate(path, trainOf(60, sizeBytes))), 39);
    assert.equal(lostIn(simulate(path, steady(500, 60, 101_000))), 0);
  });

  test('counts each fragment', () => {
    const mtu = { bytes: 1_500, sendsMessage: true };
    const sequence = sequenceOf({ kind: 'single', sizeBytes: 5_900 }, false);
    const fragmenting = buildBarePath([INSTANT_HOP, { ...limited, mtu }]);
    const trace = simulateTrace({ sequence, schedule: planSchedule(sequence), path: fragmenting, seed: 1, startNs: 0 });
    assert.ok(Math.abs((trace.farRxOffsetNs[0] ?? NaN) - 400_000) < 1);
  });
});

test('a switch passes fragments that fit it, and drops what is too long whatever may be done to it', () => {
  const router = { ...INSTANT_HOP, mtu: { bytes: 1_500, sendsMessage: true } };
  const through = (bytes: number): string => {
    const path = buildBarePath([router, { ...INSTANT_HOP, mtu: { bytes, sendsMessage: false, dropsWhole: true } }]);
    const sequence = sequenceOf({ kind: 'mixed-burst', bursts: 1, sizesBytes: [3_000, 1_400], spacingNs: 0 }, false);
    return mapOfAnswers(simulateTrace({ sequence, schedule: planSchedule(sequence), path, seed: 1, startNs: 0 }));
  };
  assert.deepEqual([1_500, 1_450, 1_300].map(through), ['11', '01', '00']);
});

test('a filter of fragments drops what came in several, and nothing else', () => {
  const mtu = { bytes: 1_500, sendsMessage: true };
  const path = buildBarePath([
    { ...INSTANT_HOP, mtu },
    { ...INSTANT_HOP, mtu, dropsFragments: true },
  ]);
  const sequence = sequenceOf({ kind: 'mixed-burst', bursts: 1, sizesBytes: [1_500, 3_000, 100], spacingNs: 0 }, false);
  const trace = simulateTrace({ sequence, schedule: planSchedule(sequence), path, seed: 1, startNs: 0 });
  assert.equal(mapOfAnswers(trace), '101');
  assert.deepEqual(trace.messages, []);
});

describe('a target', () => {
  const delaysOf = (far: Partial<Extract<FarEndModel, { kind: 'echo' }>>, pattern: Pattern, seed = 5): number[] => {
    const processing = { floorNs: 10_000, meanExtraNs: 0 };
    const trace = simulate(
      buildBarePath([INSTANT_HOP], [INSTANT_HOP], { kind: 'echo', processing, ...far }),
      pattern,
      seed,
    );
    return Array.from(trace.rxOffsetNs, (ns, row) => ns - (trace.txOffsetNs[row] ?? NaN));
  };

  test('that stalls answers a few late, some of them very late, and those behind them in order', () => {
    const delays = delaysOf({ stalls: { ratio: 0.05, meanNs: 2e6 } }, steady(4_000, 100, 100e6));
    const late = delays.filter((ns) => ns > 10_001);
    assert.ok(Math.abs(late.length - 200) < 62, `${late.length} of 4000 late, seed 5`);
    // Pareto of shape 1.5: half of them are below 1.59 of the shortest, which is about a third of the mean; a few are many times it.
    assert.ok(late.filter((ns) => ns < 2e6).length > 0.6 * late.length);
    assert.ok(Math.max(...late) > 10e6);
  });

  test('that sleeps answers when it wakes', () => {
    const delays = delaysOf({ sleep: { periodNs: 100e6, sleepNs: 40e6 } }, steady(2_000, 100, 7.3e6));
    const waited = delays.filter((ns) => ns > 10_001);
    assert.ok(Math.abs(waited.length / 2_000 - 0.4) < 0.02, `${waited.length} of 2000 waited, seed 5`);
    const longest = Math.max(...waited);
    assert.ok(longest > 38e6 && longest <= 40.1e6, `${longest} ns`);
  });
});

test('a route that changes moves delay and hop count from that instant on, each way by itself', () => {
  const change = { routeChange: { atNs: 50.5e6, extraDelayNs: 3e6, extraHops: 2 } };
  const hop = { ...INSTANT_HOP, propagationNs: 5e6 };
  const pattern = steady(100, 100);
  const back = simulate(buildBarePath([hop], [hop, { ...hop, ...change }]), pattern);
  for (const [row, ns] of back.rxOffsetNs.entries()) {
    const isAfter = (back.plannedOffsetNs[row] ?? NaN) + 15e6 >= 50.5e6;
    assert.ok(Math.abs(ns - (back.txOffsetNs[row] ?? NaN) - (isAfter ? 18e6 : 15e6)) < 1, `row ${row}`);
    assert.equal(back.replyTtl[row], isAfter ? 61 : 63);
  }
  const there = simulate(buildBarePath([hop, { ...hop, ...change }], [hop]), pattern);
  assert.ok(there.replyTtl.every((ttl) => ttl === 64));
  // A shorter way lets the first packets on it overtake the last ones on the longer.
  const shorter = { routeChange: { atNs: 50.5e6, extraDelayNs: -3.5e6, extraHops: -1 } };
  const overtaking = simulate(buildBarePath([hop], [hop, { ...hop, ...shorter }]), pattern);
  assert.equal(overtaking.arrival.filter((order, row) => order > row).length, 3);
});

test('a NIC with one register stamps what comes after it was read, and says so of the rest', () => {
  const stamps = { noiseNs: 0, granularityNs: 0, readoutNs: 25_000 };
  const path = withProbe(buildBarePath([INSTANT_HOP]), { txStamp: stamps });
  const trace = simulate(path, steady(9, 100, 10_000));
  const isStamped = Array.from(trace.txOffsetNs, (ns) => !Number.isNaN(ns));
  assert.deepEqual(isStamped, [true, false, false, true, false, false, true, false, false]);
  for (const [row, flags] of trace.flags.entries()) {
    assert.equal((flags & TRACE_FLAG.noTxStamp) === 0, isStamped[row], `row ${row}`);
    assert.ok((flags & TRACE_FLAG.answered) !== 0);
  }
  const receiving = simulate(withProbe(buildBarePath([INSTANT_HOP]), { rxStamp: stamps }), steady(4, 100, 10_000));
  assert.deepEqual([...receiving.rxOffsetNs].map(Number.isNaN), [false, true, true, false]);
  assert.ok(receiving.flags.every((flags, row) => ((flags & TRACE_FLAG.noRxStamp) !== 0) === (row === 1 || row === 2)));
});
