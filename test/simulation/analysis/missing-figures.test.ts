// What was asked for and is not in the report has a sentence there that says why: on drawn paths, good ones and bad ones, towards
// targets that answer much, little or nothing, with any allowance of time and bytes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { QUANTITIES, type Quantity } from '../../../src/model/examination.js';
import type { Estimates } from '../../../src/model/estimates.js';
import type { PathDescription } from '../../../src/model/path.js';
import { createRandom, type Random } from '../../../src/model/random.js';
import { NS_PER_MS } from '../../../src/model/units.js';
import type { FarEndModel, PathModel, StampReflectorModel } from '../../../src/simulator/path-model.js';
import { buildNarrowPath, buildTokenBucket, examine, type ExamineOptions } from './examined-path.js';
import { drawLog } from './drawn-loss-paths.js';

const PATHS = 60;
const FIRST_SEED = 31_400;

/** What a report on one quantity must hold, in one direction at least. */
const FIGURE: Readonly<Record<Quantity, (estimates: Estimates) => unknown>> = {
  capacity: ({ capacity }) => capacity.forward,
  available: ({ available }) => available.forward,
  utilization: ({ utilization }) => utilization.forward,
  maximum: ({ maximum }) => maximum.forward,
  loss: ({ loss }) => loss.roundTrip,
  delay: ({ rtt }) => rtt,
  propagation: ({ propagation }) => propagation,
  jitter: ({ jitter }) => jitter,
  voice: ({ voice }) => voice,
  reordering: ({ reordering }) => reordering,
  duplication: ({ duplication }) => duplication,
  mtu: ({ mtu }) => mtu,
  dscp: ({ dscp }) => dscp?.some(({ forward, reverse }) => forward !== null || reverse !== null),
  responsiveness: ({ loaded }) => loaded?.up,
};

/** Sentences that explain an absence, not those that say how far a figure that is there can be trusted. */
const WHY =
  /too few|too little|limits it|unknown|could not be|was not (measured|looked for)|were not (sent|told)|is not told/i;

const pick = <T>(random: Random, choices: readonly [T, ...T[]]): T =>
  choices[Math.floor(choices.length * random.uniform())] ?? choices[0];

const STAMPING: StampReflectorModel = {
  kind: 'stamp',
  processing: { floorNs: 1_500, meanExtraNs: 500 },
  stamp: { noiseNs: 1_500, granularityNs: 1 },
  stampSource: 'kernel',
  clockOffsetNs: 1e9,
};

function drawModel(random: Random): PathModel {
  const rateBitsPerSec = drawLog(random, 0.5e6, 2e9);
  const lossRatio = pick(random, [0, 0, 0.02, 0.3, 0.8, 1]);
  const queueBytes = drawLog(random, 2e3, 1e6);
  const bucket = pick(random, [{}, buildTokenBucket(rateBitsPerSec, drawLog(random, 3e3, 500e3), queueBytes)]);
  const far = pick<FarEndModel>(random, [
    STAMPING,
    { ...STAMPING, sends: true },
    { kind: 'echo', processing: STAMPING.processing },
    { kind: 'small-reply', replySizeBytes: 64, processing: STAMPING.processing },
  ]);
  return buildNarrowPath({
    narrow: {
      rateBitsPerSec,
      queueBytes,
      propagationNs: drawLog(random, 0.1, 400) * NS_PER_MS,
      loss: { kind: 'bernoulli', lossRatio },
      ...bucket,
    },
    stampNoiseNs: drawLog(random, 100, 100e3),
    far,
  });
}

function drawOptions(random: Random): Omit<ExamineOptions, 'seed'> {
  const description: Partial<PathDescription> = { maxProbesPerSec: pick(random, [null, null, null, 1, 8, 200]) };
  return {
    maxSeconds: Math.ceil(drawLog(random, 0.5, 15)),
    maxBytes: Math.round(drawLog(random, 1_000, 20e6)),
    description,
  };
}

describe('a figure that was asked for and is missing', () => {
  for (const quantity of QUANTITIES) {
    it(`has its reason: ${quantity}`, () => {
      for (let seed = FIRST_SEED; seed < FIRST_SEED + PATHS; seed += 1) {
        const random = createRandom(seed);
        const { report } = examine(drawModel(random), { ...drawOptions(random), quantity, seed });
        if (FIGURE[quantity](report.estimates)) continue;
        const isUnreachable = report.findings.some(({ condition }) => condition === 'unreachable');
        const told = `seed ${seed}: ${report.summary}; ${report.limits.join('; ')}`;
        assert.ok(isUnreachable || report.limits.some((limit) => WHY.test(limit)), told);
      }
    });
  }
});

describe('notes of the capacity', () => {
  const narrow = { rateBitsPerSec: 300e6, propagationNs: 5 * NS_PER_MS, queueBytes: 1e6 };
  const model = buildNarrowPath({ narrow, far: STAMPING });

  it('are read by who asked for it, and by nobody else', () => {
    const told = QUANTITIES.filter((quantity) => {
      const { report } = examine(model, { quantity, seed: FIRST_SEED, maxBytes: 350e6 });
      return /its capacity|Capacity was seen/.test(report.limits.join());
    });
    assert.deepEqual(told, ['capacity']);
  });

  it('name what was asked for where the target answers too seldom for trains', () => {
    const ask = (quantity: Quantity): string =>
      examine(model, { quantity, seed: FIRST_SEED, description: { maxProbesPerSec: 10 } }).report.limits.join();
    assert.match(ask('available'), /too few for packet trains, so available bandwidth was not measured/);
    assert.doesNotMatch(ask('delay'), /packet trains|capacity/);
  });
});
