// Which trains have shared stamps, and what is left of them: present, absent and near misses.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findStampBatches } from '../../../src/analysis/estimators/capacity/stamp-batches.js';
import { computeTrainArrivals } from '../../../src/analysis/estimators/capacity/train-arrivals.js';
import { buildTrace } from './built-trace.js';

function findIn(rxNs: readonly number[]) {
  const rows = rxNs.map((ns) => ({ sizeBytes: 1500, plannedNs: 0, txNs: 0, rxNs: 1e6 + ns }));
  const [train] = computeTrainArrivals(buildTrace(rows), 'round-trip', false);
  assert.ok(train !== undefined);
  return findStampBatches(train);
}

const many = (count: number, at: (i: number) => number) => Array.from({ length: count }, (_, i) => at(i));

describe('stamps that packets share', () => {
  const cases = [
    { name: 'one stamp for four', rxNs: many(40, (i) => 100e3 * Math.floor(i / 4)), isShared: true },
    {
      name: 'batches of four, 2 us apart inside',
      rxNs: many(40, (i) => 100e3 * Math.floor(i / 4) + 2e3 * (i % 4)),
      isShared: true,
    },
    {
      name: 'pairs with one stamp among single packets',
      rxNs: many(40, (i) => 50e3 * (i % 4 === 1 ? i - 1 : i)),
      isShared: true,
    },
    { name: 'a stamp of its own for each', rxNs: many(40, (i) => 25e3 * i), isShared: false },
    { name: 'all close, as on a fast link', rxNs: many(40, (i) => 1.2e3 * i), isShared: false },
    {
      name: 'slots of 2 ms with packets that come at once',
      rxNs: many(40, (i) => 2e6 * Math.floor(i / 8) + 1e3 * (i % 8)),
      isShared: false,
    },
    {
      name: 'slots of a link with 12 us inside',
      rxNs: many(40, (i) => 2e6 * Math.floor(i / 8) + 12e3 * (i % 8)),
      isShared: false,
    },
    {
      name: 'the head of a token bucket',
      rxNs: many(100, (i) => (i < 70 ? 300 * i : 21e3 + 1e6 * (i - 69))),
      isShared: false,
    },
  ];
  for (const { name, rxNs, isShared } of cases) {
    it(`${isShared ? 'are found' : 'are not seen'} in ${name}`, () => {
      assert.equal(findIn(rxNs) !== null, isShared);
    });
  }

  it('leave the last packet of each batch, without the last batch, and count those before it as passed', () => {
    const found = findIn(many(20, (i) => 100e3 * Math.floor(i / 4)));
    assert.deepEqual([...(found?.ends.sentOrder ?? [])], [3, 7, 11, 15]);
    assert.deepEqual([...(found?.ends.passedBefore ?? [])], [3, 3, 3, 3]);
    assert.equal(found?.periodNs, 100e3);
  });
});
