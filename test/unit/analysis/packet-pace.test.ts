// Time by the byte or by the packet, from bursts of two sizes as a link, a processor, a sender and a batching port pass them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimatePacketPace, LEAST_GAIN } from '../../../src/analysis/estimators/capacity/packet-pace.js';
import { createRandom } from '../../../src/model/random.js';
import type { Trace } from '../../../src/model/trace.js';
import { buildTrace } from './built-trace.js';

const SEED = 4_010_207;
const [LARGE, SMALL] = [1500, 375];
const SPACING_NS = 50e6;

interface Passage {
  /** Time that the narrow place takes for a packet. */
  readonly serviceNs: (sizeBytes: number) => number;
  readonly sendGapNs?: number;
  readonly noiseNs?: number;
  /** Packets that wait at most; the others are lost. */
  readonly queuePackets?: number;
  /** Arrivals are seen at multiples of this only. */
  readonly batchNs?: number;
}

function pass({ serviceNs, sendGapNs = 3e3, noiseNs = 0, queuePackets = Infinity, batchNs = 0 }: Passage): Trace {
  const random = createRandom(SEED);
  const noise = (): number => noiseNs * (random.uniform() + random.uniform() + random.uniform() - 1.5);
  const packets = Array.from({ length: 6 * 24 }, (_, row) => {
    const burst = Math.floor(row / 24);
    return {
      burst,
      sizeBytes: (row >> 2) % 2 === 0 ? LARGE : SMALL,
      sentNs: burst * SPACING_NS + (row % 24) * sendGapNs,
    };
  });
  let waiting: number[] = [];
  let freeNs = 0;
  return buildTrace(
    packets.map(({ burst, sizeBytes, sentNs }) => {
      waiting = waiting.filter((doneNs) => doneNs > sentNs);
      const isLost = waiting.length > queuePackets;
      if (!isLost) {
        freeNs = Math.max(freeNs, sentNs) + serviceNs(sizeBytes);
        waiting.push(freeNs);
      }
      const cameNs = batchNs > 0 ? Math.ceil(freeNs / batchNs) * batchNs : freeNs;
      return {
        sizeBytes,
        burst,
        plannedNs: burst * SPACING_NS,
        txNs: sentNs + noise(),
        lost: isLost,
        rxNs: 1e6 + cameNs + noise(),
      };
    }),
  );
}

/** The most probable share of a large packet's time that a small one takes, and by how much an other one is less probable, in ln. */
function read(passage: Passage, against: number) {
  const pace = estimatePacketPace([pass(passage)], 'round-trip');
  if (pace === null) return null;
  const best = pace.small[0].shares.reduce((a, b) => (b.logLikelihood > a.logLikelihood ? b : a));
  const other = pace.small[0].shares.reduce((a, b) =>
    Math.abs(b.share - against) < Math.abs(a.share - against) ? b : a,
  );
  return { largeNs: pace.largeNs, share: best.share, ahead: best.logLikelihood - other.logLikelihood };
}

describe('the pace of packets of two sizes', () => {
  const link = (sizeBytes: number): number => 80 * (sizeBytes + 14);

  it('goes by bytes on a link', () => {
    const pace = read({ serviceNs: link }, 1);
    assert.ok(pace !== null && Math.abs(pace.share - 0.257) < 0.02 && pace.ahead > 20, JSON.stringify(pace));
    assert.ok(Math.abs(pace.largeNs / link(LARGE) - 1) < 0.01);
  });

  it('goes by packets in a processor, also where its queue loses most of a burst', () => {
    for (const queuePackets of [Infinity, 10]) {
      const pace = read({ serviceNs: () => 200e3, queuePackets }, 0.25);
      assert.ok(pace !== null && Math.abs(pace.share - 1) < 0.03 && pace.ahead > 10, JSON.stringify(pace));
    }
  });

  it('goes by packets where those of others come between ours', () => {
    const random = createRandom(SEED);
    const pace = read({ serviceNs: () => 200e3 * (1 + Math.floor(2.5 * random.uniform())) }, 0.25);
    assert.ok(pace !== null && Math.abs(pace.share - 1) < 0.03 && pace.ahead > 10, JSON.stringify(pace));
    assert.ok(Math.abs(pace.largeNs / 200e3 - 1) < 0.02, JSON.stringify(pace));
  });

  it('shows packets of others between ours where these take the same time, not where nobody or a link is between', () => {
    const random = createRandom(SEED);
    const readOthers = (serviceNs: Passage['serviceNs']): number =>
      estimatePacketPace([pass({ serviceNs })], 'round-trip')?.logOthers ?? NaN;
    assert.ok(readOthers(() => 30e3 * (1 + Math.floor(2.5 * random.uniform()))) > 10, `seed ${SEED}`);
    assert.ok(readOthers(() => 30e3) < 1, `seed ${SEED}`);
    assert.ok(readOthers(() => 30e3 + (random.uniform() < 0.4 ? 40e3 * random.uniform() : 0)) < 5, `seed ${SEED}`);
  });

  it('goes by bytes where packets of others come between ours on a link', () => {
    const random = createRandom(SEED);
    const between = (): number => (random.uniform() < 0.4 ? link(random.uniform() < 0.5 ? 50 : 1500) : 0);
    const pace = read({ serviceNs: (sizeBytes) => link(sizeBytes) + between() }, 1);
    assert.ok(pace !== null && Math.abs(pace.share - 0.257) < 0.05 && pace.ahead > 5, JSON.stringify(pace));
  });

  it('lies between where a turn is paid for each packet', () => {
    const pace = read({ serviceNs: (sizeBytes) => 100e3 + link(sizeBytes) }, 1);
    assert.ok(pace !== null && pace.share > 0.5 && pace.share < 0.7 && pace.ahead > 5, JSON.stringify(pace));
  });

  it('is less sure the more noise there is', () => {
    const [quiet, noisy] = [1e3, 40e3].map((noiseNs) => read({ serviceNs: () => 30e3, noiseNs }, 0.25));
    assert.ok(quiet != null && quiet.ahead > 10, `seed ${SEED}: ${JSON.stringify(quiet)}`);
    assert.ok(noisy == null || noisy.ahead < quiet.ahead / 2, `seed ${SEED}: ${JSON.stringify(noisy)}`);
  });

  it('is told from loads of one size each where others keep the place full, and hardly two packets of a burst follow each other', () => {
    for (const [serviceOf, share] of [[() => 200e3, 1] as const, [link, 0.257] as const]) {
      const random = createRandom(SEED);
      // Most find no room; before each that does, full packets of others are passed.
      const load = (sizeBytes: number, rows: number): Trace => {
        let freeNs = 0;
        return buildTrace(
          Array.from({ length: rows }, (_, row) => {
            const txNs = row * 130e3 + 60e3 * random.uniform();
            const lost = random.uniform() < 0.8;
            if (!lost) {
              const others = Math.max(0, Math.ceil((txNs - freeNs) / serviceOf(LARGE)));
              freeNs += others * serviceOf(LARGE) + serviceOf(sizeBytes);
            }
            return { sizeBytes, plannedNs: txNs, txNs, lost, rxNs: 1e6 + freeNs };
          }),
        );
      };
      const traces = [load(LARGE, 400), load(SMALL, 400)];
      assert.equal(estimatePacketPace(traces, 'round-trip'), null, `seed ${SEED}`);
      const pace = estimatePacketPace(traces, 'round-trip', LEAST_GAIN);
      assert.ok(
        pace !== null && Math.abs(pace.largeNs / serviceOf(LARGE) - 1) < 0.02,
        `seed ${SEED}: ${pace?.largeNs}`,
      );
      const best = pace.small[0].shares.reduce((a, b) => (b.logLikelihood > a.logLikelihood ? b : a));
      assert.ok(Math.abs(best.share - share) < 0.05, `seed ${SEED}: ${best.share}`);
    }
  });

  it('is not told where most are lost and the others come as they left', () => {
    const random = createRandom(SEED);
    const load = (sizeBytes: number): Trace =>
      buildTrace(
        Array.from({ length: 400 }, (_, row) => {
          const txNs = row * 130e3 + 60e3 * random.uniform();
          return {
            sizeBytes,
            plannedNs: txNs,
            txNs,
            lost: random.uniform() < 0.8,
            rxNs: 1e6 + txNs + 2e3 * random.uniform(),
          };
        }),
      );
    assert.equal(estimatePacketPace([load(LARGE), load(SMALL)], 'round-trip', LEAST_GAIN), null, `seed ${SEED}`);
  });

  it('is not told where the sender or batches set it', () => {
    assert.equal(read({ serviceNs: () => 2e3, sendGapNs: 10e3 }, 1), null);
    assert.equal(read({ serviceNs: () => 30e3, batchNs: 400e3 }, 1), null);
    assert.equal(estimatePacketPace([], 'round-trip'), null);
  });
});
