// Replies to a load and packets that the far end sends beside them are one stream to the way back.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { computeReturnedStream } from '../../../src/analysis/estimators/load/returned-stream.js';
import { TRACE_FLAG } from '../../../src/model/trace.js';
import type { FarTrain, Trace } from '../../../src/model/trace.js';

const MS = 1e6;
const GAP_NS = 1 * MS;
const WAY_NS = 5 * MS;

interface Load {
  readonly replies: number;
  readonly far: number;
  /** Places among the replies, and among the far end's packets, that never came. */
  readonly lostReplies?: readonly number[];
  readonly lostFar?: readonly number[];
  readonly farSizeBytes?: number;
}

/** Requests 1 ms apart; the far end's packets in the middle between the replies. The far clock is 7 s ahead. */
function createTrace({ replies, far, lostReplies = [], lostFar = [], farSizeBytes = 1500 }: Load): Trace {
  const rows = Array.from({ length: replies }, (_, i) => i);
  const came = (value: (i: number) => number, lost: readonly number[]) => (i: number) =>
    lost.includes(i) ? Number.NaN : value(i);
  const farClock = (ns: number): number => ns + 7e9;
  const column = (value: (i: number) => number): Float64Array => Float64Array.from(rows, came(value, lostReplies));
  const farRows = Array.from({ length: far }, (_, i) => i);
  const farTrain: FarTrain = {
    sizeBytes: Uint16Array.from(farRows, () => farSizeBytes),
    plannedOffsetNs: Float64Array.from(farRows, (i) => i * GAP_NS),
    farTxOffsetNs: Float64Array.from(
      farRows,
      came((i) => farClock(WAY_NS + (i + 0.5) * GAP_NS), lostFar),
    ),
    rxOffsetNs: Float64Array.from(
      farRows,
      came((i) => 2 * WAY_NS + (i + 0.5) * GAP_NS, lostFar),
    ),
  } as unknown as FarTrain;
  const isAnswered = (i: number): boolean => !lostReplies.includes(i);
  const trace: Partial<Trace> = {
    sequenceId: 'both-load-1',
    count: replies,
    sizeBytes: Uint16Array.from(rows, () => 1500),
    txOffsetNs: Float64Array.from(rows, (i) => i * GAP_NS),
    rxOffsetNs: column((i) => 2 * WAY_NS + i * GAP_NS),
    farRxOffsetNs: column((i) => farClock(WAY_NS + i * GAP_NS)),
    farTxOffsetNs: column((i) => farClock(WAY_NS + i * GAP_NS + 1_000)),
    farSequence: Float64Array.from(rows, (i) => (isAnswered(i) ? i : -1)),
    flags: Uint16Array.from(rows, (i) => TRACE_FLAG.sent | (isAnswered(i) ? TRACE_FLAG.answered : 0)),
    farTrain: far === 0 ? null : farTrain,
  };
  return trace as Trace;
}

describe('what came back', () => {
  test('comes twice as dense as either alone', () => {
    const stream = computeReturnedStream(createTrace({ replies: 100, far: 100 }));
    assert.equal(stream?.curve.timeNs.length, 200);
    assert.ok(Math.abs(stream.dueGapNs - GAP_NS / 2) < 0.02 * GAP_NS, String(stream.dueGapNs));
    assert.ok(stream.curve.timeNs.every((ns, i, all) => i === 0 || ns >= (all[i - 1] ?? 0)));
  });

  test('counts what was lost on the way back in the places of what came', () => {
    const lost = Array.from({ length: 20 }, (_, i) => 40 + i);
    const stream = computeReturnedStream(createTrace({ replies: 100, far: 100, lostReplies: lost, lostFar: lost }));
    assert.equal(stream?.curve.timeNs.length, 160);
    const order = [...stream.curve.order];
    assert.ok(Math.abs((order.at(-1) ?? 0) - (order[0] ?? 0) - 199) <= 1, String(order.at(-1)));
    assert.ok(Math.abs(stream.dueGapNs - GAP_NS / 2) < 0.02 * GAP_NS, String(stream.dueGapNs));
  });

  test('is the replies alone where the far end sent nothing', () => {
    const stream = computeReturnedStream(createTrace({ replies: 50, far: 0 }));
    assert.equal(stream?.curve.timeNs.length, 50);
    assert.ok(Math.abs(stream.dueGapNs - GAP_NS) < 1, String(stream.dueGapNs));
  });

  test('is no rate of one size where there are two', () => {
    assert.equal(computeReturnedStream(createTrace({ replies: 50, far: 50, farSizeBytes: 500 })), null);
  });
});
