// Streams through a link whose other traffic is known: what they say of it, and what they refuse to say.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { estimateAvailable } from '../../../src/analysis/estimators/available/available.js';
import { countCloseStarts } from '../../../src/analysis/estimators/available/close-starts.js';
import { estimateHeadBytes } from '../../../src/analysis/estimators/available/stream-head.js';
import { computeStreamPassages } from '../../../src/analysis/estimators/available/stream-passage.js';
import type { StreamPassage } from '../../../src/analysis/estimators/available/stream-passage.js';
import { createRandom } from '../../../src/model/random.js';
import type { Trace } from '../../../src/model/trace.js';
import { buildTrace } from './built-trace.js';

const FRAME_BITS = 1514 * 8;
const PACKETS = 30;

interface Fluid {
  readonly capacity: number;
  readonly traffic: number;
  /** Standard deviation of the other traffic's share from stream to stream. */
  readonly swing?: number;
}

/** As a fluid passes: other traffic has a rate of its own in each stream, and no packets. */
function passFluid(rates: readonly number[], { capacity, traffic, swing = 0 }: Fluid, seed: number): StreamPassage[] {
  const random = createRandom(seed);
  return rates.flatMap((rate) =>
    Array.from({ length: 8 }, () => {
      const bits = FRAME_BITS * PACKETS;
      const inNs = (bits / rate) * 1e9;
      const share = Math.max(0, random.normal(traffic, swing));
      const outNs = Math.max(inNs, (bits / capacity) * 1e9 + share * inNs);
      const ns = { inNs, plannedNs: inNs, outNs, isBroken: false };
      return { bits, frameBits: FRAME_BITS, ...ns, lossRatio: 0, received: PACKETS };
    }),
  );
}

const PRIOR = { low: 40e6, high: 400e6, likely: null };

describe('available bandwidth from streams', () => {
  it('finds capacity and other traffic of any link from two rates of overload', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.9, noNaN: true }), fc.integer(), (traffic, seed) => {
        const posterior = estimateAvailable(passFluid([115e6, 800e6], { capacity: 100e6, traffic }, seed), PRIOR);
        assert.ok(posterior !== null);
        assert.ok(Math.abs(posterior.available.value - 100e6 * (1 - traffic)) < 3e6, JSON.stringify(posterior));
        assert.ok(posterior.available.low <= 100e6 * (1 - traffic) + 1e3);
        assert.ok(Math.abs(posterior.capacity.value - 100e6) < 3e6);
      }),
      { numRuns: 20 },
    );
  });

  it('finds exact streams between the points of its first grid, however many of them are of one rate', () => {
    fc.assert(
      fc.property(fc.double({ min: 60, max: 250, noNaN: true }), fc.integer(), (megabits, seed) => {
        const capacity = megabits * 1e6;
        const near = [1.15, 1.16, 1.17, 1.14, 1.15].map((overload) => overload * capacity);
        const posterior = estimateAvailable(passFluid([...near, 8 * capacity], { capacity, traffic: 0 }, seed), PRIOR);
        assert.ok(posterior !== null);
        assert.ok(Math.abs(posterior.capacity.value / capacity - 1) < 0.005, JSON.stringify(posterior));
        assert.ok(posterior.misfit < 4, JSON.stringify(posterior));
      }),
      { numRuns: 30 },
    );
  });

  it('is less certain where the other traffic comes and goes', () => {
    const widthOf = (swing: number): number => {
      const streams = passFluid([115e6, 800e6], { capacity: 100e6, traffic: 0.4, swing }, 7);
      const available = estimateAvailable(streams, PRIOR)?.available;
      return available === undefined ? NaN : available.high - available.low;
    };
    assert.ok(widthOf(0.3) > 2 * widthOf(0), `${widthOf(0.3)} against ${widthOf(0)}`);
  });

  it('knows a lower bound only from streams that found no overload', () => {
    const posterior = estimateAvailable(passFluid([60e6, 80e6], { capacity: 300e6, traffic: 0.2 }, 1), PRIOR);
    assert.ok(posterior !== null && posterior.available.low > 70e6 && posterior.available.high > 200e6);
  });

  it('is led by what else was seen of the traffic as far as that is exact', () => {
    const streams = passFluid([115e6, 800e6], { capacity: 100e6, traffic: 0.4, swing: 0.3 }, 7);
    const ofStreams = estimateAvailable(streams, PRIOR);
    assert.ok(ofStreams);
    const alone = ofStreams.traffic.value;
    const trafficAt = (error: number): number =>
      estimateAvailable(streams, PRIOR, { share: 0.5, error })?.traffic.value ?? NaN;
    assert.ok(Math.abs(trafficAt(0.01) - 0.5) < 0.02, `${trafficAt(0.01)}`);
    assert.ok(Math.abs(trafficAt(1) - alone) < 0.03, `${trafficAt(1)}, alone ${alone}`);
  });

  it('takes the capacity that trains saw, unless the streams agree on another one', () => {
    const capacityWith = (value: number, swing: number): number => {
      const streams = passFluid([115e6, 800e6], { capacity: 100e6, traffic: 0.3, swing }, 3);
      return estimateAvailable(streams, { ...PRIOR, likely: { value, relativeError: 0.01 } })?.capacity.value ?? NaN;
    };
    assert.ok(Math.abs(capacityWith(100e6, 0.3) / 100e6 - 1) < 0.01);
    assert.ok(Math.abs(capacityWith(150e6, 0) / 100e6 - 1) < 0.05, `${capacityWith(150e6, 0)}`);
  });

  it('notices streams that no single link explains', () => {
    const strange = [
      ...passFluid([115e6], { capacity: 60e6, traffic: 0.9, swing: 0.003 }, 1),
      ...passFluid([800e6], { capacity: 200e6, traffic: 0.2, swing: 0.003 }, 2),
      ...passFluid([50e6], { capacity: 300e6, traffic: 0, swing: 0.001 }, 3),
    ];
    const misfit = estimateAvailable(strange, PRIOR)?.misfit ?? 0;
    assert.ok(misfit > 6, `${misfit}`);
  });

  it('leaves out streams that lost packets or whose sender stalled, and says nothing from fewer than three', () => {
    const good = passFluid([115e6, 800e6], { capacity: 100e6, traffic: 0.3 }, 1);
    const bad = passFluid([115e6], { capacity: 20e6, traffic: 0 }, 1);
    const stalled = bad.map((stream) => ({ ...stream, isBroken: true }));
    const lossy = bad.map((stream) => ({ ...stream, lossRatio: 0.2 }));
    assert.deepEqual(estimateAvailable([...good, ...stalled, ...lossy], PRIOR), estimateAvailable(good, PRIOR));
    assert.equal(estimateAvailable(good.slice(0, 2), PRIOR), null);
  });
});

describe('the passage of a stream', () => {
  const trace = buildTrace(
    Array.from({ length: 16 }, (_, i) => ({
      sizeBytes: 1500,
      plannedNs: i * 100_000,
      rxNs: 1_000_000 + i * 120_000,
      lost: i === 9,
    })),
  );

  it('has the same ratio of times as every gap in it', () => {
    const [stream, ...more] = computeStreamPassages(trace, 'round-trip', 2);
    assert.ok(stream !== undefined && more.length === 0);
    assert.ok(Math.abs(stream.outNs / stream.plannedNs - 1.2) < 1e-9);
    assert.ok(Math.abs(stream.bits / stream.outNs - FRAME_BITS / 120_000) < 1e-9);
    assert.equal(stream.lossRatio, 1 / 16);
    assert.equal(stream.received, 13);
  });

  it('is nothing where the far end stamps nothing, or too few packets came', () => {
    assert.deepEqual(computeStreamPassages(trace, 'forward', 2), []);
    assert.deepEqual(computeStreamPassages(trace, 'round-trip', 11), []);
  });

  /** Service takes 120 us; sent each 100 us, but for a stall before packet 8. */
  const stallFor = (stallNs: number): readonly ReturnType<typeof computeStreamPassages>[number][] => {
    const sentNs = Array.from({ length: 40 }, (_, i) => i * 100_000 + (i >= 8 ? stallNs : 0));
    let freeNs = 0;
    const built = buildTrace(
      sentNs.map((ns, i) => {
        freeNs = Math.max(ns, freeNs) + 120_000;
        return { sizeBytes: 1500, plannedNs: i * 100_000, txNs: ns, rxNs: freeNs };
      }),
    );
    return computeStreamPassages(built, 'round-trip', 2);
  };

  it('goes on over a stall that its own queue outlasts, and begins anew behind a longer one', () => {
    assert.equal(stallFor(30_000)[0]?.received, 38);
    const [stream] = stallFor(900_000);
    assert.ok(stream !== undefined && !stream.isBroken);
    assert.equal(stream.received, 30);
    assert.ok(Math.abs(stream.bits / stream.outNs - FRAME_BITS / 120_000) < 1e-9, 'the link was busy all the time');
  });
});

describe('the head of a stream', () => {
  /** Streams of ten packets at a tenth of the time that the link takes, of which the first `tokens` pass at once. */
  const buildBursts = (tokens: number, noiseNs: number, seed: number): Trace => {
    const random = createRandom(seed);
    const rows = Array.from({ length: 8 }, (_, burst) =>
      Array.from({ length: 16 }, (__, i) => {
        const sentNs = burst * 100e6 + i * 12_000;
        const servedNs = burst * 100e6 + Math.max(0, i - tokens) * 120_000;
        const rxNs = 1e6 + Math.max(sentNs, servedNs) + random.normal(0, noiseNs);
        return { sizeBytes: 1500, plannedNs: sentNs, txNs: sentNs, rxNs, burst };
      }),
    );
    return buildTrace(rows.flat());
  };

  it('tells the tokens of a bucket of a few packets', () => {
    for (const tokens of [2, 3, 5]) {
      const bytes = estimateHeadBytes(buildBursts(tokens, 1_000, tokens), 'round-trip');
      assert.ok(Math.abs(bytes / 1514 - tokens) < 0.2, `${tokens} tokens: ${bytes} bytes`);
    }
  });

  it('takes noise for no bucket', () => {
    let taken = 0;
    for (let seed = 1; seed <= 60; seed += 1)
      if (estimateHeadBytes(buildBursts(0, 100_000, seed), 'round-trip') > 1514) taken += 1;
    assert.ok(taken <= 2, `${taken} of 60`);
  });

  it('shows the bucket to whoever looks for packets closer than the link sends, and neither noise nor pauses of a machine', () => {
    const countIn = (trace: Trace): readonly number[] => {
      const { streams, atHead, inMiddle } = countCloseStarts(trace, 'round-trip', 120_000 / FRAME_BITS);
      return [streams, atHead, inMiddle];
    };
    assert.deepEqual(countIn(buildBursts(2, 1_000, 1)), [8, 8, 0]);
    assert.deepEqual(countIn(buildBursts(0, 1_000, 1)), [8, 0, 0]);
    // The machine behind the link stamps what came in 400 us together: at the head no more often than in the middle.
    const held = buildTrace(
      Array.from({ length: 16 }, (_, i) => {
        return { sizeBytes: 1500, plannedNs: i * 12_000, rxNs: 1e6 + Math.ceil((i * 120_000) / 400_000) * 400_000 };
      }),
    );
    const [, atHead, inMiddle] = countIn(held);
    assert.ok((atHead ?? NaN) <= (inMiddle ?? NaN));
  });
});
