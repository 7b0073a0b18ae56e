// The steady rate of one train: knees, queue drops, losses behind the link, stalls of the receiver.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findKnee } from '../../../src/analysis/estimators/capacity/steady-tail.js';
import { computeTrainArrivals } from '../../../src/analysis/estimators/capacity/train-arrivals.js';
import { estimateTrainRate } from '../../../src/analysis/estimators/capacity/train-rate.js';
import { createRandom } from '../../../src/model/random.js';
import { buildTrace } from './built-trace.js';
import type { BuiltRow } from './built-trace.js';

const SIZE = 1500;
/** A full frame at 50 Mb/s. */
const GAP_NS = (1514 * 8 * 1e9) / 50e6;

const rowAt = (rxNs: number, plannedNs = 0): BuiltRow => ({ sizeBytes: SIZE, plannedNs, txNs: plannedNs, rxNs });
const LOST: BuiltRow = { sizeBytes: SIZE, plannedNs: 0, lost: true };

function rateOf(rows: readonly BuiltRow[], pathLossRatio = 0) {
  const [train] = computeTrainArrivals(buildTrace(rows), 'round-trip', false);
  return train === undefined ? null : estimateTrainRate(train, { ratio: pathLossRatio, most: pathLossRatio });
}

const steady = (count: number, startNs = 1e6) => Array.from({ length: count }, (_, i) => rowAt(startNs + i * GAP_NS));

function assertRate(rows: readonly BuiltRow[], tolerance: number, pathLossRatio = 0) {
  const rate = rateOf(rows, pathLossRatio);
  const error = (rate?.rateBitsPerSec ?? 0) / 50e6 - 1;
  assert.ok(Math.abs(error) <= tolerance, `${(100 * error).toFixed(3)} % off`);
  return rate;
}

describe('rate of a train', () => {
  it('counts frames without FCS', () => {
    assertRate(steady(50), 1e-9);
  });

  it('needs three replies', () => {
    assert.equal(rateOf(steady(2)), null);
    assert.notEqual(rateOf(steady(3)), null);
    assert.equal(rateOf([rowAt(5), rowAt(5), rowAt(5)]), null);
  });

  it('leaves out the burst that a token bucket lets pass', () => {
    const burst = Array.from({ length: 21 }, (_, i) => rowAt(1e6 + i * 2000));
    const rate = assertRate([...burst, ...steady(60, 1e6 + 20 * 2000 + GAP_NS)], 1e-3);
    assert.ok(Math.abs((rate?.burstBytes ?? 0) - 21 * 1514) <= 3 * 1514, `${rate?.burstBytes ?? 0}`);
  });

  it('is not moved by packets that a full queue dropped', () => {
    const rows = steady(60).flatMap((row) => [row, LOST]);
    assertRate(rows, 1e-9);
    assertRate(rows, 1e-9, 0.05);
  });

  it('counts the time of packets lost behind the narrow link, where the path is known to lose', () => {
    const rows = steady(100).map((row, i) => (i % 20 === 7 ? LOST : row));
    assertRate(rows, 1e-9, 0.06);
    assert.ok((rateOf(rows)?.rateBitsPerSec ?? 0) < 49e6);
  });

  it('does not take its own pace for losses behind the link', () => {
    // Sent each third of a gap: while tokens last all pass, then each third.
    const planned = Array.from({ length: 400 }, (_, i) => (i * GAP_NS) / 3);
    const rows = planned.map((at, i) => (i < 100 || i % 3 === 0 ? rowAt(1e6 + at, at) : { ...LOST, plannedNs: at }));
    assertRate(rows, 0.005, 0.02);
  });

  it('tells offered from carried pace', () => {
    const overloaded = steady(60).map((row, i) => ({ ...row, plannedNs: (i * GAP_NS) / 2, txNs: (i * GAP_NS) / 2 }));
    assert.ok(Math.abs((rateOf(overloaded)?.plannedShare ?? 0) - 0.5) < 1e-9);
    assert.ok(Math.abs((rateOf(overloaded)?.departureShare ?? 0) - 0.5) < 1e-9);
  });

  it('holds its 95 % interval under noise, stalls and batches in 93 of 100 draws', () => {
    let covered = 0;
    for (let seed = 1; seed <= 100; seed += 1) {
      const random = createRandom(seed);
      let free = 0;
      const rows = steady(150).map((row) => {
        const stall = random.uniform() < 0.02 ? random.exponential(2 * GAP_NS) : 0;
        free = Math.max(free, (row.rxNs ?? 0) + random.exponential(8_000) + stall);
        return rowAt(free);
      });
      const rate = rateOf(rows);
      const error = Math.abs((rate?.rateBitsPerSec ?? 0) / 50e6 - 1);
      if (error <= (rate?.relativeHalfWidth ?? 0)) covered += 1;
      assert.ok(error < 0.03, `seed ${seed}: ${(100 * error).toFixed(2)} % off`);
    }
    assert.ok(covered >= 93, `${covered} of 100`);
  });
});

describe('knee', () => {
  const bytes = (count: number) => Float64Array.from({ length: count }, (_, i) => i * 1514);

  it('is not seen in a straight line, nor where the rate rises', () => {
    assert.equal(
      findKnee(
        bytes(50),
        bytes(50).map((x) => x * 2),
      ),
      null,
    );
    assert.equal(
      findKnee(
        bytes(50),
        bytes(50).map((x, i) => (i < 25 ? x * 2 : 25 * 1514 * 2 + (x - 25 * 1514))),
      ),
      null,
    );
  });

  it('is seen before three slow arrivals at the end, and a single stall there is none', () => {
    const head = Array.from({ length: 40 }, (_, i) => i * 2000);
    const slow = Float64Array.from([...head, 39 * 2000 + GAP_NS, 39 * 2000 + 2 * GAP_NS, 39 * 2000 + 3 * GAP_NS]);
    assert.ok((findKnee(bytes(43), slow)?.row ?? 0) >= 38);
    const stall = Float64Array.from([
      ...head,
      39 * 2000 + GAP_NS,
      39 * 2000 + GAP_NS + 2000,
      39 * 2000 + GAP_NS + 4000,
    ]);
    assert.equal(findKnee(bytes(43), stall), null);
  });
});
