// What the bursts at several spacings show on simulated paths, and what they leave alone.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildNarrowPath, examine } from './examined-path.js';

const SEEDS = [1, 2, 3, 4, 5, 6];

describe('bursts at several spacings', () => {
  it('show reordering that grows as packets come closer', () => {
    for (const seed of SEEDS) {
      const jitter = { meanNs: 60_000, keepsOrder: false };
      const path = buildNarrowPath({ narrow: { rateBitsPerSec: 1e9, jitter } });
      const { report } = examine(path, { seed, quantity: 'reordering' });
      const [close, , far] = report.estimates.reorderingBySpacing ?? [];
      assert.ok((close?.ratio.value ?? 0) > 0.3, `seed ${seed}: ${JSON.stringify(close)}`);
      // 250 us later, one of exp(250/60) · 2 packets is overtaken.
      assert.ok((far?.ratio.value ?? 1) < 0.06, `seed ${seed}: ${JSON.stringify(far)}`);
      assert.ok((close?.maxExtent ?? 0) >= 2 && (close?.maxExtent ?? 9) <= 5, `seed ${seed}`);
    }
  });

  it('find no fault with a queue of three packets, nor with the slow line behind it', () => {
    for (const rateBitsPerSec of [0.5e6, 20e6]) {
      const path = buildNarrowPath({ narrow: { rateBitsPerSec, queueBytes: 5_000 } });
      const { report, traces } = examine(path, { seed: 3, quantity: 'reordering' });
      const bursts = traces.filter(({ sequenceId }) => sequenceId.startsWith('spacing'));
      assert.equal(bursts.length, 3);
      const inBursts = (report.estimates.lossTable ?? []).filter(({ place }) => place !== 'alone');
      assert.ok(inBursts.length > 0 && inBursts.every(({ lost }) => lost === 0), JSON.stringify(inBursts));
      assert.ok(report.cost.bytes <= 60_000 && report.durationMs < 4_000, `${report.cost.bytes} ${report.durationMs}`);
    }
  });

  it('lose packets without a word in the loss ratio', () => {
    const tokenBucket = { kind: 'policer', rateBitsPerSec: 10e6, burstBytes: 250 } as const;
    const path = buildNarrowPath({ narrow: { rateBitsPerSec: 1e9, tokenBucket } });
    const { report } = examine(path, { seed: 1, quantity: 'reordering' });
    const lost = (place: string): number =>
      (report.estimates.lossTable ?? []).reduce((sum, cell) => sum + (cell.place === place ? cell.lost : 0), 0);
    assert.equal(lost('first'), 0);
    assert.ok(lost('last') > 10, JSON.stringify(report.estimates.lossTable));
    assert.equal(report.estimates.loss.roundTrip?.value, 0);
  });
});
