// The told truth of available bandwidth is what its definition says: below it a stream passes without a queue that grows, above it
// the delay grows as fast as what is too much. Over drawn links, buckets and slots, with drawn traffic.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../../src/model/random.js';
import type { Random } from '../../../src/model/random.js';
import { planSchedule } from '../../../src/sequencer/schedule.js';
import type { CrossTrafficModel, HopModel } from '../../../src/simulator/path-model.js';
import { computeLastingRate } from '../../../src/simulator/hop-rate.js';
import { describeTruth } from '../../../src/simulator/path-truth.js';
import { simulateTrace } from '../../../src/simulator/simulation.js';
import { buildBarePath, INSTANT_HOP, sequenceOf } from '../../unit/simulator/bare-path.js';

const PACKETS = 30_000;
const FRAME_BITS = 1514 * 8;
/** Another one: `SEED=7 node --test …`. */
const SEED = Number(process.env['SEED'] ?? 20_260);

const between = (random: Random, low: number, high: number): number => low * (high / low) ** random.uniform();

function drawHop(random: Random): HopModel {
  const rateBitsPerSec = between(random, 2e6, 500e6);
  const share = 0.1 + 0.6 * random.uniform();
  const frameNs = (FRAME_BITS * 1e9) / rateBitsPerSec;
  const sizeBytes = [
    { sizeBytes: 64, share: random.uniform() },
    { sizeBytes: 1500, share: 1 },
  ];
  const bursts: CrossTrafficModel = {
    kind: 'on-off',
    share,
    peakShare: share * between(random, 1.5, 4),
    meanOnNs: frameNs * between(random, 0.5, 1.5),
    // Pareto's fluctuations would hide what is looked for in runs of any length that a test can take.
    periods: 'exponential',
    sizeBytes,
  };
  const crossTraffic: CrossTrafficModel = random.uniform() < 0.5 ? { share, sizeBytes } : bursts;
  const plain: HopModel = { rateBitsPerSec, propagationNs: 1e6, queueBytes: 1e12, crossTraffic };
  const kind = random.uniform();
  if (kind < 0.4) return plain;
  const faster = { ...plain, rateBitsPerSec: rateBitsPerSec * between(random, 3, 20) };
  if (kind < 0.7) {
    const burstBytes = between(random, 3_000, 60_000);
    return { ...faster, tokenBucket: { kind: 'shaper', rateBitsPerSec, burstBytes, queueBytes: 1e12 } };
  }
  const grantBytes = between(random, 4_000, 40_000);
  return { ...faster, slots: { periodNs: (grantBytes * 8e9) / rateBitsPerSec, grantBytes } };
}

/**
 * Growth of the one-way delay of a steady stream, in ns a ns, between its second and its last third; and the standard deviation
 * of what other traffic offers in a third, as a share of the rate: √2 / √n of its share with n bursts, at least as even as these.
 */
function measureGrowth(hop: HopModel, rateBitsPerSec: number, seed: number): { growth: number; noise: number } {
  const intervalNs = (FRAME_BITS * 1e9) / rateBitsPerSec;
  const sequence = {
    ...sequenceOf({ kind: 'isochronous', count: PACKETS, intervalNs, sizeBytes: 1500 }),
    lingerNs: 1e12,
  };
  const path = buildBarePath([INSTANT_HOP, hop]);
  const trace = simulateTrace({ sequence, schedule: planSchedule(sequence), path, seed, startNs: 0 });
  const meanDelayNs = (from: number, to: number): number => {
    let sum = 0;
    for (let i = from; i < to; i += 1) sum += (trace.farRxOffsetNs[i] ?? NaN) - (trace.txOffsetNs[i] ?? NaN);
    return sum / (to - from);
  };
  const third = PACKETS / 3;
  const thirdNs = third * intervalNs;
  const { crossTraffic } = hop;
  const share = crossTraffic?.share ?? 0;
  const cycleNs =
    crossTraffic?.kind === 'on-off'
      ? (crossTraffic.meanOnNs * crossTraffic.peakShare) / share
      : (FRAME_BITS * 1e9) / (share * computeLastingRate(hop).rateBitsPerSec);
  const growth = (meanDelayNs(2 * third, PACKETS) - meanDelayNs(third, 2 * third)) / thirdNs;
  return { growth, noise: share * Math.sqrt((2 * cycleNs) / thirdNs) };
}

test(`a stream below it does not queue for long, one above it queues at the rate that is too much (seed ${SEED})`, () => {
  const random = createRandom(SEED);
  for (let draw = 0; draw < 20; draw += 1) {
    const hop = drawHop(random);
    const { availableBitsPerSec, capacityBitsPerSec } = describeTruth(buildBarePath([hop])).forward;
    const what = `draw ${draw}, seed ${SEED}: ${JSON.stringify(hop)}`;
    const below = measureGrowth(hop, 0.8 * availableBitsPerSec, draw);
    const above = measureGrowth(hop, 1.25 * availableBitsPerSec, draw);
    // A queue in front of C with R of ours and C − A of theirs grows by (R − A) / C. Slots add half a period at each end.
    const expected = (0.25 * availableBitsPerSec) / capacityBitsPerSec;
    const allowed = 0.005 + 4.5 * above.noise;
    assert.ok(Math.abs(above.growth - expected) < allowed, `grows by ${above.growth}, expected ${expected}, ${what}`);
    assert.ok(Math.abs(below.growth) < 0.005 + 4.5 * below.noise, `grows by ${below.growth} below, ${what}`);
    assert.ok(allowed < expected, `the bound tells nothing, ${what}`);
  }
});
