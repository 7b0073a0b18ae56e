// How many packets of a steady load had come by when: at the far end, back here, or here from the far end's own train. Which of
// its parts is a rate worth telling is decided elsewhere.
import { TRACE_FLAG } from '../../model/trace.js';
import type { FarTrain, Trace } from '../../model/trace.js';
import { listAnsweredRows } from './packet-fate.js';
import { hasUsableStamps } from './round-trip-times.js';

/** Columns of equal length, one row an arrival, in the order of arrival. All packets are of one size. */
export interface ArrivalCurve {
  /** ns after any instant. */
  readonly timeNs: Float64Array;
  /** Packets that came after the first one and up to this one; whole and increasing. */
  readonly packets: Float64Array;
  /** Its place among all packets planned. */
  readonly order: Float64Array;
  /** When the same packet left, ns after any instant; NaN where that is not known. */
  readonly departureNs: Float64Array;
  /** IP length. */
  readonly sizeBytes: number;
}

/** Arrivals of the far end's own packets here. */
export function computeFarTrainCurve(train: FarTrain): ArrivalCurve {
  const rows = [...train.rxOffsetNs.keys()].filter((row) => Number.isFinite(train.rxOffsetNs[row]));
  rows.sort((a, b) => (train.rxOffsetNs[a] ?? 0) - (train.rxOffsetNs[b] ?? 0));
  return {
    timeNs: pick(train.rxOffsetNs, rows),
    packets: Float64Array.from(rows.keys()),
    order: Float64Array.from(rows),
    departureNs: pick(train.farTxOffsetNs, rows),
    sizeBytes: train.sizeBytes[0] ?? 0,
  };
}

/**
 * Arrivals of the burst `burst` at the far end by T2 where it stamps, else of its replies here. A far end that counts its replies
 * (RFC 8762 section 4.2) tells of the packets whose replies were lost, too: they came there all the same.
 */
export function computeForwardCurve(trace: Trace, burst: number | null = null): ArrivalCurve {
  const answered = listAnsweredRows(trace).filter((row) => burst === null || trace.burst[row] === burst);
  const stamped = answered.filter((row) => ((trace.flags[row] ?? 0) & TRACE_FLAG.farStamps) !== 0);
  if (stamped.length > 0.9 * answered.length) return computeCurve(trace, stamped, trace.farRxOffsetNs);
  return computeCurve(trace, hasUsableStamps(trace) ? answered : [], trace.rxOffsetNs);
}

function computeCurve(trace: Trace, answered: readonly number[], timeNs: Float64Array): ArrivalCurve {
  const rows = answered.filter((row) => Number.isFinite(timeNs[row]));
  rows.sort((a, b) => (timeNs[a] ?? 0) - (timeNs[b] ?? 0));
  return {
    timeNs: pick(timeNs, rows),
    packets: timeNs === trace.farRxOffsetNs ? countArrivals(trace, rows) : Float64Array.from(rows.keys()),
    order: Float64Array.from(rows, (row) => trace.position[row] ?? 0),
    departureNs: pick(trace.txOffsetNs, rows),
    sizeBytes: trace.sizeBytes[rows[0] ?? 0] ?? 0,
  };
}

/** By the far end's own numbers if all rows have one and they grow; packets of other bursts must not be among them. */
function countArrivals(trace: Trace, rows: readonly number[]): Float64Array {
  const ranks = Float64Array.from(rows.keys());
  const isOneBurst = trace.burst.every((burst) => burst === trace.burst[0]);
  const numbers = pick(trace.farSequence, rows);
  const grows = numbers.every((number, i) => number >= 0 && (i === 0 || number > (numbers[i - 1] ?? Infinity)));
  // More numbers than packets: the far end counted copies, or somebody else's.
  const span = (numbers[numbers.length - 1] ?? 0) - (numbers[0] ?? 0);
  if (!isOneBurst || !grows || span >= trace.count) return ranks;
  return numbers.map((number) => number - (numbers[0] ?? 0));
}

/** From row `from` on. */
export function sliceCurve(
  { timeNs, packets, order, departureNs, sizeBytes }: ArrivalCurve,
  from: number,
): ArrivalCurve {
  return {
    timeNs: timeNs.subarray(from),
    packets: packets.subarray(from),
    order: order.subarray(from),
    departureNs: departureNs.subarray(from),
    sizeBytes,
  };
}

function pick(column: Float64Array, rows: readonly number[]): Float64Array {
  return Float64Array.from(rows, (row) => column[row] ?? Number.NaN);
}
