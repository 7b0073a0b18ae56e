// The arrival curve of one train: when its replies came and how many bytes of the narrow link each one stands for.
import { ETHERNET_HEADER_BYTES } from '../../../model/units.js';
import { TRACE_FLAG } from '../../../model/trace.js';
import type { Trace } from '../../../model/trace.js';
import { computeMedian, takePercentile } from '../../statistics/quantile.js';
import { isReply } from '../packet-fate.js';
import { hasUsableStamps } from '../round-trip-times.js';

/** Columns of equal length, one row a reply, in the order of arrival. */
export interface TrainArrivals {
  /** The first arrival, ns after the trace's base of the clock that stamped it: `baseNs`, or `farBaseNs` for T2. NaN without any. */
  readonly firstNs: number;
  /** T4, ns after the first arrival. */
  readonly timeNs: Float64Array;
  /** Which of the trace's bursts each reply belongs to. */
  readonly burst: Float64Array;
  /** T1 and the planned instant of the same packet, ns after those of the first arrival; T1 is NaN where it has no stamp. */
  readonly txNs: Float64Array;
  readonly plannedNs: Float64Array;
  /** When it was offered to the link in question: the planned instant, or T3 for replies. */
  readonly offeredNs: Float64Array;
  /** Ethernet frame of the request, FCS and preamble not counted. */
  readonly frameBytes: Float64Array;
  /** Packets sent between this one and the one that arrived before it, and never answered. */
  readonly missingBefore: Float64Array;
  /** Packets that the far end counted between the one before and this one: they passed, and only their replies were lost. */
  readonly passedBefore: Float64Array;
  /** Place in the train among all packets planned, and among those that left the machine. */
  readonly plannedOrder: Float64Array;
  readonly sentOrder: Float64Array;
  /** Planned instant of the train's last packet, answered or not, ns after that of the first arrival. */
  readonly planEndNs: number;
  /** Packets of the train, by plan and as they left, answered or not. */
  readonly planned: number;
  readonly sent: number;
}

/** Between which stamps a train is watched: T1 to T4, T1 to T2, T3 to T4. What stands here of T1 and T4 holds for these. */
export type Leg = 'round-trip' | 'forward' | 'reverse';

/**
 * One entry a burst, in the order of sending, or one for the whole trace where its bursts are parts of one load. Empty where the
 * stamps are unusable.
 */
export function computeTrainArrivals(trace: Trace, leg: Leg, isOneLoad: boolean): TrainArrivals[] {
  if (!hasUsableStamps(trace)) return [];
  if (isOneLoad) return [computeOneTrain(trace, [...trace.plannedOffsetNs.keys()], leg)];
  const rowsByBurst = new Map<number, number[]>();
  for (let row = 0; row < trace.count; row += 1) {
    const burst = trace.burst[row] ?? 0;
    const rows = rowsByBurst.get(burst);
    if (rows) rows.push(row);
    else rowsByBurst.set(burst, [row]);
  }
  return [...rowsByBurst.values()].map((rows) => computeOneTrain(trace, rows, leg));
}

function computeOneTrain(trace: Trace, rows: readonly number[], leg: Leg): TrainArrivals {
  const left = leg === 'reverse' ? trace.farTxOffsetNs : trace.txOffsetNs;
  const came = leg === 'forward' ? trace.farRxOffsetNs : trace.rxOffsetNs;
  // By count where somebody counted: noise of stamps puts packets that came close together into another order.
  const placeOf = (row: number): number => (leg === 'forward' ? trace.farSequence[row] : trace.arrival[row]) ?? -1;
  const sent = rows.filter((row) => ((trace.flags[row] ?? 0) & TRACE_FLAG.sent) !== 0);
  const plannedOrder = new Map(rows.map((row, index) => [row, index]));
  const order = new Map(sent.map((row, index) => [row, index]));
  const arrived = sent
    .filter((row) => isReply(trace, row) && isStamp(came[row]))
    .sort((a, b) => placeOf(a) - placeOf(b) || (came[a] ?? 0) - (came[b] ?? 0));
  const first = arrived[0] ?? 0;
  const after = (column: Float64Array) =>
    Float64Array.from(arrived, (row) => (column[row] ?? Number.NaN) - (column[first] ?? Number.NaN));
  const answeredOrders = new Set(arrived.map((row) => order.get(row) ?? 0));
  // Of the way back, only packets that came are known to have been sent.
  const placeIn = (places: ReadonlyMap<number, number>) =>
    Float64Array.from(arrived, (row, index) => (leg === 'reverse' ? index : (places.get(row) ?? 0)));
  const missing = arrived.map((row) => countMissing(order.get(row) ?? 0, answeredOrders));
  const passed = arrived.map((row, i) => {
    const counted = (trace.farSequence[row] ?? -1) - (trace.farSequence[arrived[i - 1] ?? -1] ?? NaN) - 1;
    return leg === 'forward' && counted > 0 ? Math.min(counted, missing[i] ?? 0) : 0;
  });
  return {
    firstNs: came[first] ?? NaN,
    timeNs: after(came),
    burst: Float64Array.from(arrived, (row) => trace.burst[row] ?? 0),
    txNs: after(left),
    plannedNs: after(trace.plannedOffsetNs),
    offeredNs: after(leg === 'reverse' ? left : trace.plannedOffsetNs),
    frameBytes: Float64Array.from(arrived, (row) => (trace.sizeBytes[row] ?? 0) + ETHERNET_HEADER_BYTES),
    missingBefore: Float64Array.from(missing, (count, i) => count - (passed[i] ?? 0)),
    passedBefore: Float64Array.from(passed),
    plannedOrder: placeIn(plannedOrder),
    sentOrder: placeIn(order),
    planEndNs:
      (trace.plannedOffsetNs[(leg === 'reverse' ? arrived : rows).at(-1) ?? 0] ?? 0) -
      (trace.plannedOffsetNs[first] ?? 0),
    planned: leg === 'reverse' ? arrived.length : rows.length,
    sent: leg === 'reverse' ? arrived.length : sent.length,
  };
}

/** The far end's own train, all of its bursts as one. Empty where it sent none, or stamps are unusable. */
export function computeFarArrivals(trace: Trace): TrainArrivals[] {
  const far = trace.farTrain;
  if (far === null || trace.clockStepNs !== 0) return [];
  const sent = [...far.isSent.keys()].filter((row) => far.isSent[row] !== 0);
  const order = new Map(sent.map((row, index) => [row, index]));
  const arrived = sent
    .filter((row) => isStamp(far.rxOffsetNs[row]))
    .sort((a, b) => (far.rxOffsetNs[a] ?? 0) - (far.rxOffsetNs[b] ?? 0));
  const first = arrived[0] ?? 0;
  const after = (column: Float64Array) =>
    Float64Array.from(arrived, (row) => (column[row] ?? Number.NaN) - (column[first] ?? Number.NaN));
  const answered = new Set(arrived.map((row) => order.get(row) ?? 0));
  const plannedNs = after(far.plannedOffsetNs);
  return [
    {
      firstNs: far.rxOffsetNs[first] ?? NaN,
      timeNs: after(far.rxOffsetNs),
      burst: Float64Array.from(arrived, (row) => far.burst[row] ?? 0),
      txNs: after(far.farTxOffsetNs),
      plannedNs,
      offeredNs: plannedNs,
      frameBytes: Float64Array.from(arrived, (row) => (far.sizeBytes[row] ?? 0) + ETHERNET_HEADER_BYTES),
      missingBefore: Float64Array.from(arrived, (row) => countMissing(order.get(row) ?? 0, answered)),
      passedBefore: new Float64Array(arrived.length),
      plannedOrder: Float64Array.from(arrived),
      sentOrder: Float64Array.from(arrived, (row) => order.get(row) ?? 0),
      planEndNs: (far.plannedOffsetNs[far.count - 1] ?? 0) - (far.plannedOffsetNs[first] ?? 0),
      planned: far.count,
      sent: sent.length,
    },
  ];
}

/** Offsets are exact to the ns up to 2^53, 104 days; what lies beyond is garbage and would make differences infinite. */
function isStamp(offsetNs: number | undefined): boolean {
  return Math.abs(offsetNs ?? Number.NaN) <= Number.MAX_SAFE_INTEGER;
}

/** Unanswered packets directly before place `order`. Ends at the first answered one or at the start of the train. */
function countMissing(order: number, answered: ReadonlySet<number>): number {
  let missing = 0;
  while (order - missing - 1 >= 0 && !answered.has(order - missing - 1)) missing += 1;
  return missing;
}

/** Whether packet `i` left together with the one that arrived before it. */
export function isBackToBack({ burst, sentOrder, plannedNs }: TrainArrivals, i: number): boolean {
  return (
    burst[i] === burst[i - 1] &&
    (sentOrder[i] ?? 0) - (sentOrder[i - 1] ?? 0) === 1 &&
    plannedNs[i] === plannedNs[i - 1]
  );
}

/** Mean time between departures inside bulks. NaN without stamps. */
export function computeDepartureGap(train: TrainArrivals): number {
  let count = 0;
  let sumNs = 0;
  for (let i = 1; i < train.txNs.length; i += 1) {
    const gap = (train.txNs[i] ?? Number.NaN) - (train.txNs[i - 1] ?? Number.NaN);
    if (!isBackToBack(train, i) || !Number.isFinite(gap)) continue;
    count += 1;
    sumNs += gap;
  }
  return sumNs / count;
}

/** Rows `from` up to the end. */
export function sliceArrivals(arrivals: TrainArrivals, from: number): TrainArrivals {
  return {
    firstNs: arrivals.firstNs + (arrivals.timeNs[from] ?? 0) - (arrivals.timeNs[0] ?? 0),
    timeNs: arrivals.timeNs.slice(from),
    burst: arrivals.burst.slice(from),
    txNs: arrivals.txNs.slice(from),
    plannedNs: arrivals.plannedNs.slice(from),
    offeredNs: arrivals.offeredNs.slice(from),
    frameBytes: arrivals.frameBytes.slice(from),
    missingBefore: arrivals.missingBefore.slice(from),
    passedBefore: arrivals.passedBefore.slice(from),
    plannedOrder: arrivals.plannedOrder.slice(from),
    sentOrder: arrivals.sentOrder.slice(from),
    planEndNs: arrivals.planEndNs,
    planned: arrivals.planned,
    sent: arrivals.sent,
  };
}

/** A gap is quiet if it is within this share of the usual one. */
const QUIET_SHARE = 0.25;

/**
 * Bytes that passed the narrow link after the first arrival and up to each. What the far end counted passed. Another packet that is
 * missing is counted if the time it would have taken is there: it was lost behind the narrow link. One dropped at a full queue took
 * no time and is not counted.
 *
 * `pathLossRatio` is the most that paced packets lose on this path, 0 if they lose none. Gaps that ask for more than twice that
 * are the pace of our own sending, with the queue taking every n-th packet, and none is counted.
 */
export function computePassedBytes(arrivals: TrainArrivals, pathLossRatio: number): Float64Array {
  const lost = pathLossRatio > 0 ? countLostBehind(arrivals) : new Float64Array(arrivals.timeNs.length);
  const total = lost.reduce((sum, count) => sum + count, 0);
  const share = total <= 2 * pathLossRatio * (arrivals.timeNs.length + total) + 1 ? 1 : 0;
  let passed = 0;
  return arrivals.frameBytes.map((bytes, i) => {
    if (i > 0) passed += bytes * (1 + (arrivals.passedBefore[i] ?? 0) + share * (lost[i] ?? 0));
    return passed;
  });
}

/** Missing packets whose time is in the gap before each arrival: gap by gap if gaps are quiet, else all alike by their median. */
function countLostBehind({ timeNs, missingBefore, passedBefore }: TrainArrivals): Float64Array {
  const gapNs = timeNs.map((time, i) => (i === 0 ? 0 : time - (timeNs[i - 1] ?? 0)));
  const full = gapNs.filter((_, i) => i > 0 && missingBefore[i] === 0 && passedBefore[i] === 0);
  const usualNs = computeMedian(full);
  const isQuiet =
    takePercentile(
      full.map((gap) => Math.abs(gap / usualNs - 1)),
      0.8,
    ) <= QUIET_SHARE;
  const timePerMissing = gapNs.map((gap, i) => (gap / usualNs - 1 - (passedBefore[i] ?? 0)) / (missingBefore[i] ?? 0));
  const allTookTime = computeMedian(timePerMissing.filter((_, i) => i > 0 && (missingBefore[i] ?? 0) > 0)) > 0.5;
  return missingBefore.map((missing, i) => {
    if (i === 0) return 0;
    if (!isQuiet) return allTookTime ? missing : 0;
    const slots = (gapNs[i] ?? 0) / usualNs - 1 - (passedBefore[i] ?? 0);
    const inTime = Math.min(missing, Math.round(slots));
    return inTime > 0 && Math.abs(slots - inTime) <= QUIET_SHARE ? inTime : 0;
  });
}
