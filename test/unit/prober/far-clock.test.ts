// T2 and T3 of a reflector: which T3 a trace takes, and what happens where some are missing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBlankTrace } from '../../../src/prober/native/blank-trace.js';
import type { MutableTrace } from '../../../src/prober/native/blank-trace.js';
import { FarClock } from '../../../src/prober/native/far-clock.js';
import type { FarAnswer } from '../../../src/prober/native/probe-kind.js';
import { TRACE_FLAG, type StampSource } from '../../../src/model/trace.js';
import { planSchedule } from '../../../src/sequencer/schedule.js';

const EPOCH_NS = 1_800_000_000_000_000_000n;

function createTrace(count: number): MutableTrace {
  const pattern = { kind: 'isochronous', count, intervalNs: 1e6, sizeBytes: 120 } as const;
  const sequence = { id: 'far', pattern, dscp: 0, dontFragment: true, lingerNs: 1e9 };
  return createBlankTrace('far', planSchedule(sequence), 0n);
}

/** Row `row`: T2 at row ms, T3 written 5 us later; its kernel says of the reply before that it left 9 us after T2. */
function answer(row: number, changes: Partial<FarAnswer> = {}): FarAnswer {
  const receivedNs = EPOCH_NS + BigInt(row) * 1_000_000n;
  const followUp = { sequence: 99 + row, sentNs: receivedNs - 1_000_000n + 9_000n };
  const base = {
    receivedNs,
    sentNs: receivedNs + 5_000n,
    sequence: 100 + row,
    isCounted: true,
    followUp,
    flow: 0,
    marks: null,
  };
  return { ...base, ...changes };
}

function fill(
  answers: readonly (readonly [number, FarAnswer])[],
  count = 10,
  isWritten = false,
): { trace: MutableTrace; far: StampSource | null } {
  const clock = new FarClock();
  for (const [row, told] of answers) clock.add(row, told);
  const trace = createTrace(count);
  return { trace, far: clock.fill(trace, isWritten) };
}

const stampedRows = ({ flags }: MutableTrace): number[] =>
  [...flags].flatMap((bits, row) => ((bits & TRACE_FLAG.farStamps) !== 0 ? [row] : []));
const rows = Array.from({ length: 10 }, (_, row) => row);

test('follow-ups give the kernel’s T3; the last reply has none and stays without', () => {
  const { trace, far } = fill(rows.map((row) => [row, answer(row)]));
  assert.equal(far, 'kernel');
  assert.deepEqual(stampedRows(trace), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal(trace.farBaseNs, EPOCH_NS);
  assert.deepEqual([trace.farRxOffsetNs[3], trace.farTxOffsetNs[3]], [3_000_000, 3_009_000]);
  assert.deepEqual([trace.farRxOffsetNs[9], trace.farTxOffsetNs[9]], [9_000_000, NaN]);
});

test('replies that waited in a queue of the far end’s own port have the T3 that was written before it', () => {
  const late = (row: number): FarAnswer => {
    const { receivedNs } = answer(row);
    return answer(row, { followUp: { sequence: 99 + row, sentNs: (receivedNs ?? 0n) + 2_000_000n } });
  };
  const { trace, far } = fill(rows.map((row) => [row, row % 4 === 1 ? late(row) : answer(row)]));
  assert.equal(far, 'user');
  assert.equal(trace.farTxOffsetNs[3], 3_005_000);
});

test('a reply whose departure nobody followed up keeps the arrival of its request', () => {
  const { trace, far } = fill(rows.map((row) => [row, row === 1 ? answer(row, { followUp: null }) : answer(row)]));
  assert.equal(far, 'kernel');
  assert.deepEqual(stampedRows(trace), [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.deepEqual([trace.farRxOffsetNs[0], trace.farTxOffsetNs[0]], [0, NaN]);
});

test('beside a train with written stamps every row has the T3 that was written', () => {
  const { trace, far } = fill(
    rows.map((row) => [row, answer(row)]),
    10,
    true,
  );
  assert.equal(far, 'user');
  assert.deepEqual([trace.farTxOffsetNs[3], trace.farTxOffsetNs[9]], [3_005_000, 9_005_000]);
});

test('flows are sessions of their own: equal numbers are not taken for each other', () => {
  const both = rows.map((row) => [row, answer(row, { flow: row % 2, sequence: row >> 1 })] as const);
  const told = both.map(([row, told]) => [row, { ...told, followUp: followUpOf(row) }] as const);
  const { trace, far } = fill(told);
  assert.equal(far, 'kernel');
  assert.deepEqual([trace.farTxOffsetNs[2], trace.farTxOffsetNs[3]], [2_009_000, 3_009_000]);

  /** Of the reply before in the same flow: it left 9 us after its T2. */
  function followUpOf(row: number): FarAnswer['followUp'] {
    return row < 2 ? null : { sequence: (row >> 1) - 1, sentNs: EPOCH_NS + BigInt(row - 2) * 1_000_000n + 9_000n };
  }
});

test('with too few follow-ups every row has the T3 that was written', () => {
  const { trace, far } = fill(rows.map((row) => [row, row % 3 === 0 ? answer(row, { followUp: null }) : answer(row)]));
  assert.equal(far, 'user');
  assert.deepEqual(stampedRows(trace), rows);
  assert.equal(trace.farTxOffsetNs[3], 3_005_000);
});

test('a single reply has no follow-up, and the T3 that was written', () => {
  const { trace, far } = fill([[0, answer(0)]], 1);
  assert.equal(far, 'user');
  assert.equal(trace.farTxOffsetNs[0], 5_000);
});

test('a follow-up about a reply that was lost, or of an earlier run, concerns nobody', () => {
  const { trace, far } = fill([
    [0, answer(0, { followUp: { sequence: 50, sentNs: 1n } })],
    [5, answer(5)],
  ]);
  assert.equal(far, 'user');
  assert.deepEqual(stampedRows(trace), [0, 5]);
});

test('rows whose reflector gave no time stay without; where none gave any there is no source', () => {
  const silent = { receivedNs: null, sentNs: null, followUp: null };
  const { trace, far } = fill([
    [0, answer(0, silent)],
    [1, answer(1, { followUp: null })],
  ]);
  assert.equal(far, 'user');
  assert.deepEqual(stampedRows(trace), [1]);
  assert.equal(trace.farBaseNs, EPOCH_NS + 1_000_000n);
  assert.equal(fill([[0, answer(0, silent)]]).far, null);
  assert.equal(fill([]).far, null);
});

test('a clock anywhere in its 64 bits gives exact offsets', () => {
  const farNs = 2n ** 62n + 1n;
  const { trace } = fill([
    [0, answer(0, { receivedNs: farNs, sentNs: farNs + 3n, followUp: null })],
    [1, answer(1, { receivedNs: farNs - 7n, sentNs: farNs - 2n, followUp: null })],
  ]);
  assert.deepEqual([...trace.farRxOffsetNs].slice(0, 2), [0, -7]);
  assert.deepEqual([...trace.farTxOffsetNs].slice(0, 2), [3, -2]);
});
