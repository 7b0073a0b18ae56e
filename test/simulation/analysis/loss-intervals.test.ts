// The 95 % intervals of loss runs and loss episodes hold what the medium of drawn paths does in the long run.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimateLossEpisodes } from '../../../src/analysis/estimators/loss/loss-episodes.js';
import { estimateLossRuns } from '../../../src/analysis/estimators/loss/loss-runs.js';
import { createRandom, type Random } from '../../../src/model/random.js';
import type { Estimate, Interval } from '../../../src/model/estimates.js';
import type { Sequence } from '../../../src/model/sequence.js';
import type { Trace } from '../../../src/model/trace.js';
import { NS_PER_MS, NS_PER_SEC } from '../../../src/model/units.js';
import { planSchedule } from '../../../src/sequencer/schedule.js';
import { createSimulation } from '../../../src/simulator/simulation.js';
import { buildNarrowPath } from './examined-path.js';

const SEED = 20_261_123;
const PATHS = 300;
const SLOT_NS = 8 * NS_PER_MS;

interface DrawnLoss {
  readonly goodToBad: number;
  readonly badToGood: number;
}

/** A Gilbert chain with runs of 1 to 8 packets in the mean, in 1 to 10 % of all packets. */
function drawLoss(random: Random): DrawnLoss {
  const badToGood = 1 / (1.05 + 7 * random.uniform() ** 2);
  const share = 0.01 * 10 ** random.uniform();
  return { badToGood, goodToBad: (share * badToGood) / (1 - share) };
}

interface Count {
  held: number;
  all: number;
}

function count(counts: Map<string, Count>, name: string, truth: number, { low, high }: Interval | Estimate): void {
  const one = counts.get(name) ?? { held: 0, all: 0 };
  one.all += 1;
  if (low <= truth && truth <= high) one.held += 1;
  counts.set(name, one);
}

/** 300 to 3,000 light packets, one each slot, over a link of 100 Mb/s to 1 Gb/s. */
function sendPaced(random: Random, { goodToBad, badToGood }: DrawnLoss, seed: number): Trace {
  const loss = { kind: 'gilbert', goodToBad, badToGood, goodLossRatio: 0, badLossRatio: 1 } as const;
  const narrow = { rateBitsPerSec: 100e6 * 10 ** random.uniform(), propagationNs: 5 * NS_PER_MS, loss };
  const count = Math.round(300 * 10 ** random.uniform());
  const pattern = { kind: 'isochronous', count, intervalNs: SLOT_NS, sizeBytes: 92 } as const;
  const sequence: Sequence = { id: 'paced', pattern, dscp: 0, dontFragment: false, lingerNs: NS_PER_SEC };
  const simulation = createSimulation(buildNarrowPath({ narrow }), seed);
  return simulation.run({ sequence, schedule: planSchedule(sequence), startNs: 0 }).trace;
}

describe('intervals of loss', () => {
  it(`hold the truth of drawn paths in 93 % (seed ${SEED})`, () => {
    const random = createRandom(SEED);
    const counts = new Map<string, Count>();
    for (let path = 0; path < PATHS; path += 1) {
      const drawn = drawLoss(random);
      const { goodToBad, badToGood } = drawn;
      const trace = sendPaced(random, drawn, SEED + path);
      const runs = estimateLossRuns([trace]);
      if (runs !== null) count(counts, 'mean run', 1 / badToGood, runs.intervals.meanLength);
      const episodes = estimateLossEpisodes([trace]);
      if (episodes === null) continue;
      count(counts, 'episode frequency', goodToBad / (goodToBad + badToGood), episodes.frequency);
      count(counts, 'episode duration', SLOT_NS / badToGood, episodes.durationNs);
    }
    assert.equal(counts.size, 3);
    for (const [name, { held, all }] of counts) {
      assert.ok(all >= PATHS / 2 && held / all >= 0.93, `${name}: ${held} of ${all}`);
    }
  });
});
