import { describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { computePooledGap } from '../../../src/analysis/estimators/capacity/bulk-slope.js';
import { createRandom } from '../../../src/model/random.js';
import type { Random } from '../../../src/model/random.js';

const GAP_NS = 12_112;
const RUNS = 400;

interface Bulks {
  readonly packets: number;
  readonly noiseNs: number;
  readonly ditherNs: number;
}

/** Bulks that leave one link, wait for a machine that takes its time at random, and pass a second link of the same rate. */
function makeRuns({ packets, noiseNs, ditherNs }: Bulks, random: Random): Float64Array[] {
  return Array.from({ length: RUNS }, () => {
    let leavesNs = 0;
    return Float64Array.from({ length: packets }, (_, i) => {
      const readyNs = i * GAP_NS - ditherNs * Math.log(1 - random.uniform());
      leavesNs = Math.max(leavesNs, readyNs) + GAP_NS;
      return leavesNs + random.normal(0, noiseNs);
    });
  });
}

/** Median deviation of a gap between two stamps of this noise. */
function computeDeviation(noiseNs: number): number {
  return 0.95 * noiseNs;
}

describe('the gap that all bulks share', () => {
  for (const bulks of [
    { packets: 5, noiseNs: 1_000, ditherNs: 1_000 },
    { packets: 20, noiseNs: 1_000, ditherNs: 1_000 },
    { packets: 20, noiseNs: 200, ditherNs: 3_000 },
    { packets: 60, noiseNs: 10_000, ditherNs: 0 },
  ]) {
    it(`is within its interval behind a machine that dithers by ${bulks.ditherNs} ns, ${bulks.packets} packets each`, () => {
      let held = 0;
      for (let seed = 1; seed <= 100; seed += 1) {
        const runs = makeRuns(bulks, createRandom(seed));
        const { gapNs, halfWidth } = computePooledGap(runs, computeDeviation(bulks.noiseNs));
        if (Math.abs(gapNs / GAP_NS - 1) <= halfWidth) held += 1;
        assert.ok(halfWidth < 0.06, `seed ${seed}: half width ${halfWidth}`);
      }
      assert.ok(held >= 90, `held ${held} of 100, seeds 1 to 100`);
    });
  }

  it('is exact where nothing is noisy', () => {
    const run = Float64Array.from({ length: 10 }, (_, i) => i * GAP_NS);
    const { gapNs, halfWidth } = computePooledGap([run, run, run, run], 0);
    assert.ok(Math.abs(gapNs / GAP_NS - 1) < 1e-6 && halfWidth < 1e-3);
  });

  it('is determined where each bulk has two packets', () => {
    const run = Float64Array.from([0, GAP_NS]);
    const { gapNs } = computePooledGap([run, run, run, run], 0);
    assert.ok(Number.isFinite(gapNs) && Math.abs(gapNs / GAP_NS - 1) < 0.3);
  });
});
