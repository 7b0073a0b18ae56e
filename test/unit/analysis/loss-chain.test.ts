// A chain of a good and a bad state expects losses behind losses, for as long as its spells last, and loses as much as was lost.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  CHAIN_CLASSES,
  packChainRows,
  playChain,
  TRAIN_CLASS,
} from '../../../src/analysis/signatures/load/weighing/loss-chain.js';
import type { Chain } from '../../../src/analysis/signatures/load/weighing/loss-chain.js';
import { LEG } from '../../../src/analysis/signatures/load/rows/load-rows.js';
import { createRandom } from '../../../src/model/random.js';
import { buildLoadRows, ROW_INTERVAL_NS } from './built-rows.js';
import type { BuiltLoadRow } from './built-rows.js';

const BY_PACKETS: Chain = { unit: 'packets', badStay: 6, badRatio: 0.999, smallShare: 1 };
const BY_TIME: Chain = { unit: 'ns', badStay: 5 * ROW_INTERVAL_NS, badRatio: 0.999, smallShare: 1 };

/** Expected loss of each row. */
function expectLosses(built: readonly BuiltLoadRow[], chain: Chain, odds: Float64Array | null = null): number[] {
  const rows = buildLoadRows(built);
  const [played] = playChain(packChainRows(rows, new Uint8Array(rows.count)), chain, [odds]);
  assert.ok(played !== undefined);
  return Array.from(played.classOf, (found) => played.lossRatios[found] ?? NaN);
}

/** 400 rows, of which those from `from` on to before `to` are lost. */
const loseSpell = (from: number, to: number): BuiltLoadRow[] =>
  Array.from({ length: 400 }, (_, i) => ({ isLost: i >= from && i < to }));

describe('a chain of spells', () => {
  test('expects a loss behind a loss and hardly any behind an answer', () => {
    const expected = expectLosses(loseSpell(200, 220), BY_PACKETS);
    assert.ok((expected[205] ?? 0) > 0.7, `within: ${expected[205]}`);
    assert.ok((expected[100] ?? 1) < 0.07, `before: ${expected[100]}`);
    assert.ok((expected[230] ?? 1) < 0.07, `behind: ${expected[230]}`);
  });

  test('by time forgets a loss while nothing is sent, by packets it does not', () => {
    const paused = loseSpell(200, 220).map((row, i) => ({
      ...row,
      timeNs: ROW_INTERVAL_NS * (i < 210 ? i : i + 200),
    }));
    assert.ok((expectLosses(paused, BY_TIME)[210] ?? 1) < 0.2);
    assert.ok((expectLosses(paused, BY_PACKETS)[210] ?? 0) > 0.7);
  });

  test('knows each direction by itself', () => {
    const both = loseSpell(200, 220).flatMap((row): BuiltLoadRow[] => [
      { ...row, leg: LEG.forward },
      { leg: LEG.reverse },
    ]);
    const expected = expectLosses(both, BY_PACKETS);
    assert.ok((expected[2 * 205] ?? 0) > 0.7);
    assert.ok((expected[2 * 205 + 1] ?? 1) < 0.02);
  });

  test('expects the loss that there was on average, drawn at random as well', () => {
    for (const seed of [21, 22, 23]) {
      const random = createRandom(seed);
      const built = Array.from({ length: 2000 }, () => ({ isLost: random.uniform() < 0.05 }));
      const expected = expectLosses(built, BY_PACKETS).reduce((sum, ratio) => sum + ratio, 0) / built.length;
      assert.ok(expected > 0.025 && expected < 0.1, `seed ${seed}: ${expected}`);
    }
  });

  test('believes what else is known of a moment', () => {
    const built = loseSpell(200, 202);
    const odds = new Float64Array(built.length).fill(0.5);
    odds[100] = 50;
    const expected = expectLosses(built, BY_PACKETS, odds);
    assert.ok((expected[100] ?? 0) > 5 * (expected[99] ?? 1), `${expected[99]} ${expected[100]}`);
  });

  test('says of trains only how much of them is lost', () => {
    const rows = buildLoadRows([...loseSpell(0, 40), ...loseSpell(0, 400).map((row) => ({ ...row, isTrain: true }))]);
    const [played] = playChain(packChainRows(rows, new Uint8Array(rows.count)), BY_PACKETS, [null]);
    assert.ok(played !== undefined);
    assert.ok(played.classOf.subarray(400).every((found) => found % CHAIN_CLASSES === TRAIN_CLASS));
  });
});
