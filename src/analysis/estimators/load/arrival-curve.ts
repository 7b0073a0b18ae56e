// How many packets of a steady load had come by when: at the far end, back here, or here from the far end's own train. Which of
// its parts is a rate worth telling is decided elsewhere.
import type { FarTrain, Trace } from '../../../model/trace.js';
import { listAnsweredRows } from '../packet-fate.js';
import { hasUsableStamps } from '../round-trip-times.js';

/** Columns of equal length, one row an arrival, in the order of arrival. All packets are of one size. */
export interface ArrivalCurve {
  /** ns after any instant. */
  readonly timeNs: Float64Array;
  /** Packets that came after the first one and up to this one; increasing. */
  readonly packets: Float64Array;
  /** Its place among all packets planned. */
  readonly order: Float64Array;
  /** When the same packet left, ns after any instant; NaN where that is not known. */
  readonly departureNs: Float64Array;
  /** IP length. */
  readonly sizeBytes: number;
}

interface CurveOfRows extends ArrivalCurve {
  readonly rows: readonly number[];
}

/** The far end stamps if more than this share of its replies carry stamps. */
const STAMPED_SHARE = 0.9;

/** Arrivals of the far end's own packets here. */
export function computeFarTrainCurve(train: FarTrain): ArrivalCurve {
  const came = [...train.rxOffsetNs.keys()].filter((row) => Number.isFinite(train.rxOffsetNs[row]));
  const rows = sortByTime(came, train.rxOffsetNs);
  return {
    timeNs: pick(train.rxOffsetNs, rows),
    packets: Float64Array.from(rows.keys()),
    order: Float64Array.from(rows),
    departureNs: pick(train.farTxOffsetNs, rows),
    sizeBytes: train.sizeBytes[0] ?? 0,
  };
}

/**
 * Arrivals of all packets, or of those of one burst, at the far end by T2 where it stamps, else of their replies here. A far end that
 * counts its replies (RFC 8762 section 4.2) tells of the packets whose replies were lost, too: they came there all the same.
 */
export function computeForwardCurve(trace: Trace, burst: number | null = null): ArrivalCurve {
  const answered = selectAnswered(trace, burst);
  const stamped = answered.filter((row) => Number.isFinite(trace.farRxOffsetNs[row]));
  if (stamped.length <= STAMPED_SHARE * answered.length) return computeReplyCurve(trace, burst);
  const share = burst === null ? 1 : trace.burst.filter((one) => one === burst).length / trace.count;
  return countAll(trace, computeCurve(trace, stamped, trace.farRxOffsetNs), share);
}

/** When the replies left the far end by T3, those that were lost counted as well; empty where it does not stamp. */
export function computeFarDepartureCurve(trace: Trace): ArrivalCurve {
  return countAll(trace, computeCurve(trace, selectAnswered(trace, null), trace.farTxOffsetNs), 1);
}

function countAll(trace: Trace, curve: CurveOfRows, share: number): ArrivalCurve {
  return { ...curve, packets: countByNumbers(trace, curve.rows, share) ?? curve.packets };
}

/** Arrivals of the replies here, of all packets or of those of one burst. */
export function computeReplyCurve(trace: Trace, burst: number | null = null): ArrivalCurve {
  return computeCurve(trace, hasUsableStamps(trace) ? selectAnswered(trace, burst) : [], trace.rxOffsetNs);
}

function selectAnswered(trace: Trace, burst: number | null): number[] {
  return listAnsweredRows(trace).filter((row) => burst === null || trace.burst[row] === burst);
}

function computeCurve(trace: Trace, answered: readonly number[], timeNs: Float64Array): CurveOfRows {
  const rows = sortByTime(
    answered.filter((row) => Number.isFinite(timeNs[row])),
    timeNs,
  );
  return {
    rows,
    timeNs: pick(timeNs, rows),
    packets: Float64Array.from(rows.keys()),
    order: Float64Array.from(rows, (row) => trace.position[row] ?? 0),
    departureNs: pick(trace.txOffsetNs, rows),
    sizeBytes: trace.sizeBytes[rows[0] ?? 0] ?? 0,
  };
}

/**
 * By the far end's own numbers if all rows have one and they grow. `share` of what it counts are packets of the curve. null where the
 * numbers tell nothing: more of them than packets are copies, or somebody else's.
 */
function countByNumbers(trace: Trace, rows: readonly number[], share: number): Float64Array | null {
  const numbers = pick(trace.farSequence, rows);
  const first = numbers[0] ?? 0;
  const grows = numbers.every((number, i) => number >= 0 && (i === 0 || number > (numbers[i - 1] ?? Infinity)));
  if (!grows || (numbers[numbers.length - 1] ?? 0) - first >= trace.count) return null;
  return numbers.map((number) => (number - first) * share);
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

/** Arrivals are nearly always in order already: looking first is much cheaper than sorting a hundred thousand rows. */
function sortByTime(rows: number[], timeNs: Float64Array): number[] {
  const isSorted = rows.every((row, i) => i === 0 || (timeNs[rows[i - 1] ?? 0] ?? 0) <= (timeNs[row] ?? 0));
  return isSorted ? rows : rows.sort((a, b) => (timeNs[a] ?? 0) - (timeNs[b] ?? 0));
}

function pick(column: Float64Array, rows: readonly number[]): Float64Array {
  return Float64Array.from(rows, (row) => column[row] ?? Number.NaN);
}
