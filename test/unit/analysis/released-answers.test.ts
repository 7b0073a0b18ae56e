// Answers that a far end which stood still lets go at once: which rows they are, and that what is lost of them is no loss of single packets.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findReleasedRows } from '../../../src/analysis/estimators/load/released-answers.js';
import { countPathLoss } from '../../../src/analysis/signatures/load/loss-severity.js';
import { TRACE_FLAG } from '../../../src/model/trace.js';
import { buildTrace } from './built-trace.js';

const MS = 1e6;
const STAMPED = TRACE_FLAG.sent | TRACE_FLAG.answered | TRACE_FLAG.farStamps;

/** Requests 5 ms apart; the far end stands still from 40 to 80 ms. `lost`: what never came back. */
function buildStandstill(lost: (row: number) => boolean, isStamped = true) {
  return buildTrace(
    Array.from({ length: 40 }, (_, row) => {
      const [txNs, farRxNs] = [row * 5 * MS, row * 5 * MS + 1 * MS];
      const farTxNs = farRxNs >= 40 * MS && farRxNs < 80 * MS ? 80 * MS + row * 1e3 : farRxNs + 30e3;
      const stamped = isStamped ? { farRxNs, farTxNs, flags: STAMPED } : {};
      return lost(row) ? { txNs, lost: true } : { txNs, rxNs: farTxNs + 1 * MS, ...stamped };
    }),
  );
}

describe('answers let go at once', () => {
  it('are those behind the first that was held', () => {
    const rows = findReleasedRows(buildStandstill(() => false));
    assert.deepEqual([...rows], [9, 10, 11, 12, 13, 14, 15]);
  });

  it('lost or not, and their losses are no losses of packets sent one by one', () => {
    const trace = buildStandstill((row) => row >= 11 && row <= 14);
    assert.deepEqual([...findReleasedRows(trace)], [9, 10, 11, 12, 13, 14, 15]);
    assert.deepEqual(countPathLoss([trace]), { sent: 36, lost: 0 });
  });

  it('are none where the far end answers at once, or says nothing of it', () => {
    const lossy = buildStandstill((row) => row >= 20 && row <= 23);
    assert.deepEqual(countPathLoss([lossy]), { sent: 40, lost: 4 });
    const mute = buildStandstill((row) => row >= 11 && row <= 14, false);
    assert.equal(findReleasedRows(mute).size, 0);
    assert.deepEqual(countPathLoss([mute]), { sent: 40, lost: 4 });
  });
});
