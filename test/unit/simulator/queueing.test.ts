// Fair queues and slotted links: who waits for whom, and how long.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pattern, Schedule } from '../../../src/model/sequence.js';
import type { Trace } from '../../../src/model/trace.js';
import { planSchedule } from '../../../src/sequencer/schedule.js';
import type { HopModel } from '../../../src/simulator/path-model.js';
import { createSimulation, simulateTrace } from '../../../src/simulator/simulation.js';
import { buildBarePath, INSTANT_HOP, mapOfAnswers, sequenceOf, simulate, trainOf } from './bare-path.js';

const SLOW: HopModel = { rateBitsPerSec: 10e6, propagationNs: 0, queueBytes: 250_000 };
/** A frame of 1514 bytes at 10 Mb/s. */
const FRAME_NS = 1_211_200;
const PROBE_NS = 91_200;

const waitsNs = (trace: Trace, burst: number): number[] =>
  [...trace.burst.keys()]
    .filter((row) => trace.burst[row] === burst && (trace.arrival[row] ?? -1) >= 0)
    .map((row) => (trace.farRxOffsetNs[row] ?? NaN) - (trace.plannedOffsetNs[row] ?? NaN) - PROBE_NS);

function simulateFlows(hop: HopModel, pattern: Pattern, flowOf: (row: number, schedule: Schedule) => number): Trace {
  const sequence = sequenceOf(pattern);
  const schedule = planSchedule(sequence);
  for (let row = 0; row < schedule.count; row += 1) schedule.flow[row] = flowOf(row, schedule);
  return simulateTrace({ sequence, schedule, path: buildBarePath([INSTANT_HOP, hop]), seed: 1, startNs: 0 });
}

describe('a fair queue', () => {
  const fair: HopModel = { ...SLOW, queueing: 'fair' };
  /** 12 Mb/s of load on 10 Mb/s for two seconds. */
  const load: Pattern = {
    kind: 'probed-load',
    durationNs: 2e9,
    loadGapNs: 1_009_333,
    loadSizeBytes: 1500,
    probeIntervalNs: 10e6,
    probeSizeBytes: 100,
  };

  test('keeps the packets of another flow out of the load they would stand behind in one queue', () => {
    const path = (hop: HopModel) => buildBarePath([INSTANT_HOP, hop]);
    const inFifo = simulate(path(SLOW), load);
    const inFair = simulate(path(fair), load);
    // 20 % of 2 s stay behind, up to the queue's 200 ms: own and other probes wait alike in one queue.
    assert.ok(Math.max(...waitsNs(inFifo, 2)) > 150e6);
    assert.ok(Math.max(...waitsNs(inFair, 1)) > 150e6);
    // The frame in service, and a turn: a quantum and what was left of the one before, two frames.
    assert.ok(Math.max(...waitsNs(inFair, 2)) < 3 * FRAME_NS, `${Math.max(...waitsNs(inFair, 2))} ns`);
    const lostOf = (trace: Trace, burst: number): number =>
      trace.arrival.filter((order, row) => trace.burst[row] === burst && order < 0).length;
    assert.ok(lostOf(inFair, 0) > 0, 'the load overflows the queue');
    assert.equal(lostOf(inFair, 2), 0);
  });

  test('divides the link by bytes, not by packets', () => {
    // 40 frames of 1514 B and 200 of 314 B come at once: about as many bytes of each flow.
    const sizesBytes = [1500, 300, 300, 300, 300, 300];
    const trace = simulateFlows(
      { ...fair, queueBytes: 1e6 },
      { kind: 'mixed-burst', bursts: 40, sizesBytes, spacingNs: 0 },
      (row, schedule) => (schedule.sizeBytes[row] === 1500 ? 0 : 1),
    );
    const rows = [...trace.arrival.keys()].toSorted((a, b) => (trace.arrival[a] ?? NaN) - (trace.arrival[b] ?? NaN));
    let lead = 0;
    for (const row of rows.slice(0, 200)) {
      const bytes = (trace.sizeBytes[row] ?? 0) + 14;
      lead += trace.flow[row] === 0 ? bytes : -bytes;
      // Shreedhar and Varghese: two backlogged flows differ by less than a quantum and two frames.
      assert.ok(Math.abs(lead) <= 1_538 + 2 * 1_514, `a lead of ${lead} bytes`);
    }
    // Nothing of the link is wasted: 40 · 3084 bytes back to back.
    const lastNs = Math.max(...trace.farRxOffsetNs);
    assert.ok(Math.abs(lastNs - 40 * 3_084 * 800) < 1, `${lastNs} ns`);
  });

  test('is a plain queue for one flow', () => {
    const inFair = simulate(buildBarePath([INSTANT_HOP, { ...fair, queueBytes: 20_000 }]), trainOf(30, 1500));
    const inFifo = simulate(buildBarePath([INSTANT_HOP, { ...SLOW, queueBytes: 20_000 }]), trainOf(30, 1500));
    assert.deepEqual(inFair.farRxOffsetNs, inFifo.farRxOffsetNs);
    assert.equal(mapOfAnswers(inFair).lastIndexOf('1'), 13);
  });

  test('takes other traffic as one more flow, whose bursts then do not delay ours', () => {
    const crossTraffic = { kind: 'on-off', share: 0.5, peakShare: 4, meanOnNs: 50e6, periods: 'exponential' } as const;
    const bursty = { ...SLOW, queueBytes: 1e7, crossTraffic: { ...crossTraffic, sizeBytes: 1500 } };
    const probes = { kind: 'isochronous', count: 500, intervalNs: 20e6 + 137, sizeBytes: 100 } as const;
    const waits = (hop: HopModel): number[] =>
      Array.from(
        simulate(buildBarePath([INSTANT_HOP, hop]), probes, 4).farRxOffsetNs,
        (ns, row) => ns - row * (20e6 + 137) - PROBE_NS,
      );
    assert.ok(Math.max(...waits(bursty)) > 50e6);
    assert.ok(Math.max(...waits({ ...bursty, queueing: 'fair' })) < 3 * FRAME_NS);
  });
});

describe('a slotted link of 20 Mb/s in grants of 12.5 kB each 5 ms', () => {
  const slots = { periodNs: 5e6, grantBytes: 12_500 };
  const slotted: HopModel = { rateBitsPerSec: 1e9, propagationNs: 0, queueBytes: 1e7, slots };
  const path = buildBarePath([INSTANT_HOP, slotted]);

  test('keeps its rate over many slots, and lets a slot arrive together', () => {
    const { farRxOffsetNs } = simulate(path, trainOf(1_000, 1486), 2);
    const dispersionNs = (farRxOffsetNs[999] ?? NaN) - (farRxOffsetNs[0] ?? NaN);
    // 1000 frames of 1500 B are 120 grants, the first of them at the begin.
    assert.ok(Math.abs(dispersionNs - 119 * 5e6) < 1, `${dispersionNs} ns`);
    const gaps = Array.from(farRxOffsetNs.subarray(1), (ns, i) => ns - (farRxOffsetNs[i] ?? NaN));
    assert.ok(gaps.every((gap) => gap < 1 || Math.abs(gap - 5e6) < 1));
    // 12,500 B are 8 frames and a third: every third slot carries nine.
    assert.equal(gaps.filter((gap) => gap > 1).length, 119);
  });

  test('looks like no constant rate: a short train takes no time or a whole slot', () => {
    const rates = Array.from({ length: 40 }, (_, seed) => {
      const { farRxOffsetNs } = simulate(path, trainOf(5, 1486, 1e6), seed);
      return (farRxOffsetNs[4] ?? NaN) - (farRxOffsetNs[0] ?? NaN);
    });
    // Five packets over 4 ms meet a slot's begin in four of five cases.
    const together = rates.filter((ns) => ns < 1).length;
    assert.ok(together >= 1 && together <= 20, `${together} of 40, seeds 0-39`);
    assert.ok(rates.every((ns) => ns < 1 || Math.abs(ns - 5e6) < 1));
  });

  test('delays a lone packet by up to a period beside the air time of 100 us', () => {
    const probes = { kind: 'isochronous', count: 2_000, intervalNs: 7e6 + 1_371, sizeBytes: 100 } as const;
    const { farRxOffsetNs, plannedOffsetNs } = simulate(path, probes, 3);
    const delays = Array.from(farRxOffsetNs, (ns, row) => ns - (plannedOffsetNs[row] ?? NaN));
    assert.ok(Math.min(...delays) >= 100_000 && Math.min(...delays) < 130_000);
    assert.ok(Math.max(...delays) <= 5_100_001 && Math.max(...delays) > 5_070_000);
  });

  test('repeats a share of its slots, in order', () => {
    const repeating = { ...slotted, slots: { ...slots, retransmission: { ratio: 0.1, delayNs: 8e6 } } };
    const probes = { kind: 'isochronous', count: 4_000, intervalNs: 50e6, sizeBytes: 100 } as const;
    const { farRxOffsetNs, plannedOffsetNs } = simulate(buildBarePath([INSTANT_HOP, repeating]), probes, 5);
    const late = farRxOffsetNs.filter((ns, row) => ns - (plannedOffsetNs[row] ?? NaN) > 5_100_001).length;
    // Binomial: standard deviation 19.
    assert.ok(Math.abs(late - 400) < 86, `${late} of 4000, seed 5`);
    const train = simulate(buildBarePath([INSTANT_HOP, repeating]), trainOf(500, 1486), 5).farRxOffsetNs;
    assert.ok(train.every((ns, row) => row === 0 || ns >= (train[row - 1] ?? NaN)));
  });

  test('queues other traffic too: half of its rate leaves half', () => {
    const busy = { ...slotted, crossTraffic: { share: 0.5, sizeBytes: 1500 } };
    const simulation = createSimulation(buildBarePath([INSTANT_HOP, busy]), 6);
    const sequence = sequenceOf({ kind: 'poisson', count: 4_000, meanIntervalNs: 0.4e6, sizeBytes: 1486, seed: 1 });
    // 30 Mb/s of ours beside 10 Mb/s of theirs, in a queue of 4 s: what passes of ours is three quarters of 20 Mb/s.
    const { trace } = simulation.run({ sequence, schedule: planSchedule(sequence), startNs: 0 });
    const [first, last] = [trace.farRxOffsetNs[1_000] ?? NaN, trace.farRxOffsetNs[3_999] ?? NaN];
    const rate = (2_999 * 1_500 * 8e9) / (last - first);
    assert.ok(Math.abs(rate / 15e6 - 1) < 0.05, `${rate} b/s, seed 6`);
  });
});
