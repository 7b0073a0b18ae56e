// A bucket that a train seemed to empty is belied by what passes later, and only by more than its rate allows.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { belieBuckets } from '../../../src/analysis/estimators/capacity/belied-buckets.js';
import type { ReadTrain } from '../../../src/analysis/estimators/capacity/belied-buckets.js';
import { computeTrainArrivals } from '../../../src/analysis/estimators/capacity/train-arrivals.js';
import { estimateTrainRate } from '../../../src/analysis/estimators/capacity/train-rate.js';
import { planSchedule } from '../../../src/sequencer/schedule.js';
import type { HopModel } from '../../../src/simulator/path-model.js';
import { createSimulation } from '../../../src/simulator/simulation.js';
import type { Simulation } from '../../../src/simulator/simulation.js';
import { buildBarePath, INSTANT_HOP, sequenceOf } from '../simulator/bare-path.js';

const NO_LOSS = { ratio: 0, most: 0 };

/** A load in bulks of five, its rate in bits per second of IP packets. */
function read(simulation: Simulation, packets: number, offered: number, startNs: number): ReadTrain[] {
  const gapNs = Math.round((1_500 * 8e9) / offered);
  const bulks = { trains: Math.ceil(packets / 5), packetsPerTrain: 5, gapNs: 0, spacingNs: 5 * gapNs };
  const sequence = sequenceOf({ kind: 'train', ...bulks, sizeBytes: 1_500 });
  const { trace } = simulation.run({ sequence, schedule: planSchedule(sequence), startNs });
  return computeTrainArrivals(trace, 'round-trip', true).flatMap((arrivals) => {
    const rate = estimateTrainRate(arrivals, NO_LOSS);
    if (rate === null) return [];
    const firstNs = startNs + arrivals.firstNs;
    return [{ rate, arrivals, firstNs, readPlain: () => estimateTrainRate(arrivals, NO_LOSS, 0) }];
  });
}

/** A load, and after some seconds a second one. */
function readTwo(narrow: Partial<HopModel>, packets: readonly [number, number], offered: number): ReadTrain[] {
  const fast = { rateBitsPerSec: 100e6, propagationNs: 1e6, queueBytes: 200e3, overheadBytes: 14 };
  const simulation = createSimulation(buildBarePath([INSTANT_HOP, { ...fast, ...narrow }]), 1);
  return [...read(simulation, packets[0], offered, 0), ...read(simulation, packets[1], offered, 20e9)];
}

describe('a token bucket', () => {
  it('is never belied by what passes on its own tokens', () => {
    const bucket = fc.record({
      kind: fc.constantFrom('shaper', 'policer'),
      rateBitsPerSec: fc.integer({ min: 200_000, max: 5_000_000 }),
      burstBytes: fc.integer({ min: 30_000, max: 150_000 }),
    });
    fc.assert(
      fc.property(bucket, fc.integer({ min: 20, max: 200 }), fc.integer({ min: 20, max: 200 }), (token, one, two) => {
        const tokenBucket =
          token.kind === 'policer'
            ? { ...token, kind: 'policer' as const }
            : { ...token, kind: 'shaper' as const, queueBytes: 50e3 };
        const trains = readTwo({ tokenBucket }, [one, two], 20e6);
        assert.ok(belieBuckets(trains).every(({ belied }) => belied === null));
      }),
      { numRuns: 60 },
    );
  });

  it('that a short tail showed is belied where more passes later, and the train then tells the link', () => {
    const [first, second] = readTwo({ rateBitsPerSec: 10e6 }, [100, 100], 20e6);
    assert.ok(first && second);
    // As if others had filled the link at the end of the first load.
    const tail = { hasKnee: true, arrivals: 5, spanNs: 0.2e9, rateBitsPerSec: 100e3, relativeHalfWidth: 0.3 };
    const near = { ...second, firstNs: first.firstNs + 1e9 };
    const [rate] = belieBuckets([{ ...first, rate: { ...first.rate, ...tail } }, near]);
    assert.deepEqual(rate?.belied, { rateBitsPerSec: 100e3, relativeHalfWidth: 0.3 });
    assert.ok(Math.abs((rate.dispersion?.rateBitsPerSec ?? 0) / 10e6 - 1) < 0.01);
    const long = { ...tail, arrivals: 50 };
    assert.equal(belieBuckets([{ ...first, rate: { ...first.rate, ...long } }, near])[0]?.belied, null);
  });
});
