// Capacity over simulated paths: 1 Mb/s to 1 Gb/s, plain links and token buckets, at either end and in the middle, with queues
// that drop the tail of a train. What real stamps and a busy machine add is seen on the lab paths, not here.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Depth } from '../../../src/model/examination.js';
import type { HopModel } from '../../../src/simulator/path-model.js';
import { assertValidReport } from '../../unit/analysis/report-schema.js';
import { buildNarrowPath, buildTokenBucket, examine } from './examined-path.js';
import type { NarrowPath } from './examined-path.js';

interface Outcome {
  readonly error: number;
  readonly isCovered: boolean;
  readonly text: string;
}

function measure(rate: number, path: NarrowPath, seed: number, depth: Depth = 'normal'): Outcome {
  const { report } = examine(buildNarrowPath(path), { seed, depth });
  assertValidReport(report, `seed ${seed}`);
  const capacity = report.estimates.capacity.forward;
  const error = capacity === null ? Infinity : Math.abs(capacity.value / rate - 1);
  return {
    error,
    isCovered: capacity !== null && capacity.low <= rate && rate <= capacity.high,
    text: `${rate / 1e6} Mb/s ${JSON.stringify(path)} seed ${seed}: ${(100 * error).toFixed(2)} % off, ${report.verdict}`,
  };
}

function assertAccurate(outcomes: readonly Outcome[], most: number): void {
  const worst = outcomes.reduce((a, b) => (b.error > a.error ? b : a));
  assert.ok(worst.error <= most, worst.text);
  const covered = outcomes.filter(({ isCovered }) => isCovered).length;
  assert.ok(covered >= 0.93 * outcomes.length, `${covered} of ${outcomes.length} intervals hold the truth`);
}

const RATES = [1e6, 10e6, 50e6, 300e6, 1e9];
const PLACES = ['own-port', 'forward', 'reverse'] as const;
const SEEDS = [1, 2];

function measureAll(narrowOf: (rate: number) => readonly Partial<HopModel>[], rates = RATES): Outcome[] {
  return rates.flatMap((rate) =>
    narrowOf(rate).flatMap((narrow) =>
      PLACES.flatMap((place) => SEEDS.map((seed) => measure(rate, { narrow, place }, seed))),
    ),
  );
}

describe('capacity', () => {
  it('of a plain link is within 1 %, whatever its queue', () => {
    assertAccurate(
      measureAll((rate) => [15e3, 200e3, 2e6].map((queueBytes) => ({ rateBitsPerSec: rate, queueBytes }))),
      0.01,
    );
  });

  it('behind a token bucket of 1.6 to 256 kB is within 3 %, also where the queue holds three packets', () => {
    assertAccurate(
      measureAll((rate) => [
        buildTokenBucket(rate, 1_600, 30e3),
        buildTokenBucket(rate, 32e3, 5e3),
        buildTokenBucket(rate, 256e3, 30e3),
        buildTokenBucket(rate, 256e3, 2e6),
      ]),
      0.03,
    );
  });

  it('is the lasting rate where a policer drops what finds no tokens', () => {
    const policer = (rate: number): Partial<HopModel> => ({
      tokenBucket: { kind: 'policer', rateBitsPerSec: rate, burstBytes: 64e3 },
    });
    assertAccurate(
      measureAll((rate) => [policer(rate)], [10e6, 100e6]),
      0.03,
    );
  });

  it('stands random loss before and behind the narrow link', () => {
    const loss = { kind: 'bernoulli', lossRatio: 0.03 } as const;
    assertAccurate(
      measureAll((rate) => [{ rateBitsPerSec: rate, queueBytes: 100e3, loss }], [5e6, 100e6]),
      0.02,
    );
  });

  it('stands 10 us of stamp noise at 1 Gb/s', () => {
    const outcomes = [1, 2, 3, 4, 5, 6].map((seed) =>
      measure(1e9, { narrow: { rateBitsPerSec: 1e9, queueBytes: 500e3 }, stampNoiseNs: 10_000 }, seed),
    );
    assertAccurate(outcomes, 0.01);
  });

  it('is measured by a quick examination too', () => {
    const outcomes = [2e6, 20e6, 200e6].flatMap((rate) =>
      SEEDS.map((seed) => measure(rate, { narrow: buildTokenBucket(rate, 32e3, 60e3) }, seed, 'quick')),
    );
    assertAccurate(outcomes, 0.03);
  });

  it('asked for by itself is the lasting rate behind a bucket of 1.2 MB, and costs 2.1 MB at most where it finds none', () => {
    const fast = { rateBitsPerSec: 1e9, queueBytes: 300e3 };
    for (const seed of [1, 2, 3, 4]) {
      const bucket = { kind: 'shaper', rateBitsPerSec: 40e6, burstBytes: 1.2e6, queueBytes: 300e3 } as const;
      const shaped = examine(buildNarrowPath({ narrow: { ...fast, tokenBucket: bucket } }), {
        seed,
        quantity: 'capacity',
      });
      const lasting = shaped.report.estimates.capacity.forward;
      assert.ok(lasting && lasting.low <= 40e6 && lasting.high >= 40e6, `seed ${seed}: ${JSON.stringify(lasting)}`);
      const { report } = examine(buildNarrowPath({ narrow: fast }), { seed, quantity: 'capacity' });
      assert.equal(report.estimates.capacity.forward?.quality, 'good', `seed ${seed}`);
      assert.ok(report.cost.bytes <= 2.1e6, `seed ${seed}: ${report.cost.bytes} bytes`);
    }
  });

  it('asked for by itself is the lasting rate of a policer that runs dry only behind the load', () => {
    for (const [seed, rateBitsPerSec, burstBytes] of [
      [1, 1.1e6, 1.44e6],
      [2, 1.5e6, 1.47e6],
      [3, 3e6, 1.42e6],
    ] as const) {
      const tokenBucket = { kind: 'policer', rateBitsPerSec, burstBytes } as const;
      const narrow = { rateBitsPerSec: 1e9, queueBytes: 64e3, tokenBucket };
      const { report } = examine(buildNarrowPath({ narrow }), { seed, quantity: 'capacity' });
      const capacity = report.estimates.capacity.forward;
      const text = `seed ${seed}: ${JSON.stringify(capacity)}`;
      assert.ok(capacity && capacity.low <= rateBitsPerSec && capacity.high >= rateBitsPerSec, text);
    }
  });

  it('of a link with slots smaller than a packet is named, and holds its rate over time', () => {
    for (const grantBytes of [230, 400, 690, 1000]) {
      for (const seed of [1, 2, 3]) {
        const slots = { periodNs: 2e6, grantBytes };
        const { report } = examine(buildNarrowPath({ narrow: { rateBitsPerSec: 1e9, queueBytes: 64e3, slots } }), {
          seed,
        });
        const capacity = report.estimates.capacity.forward;
        const truth = (grantBytes * 8e9) / slots.periodNs;
        const text = `${grantBytes} bytes, seed ${seed}: ${JSON.stringify(capacity)}`;
        assert.ok(capacity && capacity.low <= truth && capacity.high >= truth, text);
        assert.equal(capacity.quality, 'poor', text);
        assert.match(report.limits.join(), /slotted link/, text);
      }
    }
  });

  it('is called a lower bound where nothing but the machines takes time', () => {
    for (const seed of [1, 2, 3]) {
      const path = buildNarrowPath({ narrow: {}, processing: { floorNs: 4_000, meanExtraNs: 400 } });
      const { report } = examine(path, { seed });
      const capacity = report.estimates.capacity.forward;
      assert.equal(capacity?.limitedBy, 'probe', `seed ${seed}: ${JSON.stringify(capacity)}`);
      assert.equal(capacity.quality, 'poor');
      assert.match(report.limits.join(), /lower bound/);
    }
  });

  it('is not hidden by a third of other traffic', () => {
    const crossTraffic = { share: 0.3, sizeBytes: 1000 };
    for (const seed of [1, 2, 3, 4]) {
      const { error, text } = measure(
        50e6,
        { narrow: { rateBitsPerSec: 50e6, queueBytes: 200e3, crossTraffic } },
        seed,
      );
      assert.ok(error < 0.02, text);
    }
  });
});
