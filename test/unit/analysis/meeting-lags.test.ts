// Lost packets that had others before or behind them at one distance point to a link there; losses that know no distance point nowhere.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { describe, test } from 'node:test';
import { collectLoadRows } from '../../../src/analysis/signatures/load/rows/collect-load-rows.js';
import { findMeetingLags } from '../../../src/analysis/signatures/load/collisions/meeting-lags.js';
import { createRandom } from '../../../src/model/random.js';
import type { Random } from '../../../src/model/random.js';
import type { BuiltRow } from './built-trace.js';
import { buildTrace } from './built-trace.js';

const FRAME_NS = 122_000;
const LONGEST_NS = 3e6;
const PACKETS = 120;
const RUNS = 20;

/** Sent at random distances, as the experiment does. */
function drawSent(random: Random): readonly number[] {
  let nowNs = 0;
  return Array.from({ length: PACKETS }, () => (nowNs += 40_000 - 320_000 * Math.log(1 - random.uniform())));
}

function findLags(sentNs: readonly number[], isLost: readonly boolean[]) {
  const built = sentNs.map((txNs, i): BuiltRow => ({
    sizeBytes: 1500,
    txNs,
    plannedNs: txNs,
    lost: isLost[i] === true,
  }));
  const trace = buildTrace(built);
  const rows = collectLoadRows({
    traces: [trace],
    light: new Set(),
    sparse: new Set([trace]),
    mute: new Set(),
    mtuBytes: null,
  });
  return findMeetingLags(rows, () => true, { frameNs: FRAME_NS, longestNs: LONGEST_NS });
}

describe('the distance at which packets meet', () => {
  test('is found where most that met others were lost', () => {
    for (let run = 0; run < RUNS; run += 1) {
      const seed = randomInt(2 ** 31);
      const random = createRandom(seed);
      const lagNs = (1.5 + 20 * random.uniform()) * FRAME_NS;
      const sentNs = drawSent(random);
      const isLost = sentNs.map((nowNs) => {
        const hasMet = sentNs.some((otherNs) => Math.abs(Math.abs(otherNs - nowNs) - lagNs) < 0.6 * FRAME_NS);
        return random.uniform() < (hasMet ? 0.85 : 0.01);
      });
      const [best] = findLags(sentNs, isLost);
      assert.ok(best !== undefined && best.gain > 7, `seed ${seed}: ${JSON.stringify(best)}`);
      assert.ok(Math.abs(best.lagNs - lagNs) < FRAME_NS, `seed ${seed}: ${best.lagNs} ns for ${lagNs}`);
    }
  });

  test('gains far less where packets are lost at random', () => {
    const gains: number[] = [];
    const seed = randomInt(2 ** 31);
    const random = createRandom(seed);
    for (let run = 0; run < RUNS; run += 1) {
      const sentNs = drawSent(random);
      const ratio = 0.05 + 0.4 * random.uniform();
      const [best] = findLags(
        sentNs,
        sentNs.map(() => random.uniform() < ratio),
      );
      gains.push(best?.gain ?? 0);
    }
    assert.ok(
      gains.filter((gain) => gain > 7).length <= 3,
      `seed ${seed}: ${gains.map((gain) => gain.toFixed(1)).join(' ')}`,
    );
  });

  test('is not asked for where all came, or none', () => {
    const sentNs = drawSent(createRandom(1));
    assert.deepEqual(findLags(sentNs, []), []);
    assert.deepEqual(
      findLags(
        sentNs,
        sentNs.map(() => true),
      ),
      [],
    );
  });
});
