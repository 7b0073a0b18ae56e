// Capacity where a narrow link is shared, differs by direction, sends in slots, or hides behind tokens that a train can't use up.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom } from '../../../src/model/random.js';
import type { Estimate } from '../../../src/model/estimates.js';
import type { Report } from '../../../src/model/report.js';
import type { FarEndModel, HopModel } from '../../../src/simulator/path-model.js';
import { findScenario } from '../../../src/simulator/scenarios.js';
import { buildNarrowPath, examine } from './examined-path.js';

const FAR: FarEndModel = {
  kind: 'stamp',
  processing: { floorNs: 4_000, meanExtraNs: 1_000 },
  stamp: { noiseNs: 1_000, granularityNs: 1 },
  stampSource: 'kernel',
  clockOffsetNs: 7_777_777_777,
};

function holds(estimate: Estimate | null, truth: number): boolean {
  return estimate !== null && estimate.low <= truth && truth <= estimate.high;
}

function measureNarrow(narrow: Partial<HopModel>, seed: number, far?: FarEndModel): Report {
  const path = buildNarrowPath({ narrow, ...(far === undefined ? {} : { far }) });
  return examine(path, { seed, quantity: 'capacity' }).report;
}

const errorOf = (estimate: Estimate | null, truth: number): number =>
  Math.abs((estimate?.value ?? Number.POSITIVE_INFINITY) / truth - 1);

describe('capacity of a shared link', () => {
  it('is within 1 % at the median and 3 % in 95 of 100 draws of rate, traffic and loss, its interval right in 93', () => {
    const random = createRandom(20_261);
    const outcomes = Array.from({ length: 60 }, (_, i) => {
      const rate = 3e6 * 100 ** random.uniform();
      const share = 0.05 + 0.85 * random.uniform();
      const loss = { kind: 'bernoulli', lossRatio: 0.02 * random.uniform() } as const;
      const queueBytes = Math.max(64e3, rate / 80);
      const crossTraffic = { share, sizeBytes: 1000 };
      const report = measureNarrow({ rateBitsPerSec: rate, queueBytes, crossTraffic, loss }, 100 + i);
      const { forward } = report.estimates.capacity;
      return {
        error: errorOf(forward, rate),
        isHeld: holds(forward, rate),
        text: `draw ${i}: ${rate} bit/s, ${share}`,
      };
    });
    const sorted = [...outcomes].sort((a, b) => a.error - b.error);
    assert.ok((sorted[30]?.error ?? 1) < 0.01, sorted[30]?.text);
    assert.ok((sorted[56]?.error ?? 1) < 0.03, `${sorted[56]?.text}: ${sorted[56]?.error}`);
    const held = outcomes.filter(({ isHeld }) => isHeld).length;
    assert.ok(held >= 0.93 * outcomes.length, `${held} of ${outcomes.length} intervals hold the truth`);
  });
});

describe('capacity of each direction', () => {
  const asymmetric = (forward: number, reverse: number) => {
    const path = buildNarrowPath({ narrow: { rateBitsPerSec: forward, queueBytes: 200e3 }, far: FAR });
    return { ...path, reverse: [{ ...path.reverse[0], rateBitsPerSec: reverse, queueBytes: 200e3 } as HopModel] };
  };

  it('is told by stamps of the far end where the way back is the narrower', () => {
    for (const seed of [1, 2, 3]) {
      const { capacity } = examine(asymmetric(100e6, 20e6), { seed, quantity: 'capacity' }).report.estimates;
      assert.ok(errorOf(capacity.forward, 100e6) < 0.02, JSON.stringify(capacity.forward));
      assert.ok(errorOf(capacity.reverse, 20e6) < 0.02, JSON.stringify(capacity.reverse));
    }
  });

  it('is a lower bound on the way back where replies come no faster than requests', () => {
    const { report } = examine(asymmetric(20e6, 100e6), { seed: 1, quantity: 'capacity' });
    const { forward, reverse } = report.estimates.capacity;
    assert.ok(errorOf(forward, 20e6) < 0.01, JSON.stringify(forward));
    assert.equal(reverse?.limitedBy, 'probe');
    assert.ok(holds(reverse, 100e6));
    assert.match(report.limits.join(), /way back .* lower bound/);
  });

  it('is measured both ways where the far end sends trains of its own', () => {
    const model = findScenario('two-boxes');
    const { report } = examine(model, { seed: 1, quantity: 'capacity', description: { farSends: true } });
    const { forward, reverse } = report.estimates.capacity;
    assert.ok(errorOf(forward, 100e6) < 0.01, JSON.stringify(forward));
    assert.ok(errorOf(reverse, 100e6) < 0.01, JSON.stringify(reverse));
    assert.equal(reverse?.limitedBy, null);
  });

  it('is that of the far port where others there make packets wait before they leave', () => {
    for (const [seed, rate, share] of [
      [1, 3e6, 0.5],
      [2, 3e6, 0.9],
      [3, 10e6, 0.7],
      [4, 30e6, 0.8],
      [5, 100e6, 0.8],
    ] as const) {
      const narrow = { rateBitsPerSec: rate, queueBytes: 64e3, crossTraffic: { share, sizeBytes: 1000 } };
      const model = buildNarrowPath({ narrow, place: 'reverse', far: { ...FAR, sends: true } });
      const { report } = examine(model, { seed, quantity: 'capacity' });
      const { reverse } = report.estimates.capacity;
      assert.ok(holds(reverse, rate), `${rate} bit/s, ${share}: ${JSON.stringify(reverse)}`);
      if (reverse?.quality !== 'poor') assert.ok(errorOf(reverse, rate) < 0.03, JSON.stringify(reverse));
    }
  });

  it('stays the round trip of an echo', () => {
    const report = measureNarrow({ rateBitsPerSec: 30e6, queueBytes: 100e3 }, 1);
    assert.equal(report.estimates.capacity.reverse, null);
  });
});

describe('what no train can tell', () => {
  it('is named on a link that sends in slots, and the interval holds its rate over time', () => {
    for (const seed of [1, 2, 3, 4]) {
      const slots = { periodNs: 3e6, grantBytes: 15e3 };
      const report = measureNarrow({ rateBitsPerSec: 1e9, queueBytes: 300e3, slots }, seed);
      const { forward } = report.estimates.capacity;
      assert.ok(holds(forward, 40e6), `seed ${seed}: ${JSON.stringify(forward)}`);
      assert.equal(forward?.quality, 'poor');
      assert.match(report.limits.join(), /slotted link/);
    }
  });

  it('is followed down to the rate of a policer of 150 to 600 kB behind a fast link', () => {
    for (const [seed, burstBytes] of [
      [1, 150e3],
      [2, 300e3],
      [3, 600e3],
    ] as const) {
      const tokenBucket = { kind: 'policer', rateBitsPerSec: 20e6, burstBytes } as const;
      const report = measureNarrow({ rateBitsPerSec: 1e9, queueBytes: 300e3, tokenBucket }, seed);
      const { forward } = report.estimates.capacity;
      assert.ok(holds(forward, 20e6), `${burstBytes}: ${JSON.stringify(forward)}`);
    }
  });

  it('is the size of the burst that a fast line was seen in', () => {
    const report = measureNarrow({ rateBitsPerSec: 500e6, queueBytes: 500e3 }, 1);
    assert.match(report.limits.join(), /bursts of up to \d+ kB: a larger token bucket would not show/);
  });
});
