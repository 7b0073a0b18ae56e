// Whole paths with a shared link: what a probe at one end sees of collisions at the other.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Pattern } from '../../../src/model/sequence.js';
import { planSchedule } from '../../../src/sequencer/schedule.js';
import type { PathModel } from '../../../src/simulator/path-model.js';
import { createSimulation, simulateTrace } from '../../../src/simulator/simulation.js';
import { buildBarePath, INSTANT_HOP, mapOfAnswers, sequenceOf, simulate, trainOf } from './bare-path.js';
import { buildSharedPath } from './shared-paths.js';
import type { SharedPathOptions } from './shared-paths.js';

const SEEDS = Array.from({ length: 20 }, (_, seed) => seed);
const MISMATCHES: readonly SharedPathOptions[] = [
  { near: 'half', far: 'full' },
  { near: 'full', far: 'half' },
];

const lossRatioOf = (path: PathModel, pattern: Pattern): number => {
  const maps = SEEDS.map((seed) => mapOfAnswers(simulate(path, pattern, seed))).join('');
  return (maps.split('0').length - 1) / maps.length;
};

const paced = (sizeBytes: number): Pattern => ({ kind: 'isochronous', count: 100, intervalNs: 5e6, sizeBytes });
/** A burst whose replies meet the later requests: a reply takes 100 us there and back beside its own length. */
const twoWay = (sizeBytes: number, packetsPerBurst = 20): Pattern => trainOf(packetsPerBurst, sizeBytes, 125_000);

describe('a duplex mismatch in a path', () => {
  for (const options of MISMATCHES) {
    const path = buildSharedPath({ ...options, answeringNs: 100_000 });
    const name = `with the ${options.near === 'half' ? 'near' : 'far'} side half duplex`;

    test(`${name} spares what goes alone and loses large packets in two-way bursts`, () => {
      assert.equal(lossRatioOf(path, paced(1_500)), 0);
      const large = lossRatioOf(path, twoWay(1_500));
      const small = lossRatioOf(path, twoWay(100));
      assert.ok(large > 0.3, `${large} of large packets lost, seeds 0-19`);
      assert.ok(small < large / 4, `${small} of small packets lost, seeds 0-19`);
    });

    test(`${name} spares fragments, which are answered after the last of them`, () => {
      const sequence = sequenceOf({ kind: 'isochronous', count: 50, intervalNs: 20e6, sizeBytes: 20_000 }, false);
      const link = { mtu: { bytes: 1_500, sendsMessage: true } };
      const [port, shared, wan] = path.forward;
      assert.ok(port && shared && wan);
      const hop = { ...shared, ...link };
      const fragmenting = { ...path, forward: [port, hop, wan], reverse: [wan, hop, port] };
      const trace = simulateTrace({
        sequence,
        schedule: planSchedule(sequence),
        path: fragmenting,
        seed: 1,
        startNs: 0,
      });
      assert.equal(mapOfAnswers(trace), '1'.repeat(50));
      // 13 full frames and one of 760 B + 38 B, the gap counted between them and not behind the last; there and back.
      const wireNs = ((13 * 1_538 + (20_000 - 13 * 1_480) + 38) * 8 - 96) * 10;
      assert.ok(
        Math.abs((trace.rxOffsetNs[0] ?? NaN) - (2 * (wireNs + 500) + 100_000)) < 1,
        `${trace.rxOffsetNs[0]} ns`,
      );
    });
  }

  test('loses nothing where it is none', () => {
    for (const duplex of ['half', 'full'] as const) {
      const path = buildSharedPath({ near: duplex, far: duplex, answeringNs: 100_000 });
      for (const pattern of [paced(1_500), twoWay(1_500), twoWay(100), twoWay(1_500, 60)]) {
        assert.equal(lossRatioOf(path, pattern), 0, `${duplex}, ${JSON.stringify(pattern)}`);
      }
    }
  });

  test('tends to spare the last reply, as nothing follows that it could meet', () => {
    const path = buildSharedPath({ near: 'full', far: 'half', answeringNs: 100_000 });
    const maps = Array.from({ length: 200 }, (_, seed) => mapOfAnswers(simulate(path, twoWay(1_500, 21), seed)));
    const shareOf = (position: number): number => maps.filter((map) => map[position] === '1').length / maps.length;
    // Standard deviation of each 0.035.
    assert.ok(shareOf(20) > shareOf(10) + 0.15, `${shareOf(20)} of the last, ${shareOf(10)} of the tenth, seeds 0-199`);
  });
});

describe('both sides full duplex', () => {
  test('give the instants of two links of their own', () => {
    const link = { rateBitsPerSec: 100e6, propagationNs: 500, queueBytes: 1e6, overheadBytes: 38 };
    const separate = buildBarePath([INSTANT_HOP, link, INSTANT_HOP], [INSTANT_HOP, link, INSTANT_HOP], {
      kind: 'echo',
      processing: { floorNs: 70_000, meanExtraNs: 0 },
    });
    const shared = buildSharedPath({ near: 'full', far: 'full', answeringNs: 70_000 });
    const [a, b] = [simulate(separate, trainOf(30, 800)), simulate(shared, trainOf(30, 800))];
    assert.deepEqual(a.arrival, b.arrival);
    for (const [row, ns] of a.rxOffsetNs.entries()) {
      // An ordinary hop counts the gap of 960 ns as a part of the frame, at each of the two crossings.
      const offNs = ns - (b.rxOffsetNs[row] ?? NaN);
      assert.ok(Math.abs(offNs - 2 * 960) < 1, `row ${row}: ${offNs} ns`);
    }
  });
});

test('fair queues behind a shared link are as fair as elsewhere', () => {
  const narrow = { rateBitsPerSec: 10e6, propagationNs: 0, queueBytes: 1e6, queueing: 'fair' } as const;
  const load = {
    kind: 'probed-load',
    durationNs: 100e6,
    loadGapNs: 600_000,
    loadSizeBytes: 1_500,
    probeIntervalNs: 5e6,
    probeSizeBytes: 100,
  } as const;
  for (const crossTraffic of [undefined, { share: 0.2, sizeBytes: 500 }]) {
    const wan = { ...narrow, ...(crossTraffic && { crossTraffic }) };
    const link = { ...INSTANT_HOP, overheadBytes: 38, rateBitsPerSec: 100e6 };
    const far = { kind: 'echo', processing: { floorNs: 0, meanExtraNs: 0 } } as const;
    const apart = simulate(buildBarePath([INSTANT_HOP, link, wan], [INSTANT_HOP, link, INSTANT_HOP], far), load);
    const shared = buildSharedPath({ near: 'full', far: 'full', wan });
    const met = simulate({ ...shared, reverse: [INSTANT_HOP, ...shared.reverse.slice(1)] }, load);
    const delaysOf = (trace: typeof met, burst: number): number[] =>
      Array.from(trace.rxOffsetNs, (ns, row) => ns - (trace.txOffsetNs[row] ?? NaN)).filter(
        (_ns, row) => trace.burst[row] === burst,
      );
    // Twice what the link carries waits; the other flow is passed on after at most a frame of each other one.
    assert.ok(Math.max(...delaysOf(met, 0)) > 50e6);
    assert.ok(Math.max(...delaysOf(met, 2)) < 4.5e6, `${Math.max(...delaysOf(met, 2))} ns`);
    if (crossTraffic !== undefined) continue;
    // Gaps of 960 ns that an ordinary hop counts, and what they shift.
    for (const [i, ns] of delaysOf(met, 2).entries()) {
      assert.ok(Math.abs(ns - (delaysOf(apart, 2)[i] ?? NaN)) < 1_300_000, `probe ${i}: ${ns} ns`);
    }
  }
});

describe('a hub', () => {
  const hub = (share: number): PathModel =>
    buildSharedPath({ near: 'half', far: 'half', answeringNs: 100_000, others: { share, sizeBytes: 1_500 } });
  const delaysOf = (path: PathModel): number[] =>
    SEEDS.flatMap((seed) => {
      const trace = simulate(path, paced(1_500), seed);
      return Array.from(trace.rxOffsetNs, (ns, row) => ns - (trace.txOffsetNs[row] ?? NaN));
    }).toSorted((x, y) => x - y);

  test('makes packets wait for those of others, the more of them there are, and loses none', () => {
    const medians = [0.05, 0.3, 0.6].map((share) => delaysOf(hub(share)));
    for (const delays of medians) assert.ok(delays.every(Number.isFinite));
    const means = medians.map((delays) => delays.reduce((sum, ns) => sum + ns, 0) / delays.length);
    const alone = delaysOf(buildSharedPath({ near: 'half', far: 'half', answeringNs: 100_000 }))[0] ?? NaN;
    const [light = 0, medium = 0, heavy = 0] = means.map((ns) => ns - alone);
    // At 30 % a frame meets another in a third of cases, and then waits for half of it or collides: each way of 120 us.
    assert.ok(light > 2_000 && light < 20_000, `${light} ns at 5 %`);
    assert.ok(medium > 25_000 && medium < 120_000, `${medium} ns at 30 %`);
    assert.ok(heavy > 2 * medium, `${heavy} ns at 60 %`);
  });

  test('is as busy at the begin of the second run as in the middle of one', () => {
    const simulation = createSimulation(hub(0.5), 5);
    const sequence = sequenceOf({ kind: 'single', sizeBytes: 1_500 });
    const schedule = planSchedule(sequence);
    let startNs = 0;
    const delays: number[] = [];
    for (let run = 0; run < 800; run += 1) {
      const { trace, endNs } = simulation.run({ sequence, schedule, startNs });
      delays.push((trace.rxOffsetNs[0] ?? NaN) - (trace.txOffsetNs[0] ?? NaN));
      // Half of the pauses outlast the memory of the traffic.
      startNs = endNs + (run % 2 === 0 ? 1e6 : 1e9);
    }
    const meanOf = (values: readonly number[]): number => values.reduce((sum, ns) => sum + ns, 0) / values.length;
    const [afterShort, afterLong] = [1, 0].map((odd) => meanOf(delays.filter((_, run) => run % 2 === odd)));
    const steady = meanOf(delaysOf(hub(0.5)));
    // Standard deviation about 150 us, of a mean of 400: 7.5 us.
    for (const mean of [afterShort ?? NaN, afterLong ?? NaN]) {
      assert.ok(Math.abs(mean - steady) < 38_000, `${mean} ns, in one run ${steady} ns, seed 5`);
    }
  });
});

test('the probe behind its own shared port is told what its queue refuses, and what it lost later counts as sent', () => {
  const link = { rateBitsPerSec: 10e6, propagationNs: 500, queueBytes: 10 * 1_538, overheadBytes: 38 };
  const far = { kind: 'echo', processing: { floorNs: 2e6, meanExtraNs: 0 } } as const;
  const path: PathModel = {
    ...buildBarePath([link], [link], far),
    sharedLink: { forwardHop: 0, reverseHop: 0, near: 'half', far: 'full' },
  };
  const trace = simulate(path, trainOf(20, 1_500), 2);
  assert.equal(trace.cost.packets, 11);
  assert.match(mapOfAnswers(trace), /^[01]{11}0{9}$/);
  // Requests 2-11 meet the replies to those before them.
  assert.ok(mapOfAnswers(trace).slice(0, 11).includes('0'));
});

test('whatever stations share a link, runs end, replies come in order and never too early, and the same seed repeats them', () => {
  const duplex = fc.constantFrom<'half' | 'full'>('half', 'full');
  const others = fc.record({
    share: fc.double({ min: 0.01, max: 0.9, noNaN: true }),
    sizeBytes: fc.constantFrom(64, 1_500),
  });
  const options = fc.record({
    near: duplex,
    far: duplex,
    rateBitsPerSec: fc.constantFrom(10e6, 100e6),
    propagationNs: fc.integer({ min: 0, max: 200_000 }),
    queueBytes: fc.integer({ min: 1_600, max: 200_000 }),
    answeringNs: fc.integer({ min: 0, max: 300_000 }),
  });
  const pattern = fc.constantFrom(trainOf(40, 1_500), trainOf(60, 100), twoWay(1_500), paced(700));
  fc.assert(
    fc.property(options, fc.option(others), pattern, fc.nat(), (chosen, hub, sent, seed) => {
      const path = buildSharedPath({ ...chosen, ...(hub && { others: hub }) });
      const trace = simulate(path, sent, seed);
      assert.deepEqual(simulate(path, sent, seed), trace);
      const answered = [...trace.arrival.keys()].filter((row) => (trace.arrival[row] ?? -1) >= 0);
      for (const row of answered) {
        const tookNs = (trace.rxOffsetNs[row] ?? NaN) - (trace.txOffsetNs[row] ?? NaN);
        assert.ok(tookNs >= 2 * chosen.propagationNs + chosen.answeringNs, `row ${row} took ${tookNs} ns`);
      }
      const inOrder = answered.toSorted((a, b) => (trace.arrival[a] ?? 0) - (trace.arrival[b] ?? 0));
      const arrivals = inOrder.map((row) => trace.rxOffsetNs[row] ?? NaN);
      assert.ok(arrivals.every((ns, i) => i === 0 || ns >= (arrivals[i - 1] ?? NaN)));
    }),
    { numRuns: 60 },
  );
});
