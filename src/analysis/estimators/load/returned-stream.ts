// All that came back from a far end that answered a load and sent one of its own: replies and its packets as one stream, beside
// when each was due to leave there.
import type { FarTrain, Trace } from '../../../model/trace.js';
import type { ArrivalCurve } from './arrival-curve.js';
import { listAnsweredRows } from '../packet-fate.js';

export interface ReturnedStream {
  /** `order` counts what was due at the far end before, what was lost on the way back included. */
  readonly curve: ArrivalCurve;
  /** ns from one packet due to the next, over all of them. */
  readonly dueGapNs: number;
}

/** One row a packet that came; ns. */
interface Came {
  readonly timeNs: number;
  /** When it was due to leave, on the far clock: a reply as soon as its request was there, the others by plan. */
  readonly dueNs: number;
  readonly departureNs: number;
  /** Its place among the packets of its kind. */
  readonly number: number;
}

/** While both came, where the far end sent. null where the far end does not tell when requests came and how many it answered, or where packets are of two sizes. */
export function computeReturnedStream(trace: Trace): ReturnedStream | null {
  const replies = listReplies(trace);
  const sent = trace.farTrain === null ? [] : listFarPackets(trace.farTrain);
  const sizeBytes = trace.sizeBytes[0] ?? 0;
  if (replies === null || replies.length + sent.length < 2) return null;
  if (sent.length > 0 && trace.farTrain?.sizeBytes[0] !== sizeBytes) return null;
  const all = [...numberAmong(replies, sent), ...numberAmong(sent, replies)].sort((a, b) => a.timeNs - b.timeNs);
  const rows = trace.farTrain === null || sent.length === 0 ? all : cutToBoth(all, sent, trace.farTrain);
  const pick = (read: (row: Came) => number): Float64Array => Float64Array.from(rows, read);
  const [due, order] = [pick(({ dueNs }) => dueNs), pick(({ number }) => number)];
  const curve = {
    timeNs: pick(({ timeNs }) => timeNs),
    packets: Float64Array.from(rows.keys()),
    order,
    departureNs: pick(({ departureNs }) => departureNs),
    sizeBytes,
  };
  return { curve, dueGapNs: computeSpread(due) / computeSpread(order) };
}

/** What was due while both were: replies out of a queue that drains behind the load are not the whole of it. */
function cutToBoth(rows: readonly Came[], sent: readonly Came[], { plannedOffsetNs }: FarTrain): readonly Came[] {
  const gapNs = (plannedOffsetNs[plannedOffsetNs.length - 1] ?? 0) / Math.max(1, plannedOffsetNs.length - 1);
  const { dueNs = 0, number = 0 } = sent[0] ?? {};
  const startNs = dueNs - (plannedOffsetNs[number] ?? 0);
  const endNs = startNs + plannedOffsetNs.length * gapNs;
  return rows.filter(({ dueNs }) => dueNs >= startNs - gapNs && dueNs <= endNs);
}

/** By the far end's own count; null where one of them lacks it, or its T2. */
function listReplies(trace: Trace): readonly Came[] | null {
  const rows = listAnsweredRows(trace).filter((row) => Number.isFinite(trace.rxOffsetNs[row]));
  const came = rows.map((row) => ({
    timeNs: trace.rxOffsetNs[row] ?? Number.NaN,
    dueNs: trace.farRxOffsetNs[row] ?? Number.NaN,
    departureNs: trace.farTxOffsetNs[row] ?? Number.NaN,
    number: trace.farSequence[row] ?? -1,
  }));
  const isTold = came.every(({ dueNs, number }) => Number.isFinite(dueNs) && number >= 0);
  return isTold ? came.sort((a, b) => a.number - b.number) : null;
}

/** By plan, from when the first that came should have left. */
function listFarPackets({ rxOffsetNs, farTxOffsetNs, plannedOffsetNs }: FarTrain): readonly Came[] {
  const rows = [...rxOffsetNs.keys()].filter((row) => Number.isFinite(rxOffsetNs[row]));
  const first = rows.find((row) => Number.isFinite(farTxOffsetNs[row]));
  if (first === undefined) return [];
  const startNs = (farTxOffsetNs[first] ?? 0) - (plannedOffsetNs[first] ?? 0);
  return rows.map((row) => ({
    timeNs: rxOffsetNs[row] ?? Number.NaN,
    dueNs: startNs + (plannedOffsetNs[row] ?? 0),
    departureNs: farTxOffsetNs[row] ?? Number.NaN,
    number: row,
  }));
}

/** With those of the other kind that were due before them, which `others` tell in the order of their numbers. */
function numberAmong(rows: readonly Came[], others: readonly Came[]): Came[] {
  let next = 0;
  return rows.map((row) => {
    while (next < others.length && (others[next]?.dueNs ?? 0) < row.dueNs) next += 1;
    return { ...row, number: row.number + countBefore(row.dueNs, others[next - 1], others[next]) };
  });
}

/** Evenly between the two that stand around it: those between them were lost. */
function countBefore(dueNs: number, before: Came | undefined, after: Came | undefined): number {
  if (before === undefined) return after?.number ?? 0;
  if (after === undefined) return before.number + 1;
  return before.number + ((after.number - before.number) * (dueNs - before.dueNs)) / (after.dueNs - before.dueNs);
}

function computeSpread(values: Float64Array): number {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return most - least;
}
