// What the simulator draws by chance, against the distributions it claims, over many seeds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pattern } from '../../../src/model/sequence.js';
import { planSchedule } from '../../../src/sequencer/schedule.js';
import type { HopModel, PathModel } from '../../../src/simulator/path-model.js';
import { findScenario } from '../../../src/simulator/scenarios.js';
import { createSimulation } from '../../../src/simulator/simulation.js';
import { buildBarePath, INSTANT_HOP, mapOfAnswers, sequenceOf, simulate } from './bare-path.js';

const SEEDS = Array.from({ length: 40 }, (_, i) => 1_000 + i);
const steady = (count: number, intervalNs = 1e6): Pattern => ({
  kind: 'isochronous',
  count,
  intervalNs,
  sizeBytes: 100,
});
const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

test('random loss lies within binomial bounds for every seed, and within tighter ones over all', () => {
  const path = buildBarePath([INSTANT_HOP, { ...INSTANT_HOP, loss: { kind: 'bernoulli', lossRatio: 0.03 } }]);
  const losses = SEEDS.map((seed) => countLosses(mapOfAnswers(simulate(path, steady(2_000), seed))));
  // 60 expected, standard deviation 7.63: 4.5 of them for one seed, 4 for the mean of 40.
  for (const [i, lost] of losses.entries()) assert.ok(Math.abs(lost - 60) < 34.4, `${lost} lost, seed ${SEEDS[i]}`);
  assert.ok(Math.abs(meanOf(losses) - 60) < 4.83, `mean ${meanOf(losses)} lost, seeds 1000-1039`);
});

test('Gilbert loss has the stationary ratio and the mean run of its two states', () => {
  const loss = { kind: 'gilbert', goodToBad: 0.01, badToGood: 0.25, goodLossRatio: 0, badLossRatio: 1 } as const;
  const path = buildBarePath([INSTANT_HOP, { ...INSTANT_HOP, loss }]);
  const maps = SEEDS.map((seed) => mapOfAnswers(simulate(path, steady(5_000), seed)));
  const runs = maps.flatMap((map) => map.match(/0+/g) ?? []).map((run) => run.length);
  // About 7,700 runs, geometric with mean 4 and standard deviation 3.46: five standard errors are 0.2.
  assert.ok(Math.abs(meanOf(runs) - 4) < 0.2, `mean run ${meanOf(runs)} of ${runs.length}, seeds 1000-1039`);
  // Standard deviation of the ratio over 200,000 packets: sqrt(p q (1 + c)/(1 − c)/n), c = 0.74, is 0.0011.
  const ratio = meanOf(maps.map(countLosses)) / 5_000;
  assert.ok(Math.abs(ratio - 0.01 / 0.26) < 0.0056, `loss ratio ${ratio}, seeds 1000-1039`);
});

test('cross traffic queues as an M/D/1 queue does', () => {
  const serviceNs = 121_120;
  const crossed: HopModel = {
    rateBitsPerSec: 100e6,
    propagationNs: 0,
    queueBytes: 1e9,
    crossTraffic: { share: 0.6, sizeBytes: 1500 },
  };
  // Interval of 83 services and no multiple of anything: samples are nearly independent.
  const waits = SEEDS.flatMap((seed) => {
    const trace = simulate(buildBarePath([INSTANT_HOP, crossed]), steady(500, 1e7 + 137), seed);
    return Array.from(trace.farRxOffsetNs, (ns, i) => ns - (trace.plannedOffsetNs[i] ?? NaN) - 9_120);
  });
  // Pollaczek-Khinchine: mean wait = ρ s / (2 (1 − ρ)) = 0.75 services; an idle link is met with 1 − ρ = 0.4.
  const meanServices = meanOf(waits) / serviceNs;
  assert.ok(Math.abs(meanServices - 0.75) < 0.05, `mean wait ${meanServices} services, seeds 1000-1039`);
  const idle = waits.filter((wait) => wait < 1).length / waits.length;
  assert.ok(Math.abs(idle - 0.4) < 0.02, `idle share ${idle}, seeds 1000-1039`);
});

test('jitter that keeps order reorders nothing, jitter that does not reorders about half of a tight stream', () => {
  const jittered = (keepsOrder: boolean): PathModel =>
    buildBarePath([INSTANT_HOP, { ...INSTANT_HOP, jitter: { meanNs: 1e6, keepsOrder } }]);
  const countInversions = (path: PathModel): number => {
    const { farRxOffsetNs } = simulate(path, steady(2_000, 1_000), 5);
    return farRxOffsetNs.filter((ns, i) => i > 0 && ns < (farRxOffsetNs[i - 1] ?? NaN)).length;
  };
  assert.equal(countInversions(jittered(true)), 0);
  const inversions = countInversions(jittered(false));
  assert.ok(inversions > 900 && inversions < 1_100, `${inversions} of 1999, seed 5`);
  const { arrival, rxOffsetNs } = simulate(jittered(false), steady(2_000, 1_000), 5);
  const inOrder = [...arrival.keys()].toSorted((a, b) => (arrival[a] ?? NaN) - (arrival[b] ?? NaN));
  assert.ok(inOrder.every((row, i) => i === 0 || (rxOffsetNs[row] ?? NaN) >= (rxOffsetNs[inOrder[i - 1] ?? 0] ?? NaN)));
});

test('stamps carry their noise and granularity and no bias', () => {
  const bare = buildBarePath([{ ...INSTANT_HOP, propagationNs: 5e6 }]);
  const path: PathModel = {
    ...bare,
    probe: {
      ...bare.probe,
      txStamp: { noiseNs: 3_000, granularityNs: 0 },
      rxStamp: { noiseNs: 4_000, granularityNs: 1_000 },
    },
  };
  const trace = simulate(path, steady(20_000), 6);
  assert.ok(trace.rxOffsetNs.every((ns) => ns % 1_000 === 0));
  const errors = Array.from(trace.rxOffsetNs, (ns, i) => ns - (trace.txOffsetNs[i] ?? NaN) - 5e6);
  const sd = Math.sqrt(meanOf(errors.map((error) => error * error)));
  // sqrt(3² + 4² + 1²/12) us = 5.008 us; five standard errors of the mean 177 ns, of the deviation 125 ns.
  assert.ok(Math.abs(meanOf(errors)) < 177, `bias ${meanOf(errors)} ns, seed 6`);
  assert.ok(Math.abs(sd - 5_008) < 125, `standard deviation ${sd} ns, seed 6`);
});

test('the same seed gives the same trace in every column; switching a loss on moves no other draw', () => {
  const path = findScenario('jittery-healthy');
  assert.deepEqual(simulate(path, steady(300), 7), simulate(path, steady(300), 7));
  const lossy: PathModel = {
    ...path,
    forward: path.forward.map((hop) => ({ ...hop, loss: { kind: 'bernoulli', lossRatio: 0.2 } }) as const),
  };
  assert.deepEqual(simulate(lossy, steady(300), 7).txOffsetNs, simulate(path, steady(300), 7).txOffsetNs);
});

test('a path remembers: a bucket emptied by one run is still filling at the next', () => {
  const tokenBucket = { kind: 'policer', rateBitsPerSec: 1e6, burstBytes: 11_400 } as const;
  const path = buildBarePath([INSTANT_HOP, { ...INSTANT_HOP, tokenBucket }]);
  const sequence = sequenceOf({
    kind: 'train',
    trains: 1,
    packetsPerTrain: 120,
    gapNs: 0,
    spacingNs: 0,
    sizeBytes: 100,
  });
  const schedule = planSchedule(sequence);
  const simulation = createSimulation(path, 1);
  const passed = [0, 1e6, 10e9].map((startNs) => {
    const { trace } = simulation.run({ sequence, schedule, startNs });
    return 120 - countLosses(mapOfAnswers(trace));
  });
  // 100 frames of 114 B fill the bucket; 1 ms brings 125 B, one frame; 10 s fill it again.
  assert.deepEqual(passed, [100, 1, 100]);
});

function countLosses(map: string): number {
  return map.split('0').length - 1;
}
