// What paced packets tell of the utilisation: their share that waited, and how far that is known.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimateBusyShare } from '../../../src/analysis/estimators/available/busy-look.js';
import { createRandom } from '../../../src/model/random.js';
import type { Trace } from '../../../src/model/trace.js';
import { buildTrace } from './built-trace.js';

const NOISE_NS = 1_000;

/** Packets 5 ms apart; `waits` tells which of them wait for 100-300 us. */
function look(count: number, waits: (i: number) => boolean, seed: number): Trace {
  const random = createRandom(seed);
  return buildTrace(
    Array.from({ length: count }, (_, i) => ({
      plannedNs: i * 5e6,
      rxNs: i * 5e6 + 400_000 + random.normal(0, NOISE_NS) + (waits(i) ? 100_000 + 200_000 * random.uniform() : 0),
    })),
  );
}

describe('a light look', () => {
  it('finds the share of packets that waited', () => {
    const random = createRandom(3);
    for (const share of [0.1, 0.3, 0.6]) {
      const found = estimateBusyShare([look(2000, () => random.uniform() < share, 4)]);
      assert.ok(found !== null && found.low < share && share < found.high, JSON.stringify(found));
      assert.ok(found.high - found.low < 0.06);
    }
  });

  it('takes noise for noise', () => {
    const found = estimateBusyShare([look(500, () => false, 5)]);
    assert.ok(found !== null && found.share < 0.005 && found.resolutionNs < 10 * NOISE_NS, JSON.stringify(found));
  });

  it('is less certain where waits come in runs', () => {
    const runs = estimateBusyShare([look(400, (i) => i % 100 < 30, 6)]);
    const alone = estimateBusyShare([look(400, (i) => i % 10 < 3, 6)]);
    assert.ok(runs !== null && alone !== null && runs.share === alone.share);
    assert.ok(runs.high - runs.low > 2 * (alone.high - alone.low));
  });

  it('says nothing from a few packets', () => {
    assert.equal(estimateBusyShare([look(20, () => false, 7)]), null);
    assert.equal(estimateBusyShare([]), null);
  });
});
