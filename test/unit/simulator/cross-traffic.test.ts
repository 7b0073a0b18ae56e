// Other people's traffic against queueing theory: from the first packet on, after silences, and in bursts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRandom } from '../../../src/model/random.js';
import { createCrossTraffic } from '../../../src/simulator/create-cross-traffic.js';
import type { CrossTrafficModel, HopModel } from '../../../src/simulator/path-model.js';
import { buildBarePath, INSTANT_HOP, simulate, trainOf } from './bare-path.js';

const SERVICE_NS = 121_120;
const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const crossed = (crossTraffic: CrossTrafficModel, more: Partial<HopModel> = {}): HopModel => ({
  rateBitsPerSec: 100e6,
  propagationNs: 0,
  queueBytes: 1e12,
  crossTraffic,
  ...more,
});

/** Waits of small packets in a queue of 100 Mb/s, the first `count` of each seed. */
function collectWaitsNs(hop: HopModel, seeds: number, { count = 1, intervalNs = 1e6 } = {}): number[][] {
  const pattern = { kind: 'isochronous', count, intervalNs, sizeBytes: 100 } as const;
  return Array.from({ length: seeds }, (_, i) => {
    const trace = simulate(buildBarePath([INSTANT_HOP, hop]), pattern, 5_000 + i);
    return Array.from(trace.farRxOffsetNs, (ns, row) => ns - (trace.plannedOffsetNs[row] ?? NaN) - 9_120);
  });
}

describe('Poisson traffic', () => {
  test('has the queue of M/D/1 at 90 % before the very first packet, and after a silence', () => {
    // Pollaczek-Khinchine: 0.9 / (2 · 0.1) = 4.5 services, standard deviation 4.82; 4000 seeds: 4.5 standard errors are 0.343.
    const waits = collectWaitsNs(crossed({ share: 0.9, sizeBytes: 1500 }), 4_000, { count: 2, intervalNs: 3e9 });
    for (const row of [0, 1]) {
      const mean = meanOf(waits.map((pair) => pair[row] ?? NaN)) / SERVICE_NS;
      assert.ok(Math.abs(mean - 4.5) < 0.343, `packet ${row} waits ${mean} services, seeds 5000-8999`);
    }
    const idle = waits.filter(([first]) => (first ?? NaN) < 1).length / waits.length;
    // Binomial, standard error 0.0047.
    assert.ok(Math.abs(idle - 0.1) < 0.021, `idle share ${idle}, seeds 5000-8999`);
  });

  test('of mixed sizes has the queue of M/G/1', () => {
    const sizeBytes = [
      { sizeBytes: 86, share: 3 },
      { sizeBytes: 1486, share: 1 },
    ];
    const waits = collectWaitsNs(crossed({ share: 0.7, sizeBytes }), 4_000).flat();
    // Frames of 100 and 1500 B: services of 8 and 120 us, mean 36, E[S²] = 3648 us². Wait ρ E[S²] / (2 E[S] (1 − ρ)) = 118.2 us.
    const mean = meanOf(waits) / 1_000;
    // E[W²] = 2 E[W]² + λ E[S³] / (3 (1 − ρ)): standard deviation 154 us, 4.5 standard errors 11.
    assert.ok(Math.abs(mean - 118.2) < 11, `mean wait ${mean} us, seeds 5000-8999`);
  });

  test('is the same traffic whether a silence is played or skipped', () => {
    // The relaxation of 50 % is 12 services: at 20 ms between probes everything in between is forgotten, at 1 ms nothing is.
    for (const intervalNs of [20e6 + 137, 1e6 + 137]) {
      const waits = collectWaitsNs(crossed({ share: 0.5, sizeBytes: 1500 }), 40, { count: 1_000, intervalNs }).flat();
      // 0.5 services, standard deviation 0.76. Neighbours 1 ms apart correlate: 40,000 samples count as 10,000 at least.
      const mean = meanOf(waits) / SERVICE_NS;
      assert.ok(Math.abs(mean - 0.5) < 0.035, `mean wait ${mean} services at ${intervalNs} ns, seeds 5000-5039`);
    }
  });
});

describe('on-off traffic', () => {
  const bursty = { kind: 'on-off', share: 0.5, peakShare: 2, meanOnNs: 5e6, sizeBytes: 486 } as const;
  /** One frame of 500 bytes. */
  const packetNs = 40_000;

  for (const [periods, longRunBound] of [
    ['exponential', 0.01],
    ['pareto', 0.03],
  ] as const) {
    test(`with ${periods} periods offers its mean share in the long run, and from the first instant on`, () => {
      const hop = { rateBitsPerSec: 100e6, overheadBytes: 14 };
      const model: CrossTrafficModel = { ...bursty, periods, share: 0.3, meanOnNs: 1e6, sizeBytes: 86 };
      const bytesIn = (windowNs: number, seed: number): number => {
        const traffic = createCrossTraffic(model, hop, createRandom(seed));
        assert.ok(traffic);
        traffic.startAfresh(0, 1e12);
        let bytes = 0;
        while (traffic.nextNs <= windowNs) {
          bytes += traffic.nextBytes;
          traffic.advance();
        }
        return bytes;
      };
      const shares = (windowNs: number, seeds: number): number[] =>
        Array.from({ length: seeds }, (_, seed) => bytesIn(windowNs, seed) / ((windowNs * 100e6) / 8e9));
      // 45,000 cycles; the variation of a period is 1 or, of the cut Pareto, 3.14: 4.5 standard errors are 0.008 and 0.028.
      const longRun = meanOf(shares(60e9, 5));
      assert.ok(Math.abs(longRun - 0.3) < longRunBound, `${longRun}, seeds 0-4`);
      // 2 in 15 % of the windows, if nothing changed within: the standard deviation is at most 0.72.
      const window = meanOf(shares(3e6, 4_000));
      assert.ok(Math.abs(window - 0.3) < 0.052, `${window}, seeds 0-3999`);
    });
  }

  test('of one exponential source has the queue of the fluid model', () => {
    // Anick, Mitra, Sondhi 1982, one source: P(Q > x) = ρ e^(−z x), z = μ / (h − 1) − λ, with μ = 1/5, λ = 1/15 a ms, h = 2:
    // the mean wait is 0.5 / 0.1333 = 3.75 ms, its standard deviation 6.5 ms; packets of 40 us are almost a fluid.
    const hop = crossed({ ...bursty, periods: 'exponential' as const });
    const first = collectWaitsNs(hop, 2_000).flat();
    // 4.5 standard errors: 0.65 ms. One in two finds less than a packet, standard error 0.011.
    assert.ok(Math.abs(meanOf(first) / 1e6 - 3.75) < 0.65, `${meanOf(first)} ns, seeds 5000-6999`);
    const idle = first.filter((wait) => wait < packetNs + 1).length / first.length;
    assert.ok(Math.abs(idle - 0.5) < 0.05, `${idle} idle, seeds 5000-6999`);
    // One second is 50 cycles, less than what is skipped: these are played packet by packet.
    const later = collectWaitsNs(hop, 20, { count: 100, intervalNs: 1e9 }).flat();
    assert.ok(Math.abs(meanOf(later) / 1e6 - 3.75) < 0.65, `${meanOf(later)} ns, seeds 5000-5019`);
  });

  test('comes in bursts: most probes find no queue, some a long one', () => {
    const hop = crossed({ ...bursty, share: 0.2, peakShare: 3, meanOnNs: 20e6, periods: 'pareto' as const });
    const waits = collectWaitsNs(hop, 300).flat();
    const idle = waits.filter((wait) => wait < packetNs + 1).length / waits.length;
    assert.ok(idle > 0.5 && idle < 0.95, `${idle} idle, seeds 5000-5299`);
    assert.ok(Math.max(...waits) > 20e6, `longest wait ${Math.max(...waits)} ns, seeds 5000-5299`);
  });
});

test('other traffic takes its share of a shaper, and its tokens', () => {
  const tokenBucket = { kind: 'shaper', rateBitsPerSec: 10e6, burstBytes: 20_000, queueBytes: 50_000 } as const;
  const hop = crossed({ share: 0.5, sizeBytes: 1500 }, { rateBitsPerSec: 1e9, tokenBucket });
  // 8 Mb/s of ours beside 5 Mb/s of theirs through 10 Mb/s: both Poisson, so that both lose the same, 3 of 13.
  const meanIntervalNs = (1514 * 8e9) / 8e6;
  const poisson = { kind: 'poisson', count: 20_000, meanIntervalNs, sizeBytes: 1500, seed: 9 } as const;
  const losses = [1, 2, 3].map((seed) => {
    const trace = simulate(buildBarePath([INSTANT_HOP, hop]), poisson, seed);
    return 1 - trace.arrival.filter((order) => order >= 0).length / trace.count;
  });
  assert.ok(Math.abs(meanOf(losses) - 3 / 13) < 0.015, `${meanOf(losses)} lost, seeds 1-3`);
  // A lone train of the bucket's size no longer finds it full: on average M/D/1 at 50 % holds half a frame, seldom several.
  const burst = simulate(buildBarePath([INSTANT_HOP, hop]), trainOf(13, 1500), 3);
  assert.ok((burst.farRxOffsetNs[12] ?? NaN) > 12 * 12_112, 'the last of a full bucket waits for tokens');
});

test('what was sent in a long silence costs nothing to skip', () => {
  // Ten minutes at 40 Gb/s and 50 % are a billion packets.
  const hop = crossed({ share: 0.5, sizeBytes: 1500 }, { rateBitsPerSec: 40e9 });
  const [waits] = collectWaitsNs(hop, 1, { count: 2, intervalNs: 600e9 });
  assert.ok(waits?.every((wait) => wait < 1e6));
});
