// Available bandwidth over paths drawn at random: its error, its cost, and whether the stated interval keeps its word.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom } from '../../../src/model/random.js';
import type { Random } from '../../../src/model/random.js';
import { NS_PER_US } from '../../../src/model/units.js';
import type { CrossTrafficModel, FarEndModel, PathModel } from '../../../src/simulator/path-model.js';
import { buildNarrowPath, buildTokenBucket, examine } from './examined-path.js';
import type { OthersTraffic } from './examined-path.js';

const SEED = 20_260_307;
const PATHS = 150;

const between = (low: number, high: number, random: Random): number => low * (high / low) ** random.uniform();

interface Drawn {
  readonly model: PathModel;
  readonly rateBitsPerSec: number;
  readonly share: number;
  readonly seed: number;
}

function drawPath(random: Random, cross: (share: number) => CrossTrafficModel | undefined, most = 1e9): Drawn {
  const rateBitsPerSec = between(1e6, most, random);
  const share = 0.9 * random.uniform();
  const traffic = cross(share);
  const lossRatio = random.uniform() < 0.5 ? 0 : 0.03 * random.uniform();
  const stampNoiseNs = between(20, 50 * NS_PER_US, random);
  const stamp = { noiseNs: stampNoiseNs, granularityNs: 1 };
  const processing = { floorNs: 1_500, meanExtraNs: 500 };
  const stateful: FarEndModel = { kind: 'stamp', processing, stamp, stampSource: 'kernel', clockOffsetNs: 1e9 };
  const model = buildNarrowPath({
    narrow: {
      rateBitsPerSec,
      propagationNs: between(0.2e6, 100e6, random) / 2,
      queueBytes: Math.max(64e3, rateBitsPerSec / 80),
      loss: { kind: 'bernoulli', lossRatio },
      ...(traffic === undefined ? {} : { crossTraffic: traffic }),
    },
    stampNoiseNs,
    ...(random.uniform() < 0.5 ? { far: stateful } : {}),
  });
  return { model, rateBitsPerSec, share: traffic === undefined ? 0 : share, seed: random.uint32() };
}

interface Score {
  readonly covered: number;
  /** Sorted, as shares of the capacity. */
  readonly errors: readonly number[];
}

/**
 * A path that gives no figure must say why; it counts as not covered. Truth is what the measured seconds left (RFC 5136 defines the
 * quantity over an interval).
 */
function score(paths: readonly Drawn[]): Score {
  let covered = 0;
  const errors: number[] = [];
  for (const { model, rateBitsPerSec, share, seed } of paths) {
    const { report, others } = examine(model, { seed, quantity: 'available' });
    const truth = computeLeft(others, rateBitsPerSec, share);
    const available = report.estimates.available.forward;
    const which = `${rateBitsPerSec} b/s, share ${share}, seed ${seed}`;
    if (available === null) {
      assert.ok(
        report.limits.some((limit) => limit.includes('available bandwidth')),
        `no figure and no reason: ${which}`,
      );
      errors.push(1);
      continue;
    }
    assert.ok(report.cost.bytes <= 2e6, `${report.cost.bytes} bytes: ${which}`);
    if (available.low <= truth && truth <= available.high) covered += 1;
    errors.push(Math.abs(available.value - truth) / rateBitsPerSec);
  }
  return { covered: covered / paths.length, errors: errors.sort((a, b) => a - b) };
}

/** Where silences of ours were not played, others took their usual share. */
function computeLeft({ bytes, ns, playedNs }: OthersTraffic, rateBitsPerSec: number, share: number): number {
  const busyNs = (bytes * 8e9) / rateBitsPerSec + share * (ns - playedNs);
  return Math.max(0, rateBitsPerSec * (1 - busyNs / Math.max(1, ns)));
}

const percentile = ({ errors }: Score, share: number): number => errors[Math.floor(share * errors.length)] ?? NaN;

describe(`available bandwidth, seed ${SEED}`, () => {
  it('keeps the word of its interval beside packets that come independently', () => {
    const random = createRandom(SEED);
    const sizes = [200, 576, 1500];
    const result = score(
      Array.from({ length: PATHS }, () =>
        drawPath(random, (share) => ({ share, sizeBytes: sizes[random.uint32() % 3] ?? 1500 })),
      ),
    );
    assert.ok(result.covered >= 0.93, `covered ${result.covered}`);
    assert.ok(percentile(result, 0.5) < 0.03, `median error ${percentile(result, 0.5)}`);
  });

  it('keeps it beside bursts, too', () => {
    const random = createRandom(SEED + 2);
    const bursts = (share: number): CrossTrafficModel => ({
      kind: 'on-off',
      share,
      sizeBytes: 1000,
      peakShare: share + (1.2 - share) * (0.2 + 0.8 * random.uniform()),
      meanOnNs: between(1e6, 50e6, random),
      periods: 'exponential',
    });
    const result = score(Array.from({ length: PATHS }, () => drawPath(random, bursts)));
    assert.ok(result.covered >= 0.93, `covered ${result.covered}`);
  });

  it('sees bursts where noise hides the wait behind a single packet', () => {
    const random = createRandom(SEED + 4);
    const periods = 'exponential';
    const paths = Array.from({ length: 40 }, (): Drawn => {
      const rateBitsPerSec = between(300e6, 1e9, random);
      const share = between(0.2, 0.95, random);
      const crossTraffic = { kind: 'on-off', share, sizeBytes: 1000, peakShare: 1.5, meanOnNs: 2e6, periods } as const;
      const narrow = { rateBitsPerSec, propagationNs: 1e6, queueBytes: 12e6, crossTraffic };
      const model = buildNarrowPath({ narrow, stampNoiseNs: between(10e3, 50e3, random) });
      return { model, rateBitsPerSec, share, seed: random.uint32() };
    });
    const result = score(paths);
    assert.ok(result.covered >= 0.9, `covered ${result.covered}`);
    assert.ok(percentile(result, 0.9) < 0.1, `90th percentile of errors ${percentile(result, 0.9)}`);
  });

  it('is within 2 % of an idle path of any rate', () => {
    const random = createRandom(SEED + 1);
    const result = score(Array.from({ length: 40 }, () => drawPath(random, () => undefined)));
    assert.ok(result.covered >= 0.93, `covered ${result.covered}`);
    assert.ok(percentile(result, 0.95) < 0.02, `95th percentile of errors ${percentile(result, 0.95)}`);
  });

  it('keeps the word of its interval behind token buckets of a few packets', () => {
    const random = createRandom(SEED + 3);
    let held = 0;
    const paths = 60;
    for (let path = 0; path < paths; path += 1) {
      const rateBitsPerSec = between(2e6, 200e6, random);
      const share = 0.7 * random.uniform();
      const hop = buildTokenBucket(rateBitsPerSec, between(3_000, 12_000, random), rateBitsPerSec / 80 + 64e3);
      const crossTraffic = { share, sizeBytes: 1500 };
      const model = buildNarrowPath({ narrow: { ...hop, crossTraffic }, stampNoiseNs: between(20, 5e3, random) });
      const available = examine(model, { seed: random.uint32(), quantity: 'available' }).report.estimates.available
        .forward;
      const truth = rateBitsPerSec * (1 - share);
      assert.ok(available !== null, `${rateBitsPerSec} b/s, share ${share}`);
      if (available.low <= truth && truth <= available.high) held += 1;
    }
    assert.ok(held / paths >= 0.9, `held ${held} of ${paths}`);
  });

  it('sees through the burst of a token bucket', () => {
    const model = buildNarrowPath({ narrow: buildTokenBucket(50e6, 64_000, 500_000) });
    const { report } = examine(model, { seed: SEED, quantity: 'available' });
    const available = report.estimates.available.forward;
    assert.ok(available !== null && Math.abs(available.value - 50e6) < 3e6, JSON.stringify(available));
  });

  it('of a slow line behind a large bucket lets the examination end, with the lasting rate', () => {
    const random = createRandom(SEED);
    for (let path = 0; path < 12; path += 1) {
      const rateBitsPerSec = between(1e6, 5e6, random);
      const narrow = buildTokenBucket(rateBitsPerSec, between(30e3, 900e3, random), 64e3);
      const model = buildNarrowPath({ narrow: { rateBitsPerSec: 1e9, propagationNs: 1e6, ...narrow } });
      const { report } = examine(model, { seed: random.uint32() });
      const lasting = report.estimates.capacity.forward;
      const isHeld = lasting !== null && lasting.low <= rateBitsPerSec && rateBitsPerSec <= lasting.high;
      assert.ok(isHeld, `path ${path}: ${rateBitsPerSec} b/s, ${JSON.stringify(lasting)}`);
      assert.ok(report.estimates.loss.roundTrip !== null, `path ${path}: ${report.limits.join('; ')}`);
    }
  });
});
