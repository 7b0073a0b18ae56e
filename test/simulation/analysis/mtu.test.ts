// Path MTU over drawn paths: to the byte in each direction that can be told, never wrong with confidence, at a bounded cost.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MtuEstimate } from '../../../src/model/estimates.js';
import { createRandom } from '../../../src/model/random.js';
import type { Random } from '../../../src/model/random.js';
import { NS_PER_MS, NS_PER_US } from '../../../src/model/units.js';
import type { FarEndModel, HopModel, LossModel, PathModel } from '../../../src/simulator/path-model.js';
import { buildNarrowPath, examine } from './examined-path.js';

const PORT_BYTES = 1500;
const STAMP: FarEndModel = {
  kind: 'stamp',
  processing: { floorNs: 1_500, meanExtraNs: 500 },
  stamp: { noiseNs: 1_000, granularityNs: 1 },
  stampSource: 'kernel',
  clockOffsetNs: 0,
};

interface Drawn {
  readonly forwardBytes: number;
  readonly reverseBytes: number;
  readonly sendsMessage: boolean;
  readonly far: 'echo' | 'stamp';
  readonly mostLoss: number;
}

interface Outcome {
  readonly drawn: Drawn;
  readonly mtu: MtuEstimate | null;
  readonly bytes: number;
  readonly seconds: number;
  readonly limits: string;
}

function buildPath(drawn: Drawn, random: Random): PathModel {
  const base = buildNarrowPath({ narrow: {}, ...(drawn.far === 'stamp' ? { far: STAMP } : {}) });
  const hop = (bytes: number, sendsMessage: boolean): HopModel => ({
    rateBitsPerSec: 10 ** (6 + 3 * random.uniform()),
    propagationNs: 100 * NS_PER_US * 10 ** (2 * random.uniform()),
    queueBytes: 200e3,
    ...(bytes < PORT_BYTES ? { mtu: { bytes, sendsMessage } } : {}),
    ...(drawn.mostLoss > 0 ? { loss: drawLoss(drawn.mostLoss / 2, random) } : {}),
  });
  const [port] = base.forward;
  const own = port === undefined ? [] : [port];
  return {
    ...base,
    forward: [...own, hop(drawn.forwardBytes, drawn.sendsMessage)],
    reverse: [hop(drawn.reverseBytes, false)],
  };
}

function drawLoss(most: number, random: Random): LossModel {
  const lossRatio = most * random.uniform();
  if (random.uniform() < 0.5) return { kind: 'bernoulli', lossRatio };
  const badToGood = 0.1 + 0.4 * random.uniform();
  return { kind: 'gilbert', goodToBad: 0.02, badToGood, goodLossRatio: lossRatio / 2, badLossRatio: 0.7 };
}

function drawMtu(random: Random): number {
  const usual = [1280, 1400, 1420, 1480, 1492, PORT_BYTES, PORT_BYTES, PORT_BYTES];
  const drawn = usual[Math.floor(random.uniform() * usual.length)] ?? PORT_BYTES;
  return random.uniform() < 0.5 ? drawn : 120 + Math.floor((PORT_BYTES - 120) * random.uniform());
}

function measure(drawn: Drawn, random: Random): Outcome {
  const description = drawn.far === 'stamp' ? { minSizeBytes: 72 } : {};
  const model = buildPath(drawn, random);
  const { report, traces, phases } = examine(model, { seed: random.uint32(), quantity: 'mtu', description });
  const bytes = traces.reduce((sum, { cost }, i) => (phases[i] === 'mtu' ? sum + cost.bytes : sum), 0);
  const limits = report.limits.join('; ');
  return { drawn, mtu: report.estimates.mtu, bytes, seconds: report.durationMs / 1e3, limits };
}

function measureAll(seed: number, count: number, mostLoss: number): Outcome[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => {
    const drawn: Drawn = {
      forwardBytes: drawMtu(random),
      reverseBytes: drawMtu(random),
      sendsMessage: random.uniform() < 0.4,
      far: random.uniform() < 0.6 ? 'stamp' : 'echo',
      mostLoss,
    };
    return measure(drawn, random);
  });
}

/** What an estimate says of one direction: the MTU lies in `low` to `high`. */
function holds(passed: number, failed: number | null, truth: number): boolean {
  return passed <= truth && truth < (failed ?? PORT_BYTES + 1);
}

/** Where the directions cannot be told apart, the smaller one is meant. */
function isTrue({ drawn, mtu, limits }: Outcome): boolean {
  if (mtu === null) return true;
  const { forwardBytes, reverseBytes } = drawn;
  const smaller = Math.min(forwardBytes, reverseBytes);
  const meant = drawn.far === 'stamp' && !/on the way there or/.test(limits) ? forwardBytes : smaller;
  const { failedBytes } = mtu;
  const isReverseTrue = mtu.reverseBytes === null || holds(mtu.reverseBytes, failedBytes.reverse, reverseBytes);
  return isReverseTrue && holds(mtu.forwardBytes, failedBytes.forward, meant);
}

const isExact = ({ mtu }: Outcome): boolean =>
  mtu !== null && (mtu.failedBytes.forward === null || mtu.failedBytes.forward === mtu.forwardBytes + 1);
const tell = (outcome: Outcome | undefined): string => JSON.stringify(outcome);

describe('path MTU', () => {
  it('without loss is known to the byte on every path, in each direction that is counted, for about 40 kB', () => {
    const outcomes = measureAll(8899, 120, 0);
    for (const outcome of outcomes) {
      assert.ok(isTrue(outcome) && isExact(outcome), tell(outcome));
      if (outcome.drawn.far === 'stamp') assert.equal(outcome.mtu?.reverseBytes, outcome.drawn.reverseBytes);
      else assert.equal(outcome.mtu?.reverseBytes, null);
    }
    const oneLimit = outcomes.filter(
      ({ drawn }) => drawn.reverseBytes === PORT_BYTES || drawn.forwardBytes === PORT_BYTES,
    );
    const costs = oneLimit.map(({ bytes }) => bytes).sort((a, b) => a - b);
    assert.ok((costs[Math.floor(0.9 * costs.length)] ?? Infinity) < 45e3, `nine of ten below ${costs.join(' ')}`);
  });

  it('is said to be announced where a router said so, and a black hole where none did; fragments pass both', () => {
    for (const sendsMessage of [true, false]) {
      const drawn = { forwardBytes: 1473, reverseBytes: 1500, sendsMessage, far: 'stamp', mostLoss: 0 } as const;
      const { mtu } = measure(drawn, createRandom(1));
      assert.equal(mtu?.isAnnounced, sendsMessage);
      assert.deepEqual(mtu.announcement, sendsMessage ? { from: '198.51.100.1', mtuBytes: 1473 } : null);
      assert.equal(mtu.fragmentsPass, true);
    }
  });

  it('where all sizes pass takes one run of less than 8 kB, and nothing is said of announcements', () => {
    const drawn = { forwardBytes: 1500, reverseBytes: 1500, sendsMessage: false, far: 'echo', mostLoss: 0 } as const;
    const { mtu, bytes } = measure(drawn, createRandom(1));
    assert.deepEqual([mtu?.forwardBytes, mtu?.failedBytes.forward, mtu?.isAnnounced], [1500, null, null]);
    assert.ok(bytes < 8e3, `${bytes} bytes`);
  });

  it('is not wrong where up to 40 % is lost, at random or in bursts', () => {
    const outcomes = measureAll(8900, 150, 0.4);
    const wrong = outcomes.filter((outcome) => !isTrue(outcome));
    assert.ok(wrong.length <= 0.02 * outcomes.length, `${wrong.length} wrong: ${tell(wrong[0])}`);
    const exact = outcomes.filter(isExact).length;
    assert.ok(exact >= 0.9 * outcomes.length, `${exact} of ${outcomes.length} known to the byte`);
    assert.ok(outcomes.every(({ bytes }) => bytes <= 150e3));
  });

  it('no limit is found where there is loss alone, however much of it', () => {
    const random = createRandom(8901);
    for (let i = 0; i < 60; i += 1) {
      const none = { forwardBytes: PORT_BYTES, reverseBytes: PORT_BYTES, sendsMessage: false } as const;
      const outcome = measure({ ...none, far: i % 2 === 0 ? 'stamp' : 'echo', mostLoss: 0.8 }, random);
      assert.equal(outcome.mtu?.failedBytes.forward ?? null, null, tell(outcome));
      assert.equal(outcome.mtu?.failedBytes.reverse ?? null, null, tell(outcome));
      if (outcome.mtu === null) assert.match(outcome.limits, /MTU is unknown|not looked for|unreachable|too few/);
    }
  });

  it('loss that grows with length is no limit', () => {
    // A bucket of two large packets lets nearly all small ones pass: the near miss of a black hole.
    const far: FarEndModel = { kind: 'echo', processing: { floorNs: 1_500, meanExtraNs: 500 } };
    const policer = { kind: 'policer', rateBitsPerSec: 400e3, burstBytes: 3_000 } as const;
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const model = buildNarrowPath({ narrow: { tokenBucket: policer, propagationNs: 2 * NS_PER_MS }, far });
      const { mtu } = examine(model, { seed, quantity: 'mtu', maxSeconds: 15 }).report.estimates;
      assert.equal(mtu?.failedBytes.forward ?? null, null, `seed ${seed}: ${JSON.stringify(mtu)}`);
    }
  });

  it('a link so slow that large replies come late is no limit', () => {
    for (const rateBitsPerSec of [64e3, 128e3, 256e3]) {
      const narrow = { rateBitsPerSec, queueBytes: 64e3, propagationNs: 1 * NS_PER_MS };
      const { mtu } = examine(buildNarrowPath({ narrow }), { seed: 1, quantity: 'mtu' }).report.estimates;
      assert.equal(mtu?.forwardBytes ?? 1500, 1500, `${rateBitsPerSec / 1e3} kb/s: ${JSON.stringify(mtu)}`);
      assert.equal(mtu?.failedBytes.forward ?? null, null);
    }
  });
});
