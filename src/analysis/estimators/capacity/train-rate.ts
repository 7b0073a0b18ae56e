// The rate of the narrow link from one train: the slope of its steady arrivals, with an interval that knows they are not
// independent. What several trains say together is decided in capacity.ts.
import { BITS_PER_BYTE, NS_PER_SEC } from '../../../model/units.js';
import { estimateBulkDispersion } from './bulk-dispersion.js';
import type { BulkDispersion } from './bulk-dispersion.js';
import type { Rate } from './combined-rate.js';
import { computeMedian } from '../../statistics/quantile.js';
import { computeTheilSenLine } from '../../statistics/straight-line.js';
import type { Line } from '../../statistics/straight-line.js';
import { estimateBatchDispersion, findStampBatches } from './stamp-batches.js';
import { findKnee } from './steady-tail.js';
import { computePassedBytes, sliceArrivals } from './train-arrivals.js';
import type { TrainArrivals } from './train-arrivals.js';

export interface TrainRate {
  readonly rateBitsPerSec: number;
  /** Half of the 95 % interval as a share of the rate. */
  readonly relativeHalfWidth: number;
  /** Replies the rate rests on, and the bytes and time they span. */
  readonly arrivals: number;
  readonly spanNs: number;
  /** Whether the head passed faster than the tail, and by how many bytes the steady rate falls short of it: the tokens. */
  readonly hasKnee: boolean;
  readonly burstBytes: number;
  /** All bytes that passed. */
  readonly passedBytes: number;
  /** Time per packet sent, by plan and by T1, as a share of the time per packet that passed. NaN without stamps. */
  readonly plannedShare: number;
  readonly departureShare: number;
  /** Share of the train in which its replies lie, stragglers aside; well below 1, a full queue took the rest. */
  readonly reachedShare: number;
  /**
   * Whether it came back up to some packet and not beyond it: tokens passed its head, and none came for the rest. A queue would have
   * gone on to take some packets, and to send them when the train had ended.
   */
  readonly isCutOff: boolean;
  /** Whether the sending of what never came lasted well beyond what did: no queue was full any more. */
  readonly endsEarly: boolean;
  /** Packets without reply as a share of all up to the last reply, and most of it that may have been lost behind the narrow link. */
  readonly missingShare: number;
  readonly lostShare: number;
  readonly frameBytes: number;
  /** Median wait of the steady part beyond the train's least delay, in packets at the rate. NaN without stamps. */
  readonly waitPackets: number;
  /** Share of the packets that came right behind another, and the mean time from one such batch to the next. */
  readonly batchedShare: number;
  readonly batchNs: number;
  /** Whether packets share stamps, so that only the last of each batch was used. */
  readonly sharesStamps: boolean;
  /** What its tail alone would make of a bucket, where later trains belie it; null where they do not. */
  readonly belied: Rate | null;
  /** What the gaps inside its bulks say, behind any knee; null where too few packets left back to back. */
  readonly dispersion: BulkDispersion | null;
}

/** Fewest replies a rate is computed from. */
const MIN_ARRIVALS = 3;
/** Replies in front of the steady part that are left out for good measure: the first ones meet idle queues and cold caches. */
const SETTLING_ARRIVALS = 2;
/** A bucket behind a bucket behind a fast line makes two knees; a third would be a fit to noise. */
const MAX_KNEES = 2;
/** Fewer batches give no better line than all arrivals. */
const LEAST_BATCHES = 6;
const BLOCKS = 10;
/** Student's t, 97.5 %, for BLOCKS − 2 degrees of freedom. */
const STUDENT_T = 2.306;
/** Share of the rate that no interval goes below: stamps and knees are never better than this. */
const FLOOR = 0.003;

/** Gaps below this share of the mean one are inside a batch. */
const BATCH_GAP = 0.35;
const REACHED_BELOW = 0.8;
/** So many packets in a row no queue refuses that sends anything. */
const UNREACHED_PACKETS = 100;
/** Trains planned to leave in less of the time that they took to arrive left as one bulk. */
export const PACED_ABOVE = 0.1;
/** Replies but the stragglers. */
const MOST_REPLIES = 0.9;

/** A train overloads the narrow link if its replies come this much slower than it was to leave. */
const OVERLOADED_BELOW = 0.96;
/** Departures this close to the arrivals: the packets left no faster than they came back. */
const SELF_PACED_ABOVE = 0.9;

export function isOverload(rate: TrainRate): boolean {
  return !(rate.plannedShare > OVERLOADED_BELOW);
}

/** As `isCutOff`, of a train without a knee that was paced, or sent in bulks of which only the first ones came. */
export function isHeadOnly(rate: TrainRate): boolean {
  return rate.isCutOff && !rate.hasKnee && (rate.plannedShare > PACED_ABOVE || rate.endsEarly);
}

/** Whether the packets' departures alone could explain the pace of the replies. */
export function isSelfPaced(rate: TrainRate): boolean {
  return rate.departureShare > SELF_PACED_ABOVE;
}

export interface PathLoss {
  /** As in computePassedBytes. */
  readonly ratio: number;
  /** Most that paced packets may lose, as far as is known. */
  readonly most: number;
}

/** null with fewer than three replies or without time between them. `mostKnees` 0: as if no bucket could be on the path. */
export function estimateTrainRate(train: TrainArrivals, loss: PathLoss, mostKnees = MAX_KNEES): TrainRate | null {
  const batches = findStampBatches(train);
  if (batches === null) return estimateTimedRate(train, loss, mostKnees);
  const timed = batches.ends.timeNs.length < LEAST_BATCHES ? train : batches.ends;
  const rate = estimateTimedRate(timed, loss, mostKnees);
  return (
    rate && { ...rate, ...countAll(train), dispersion: estimateBatchDispersion(train, batches), sharesStamps: true }
  );
}

/** A train whose every arrival carries its time. */
function estimateTimedRate(train: TrainArrivals, loss: PathLoss, mostKnees: number): TrainRate | null {
  let from = 0;
  for (let knees = 0; knees < mostKnees; knees += 1) {
    const rest = sliceArrivals(train, from);
    const knee = findKnee(computePassedBytes(rest, loss.ratio), rest.timeNs);
    if (knee === null) break;
    from += knee.row;
  }
  const settled = train.timeNs.length - from >= 6 * SETTLING_ARRIVALS ? from + SETTLING_ARRIVALS : from;
  const tail = sliceArrivals(train, settled);
  const frameBytes = train.frameBytes[0] ?? 0;
  const bytes = computePassedBytes(tail, loss.ratio);
  const line = computeTheilSenLine(bytes, tail.timeNs);
  if (tail.timeNs.length < MIN_ARRIVALS || line === null || !(line.slope > 0)) return null;
  const counted = tail.timeNs.length + sumOf(tail.passedBefore.subarray(1));
  const missingShare = 1 - counted / (last(tail.sentOrder) - Math.min(...tail.sentOrder) + 1);
  return {
    rateBitsPerSec: (BITS_PER_BYTE * NS_PER_SEC) / line.slope,
    relativeHalfWidth: computeRelativeHalfWidth(bytes, tail.timeNs, line),
    arrivals: tail.timeNs.length,
    spanNs: last(tail.timeNs) - (tail.timeNs[0] ?? 0),
    hasKnee: from > 0,
    burstBytes: from > 0 ? Math.max(0, computeHeadBytes(train, from) - (train.timeNs[from] ?? 0) / line.slope) : 0,
    passedBytes: sumOf(train.frameBytes) + frameBytes * sumOf(train.passedBefore),
    plannedShare: computePaceShare(tail.plannedOrder, tail.offeredNs, line.slope * frameBytes),
    departureShare: computePaceShare(tail.sentOrder, tail.txNs, line.slope * frameBytes),
    reachedShare: computeReachedShare(train),
    isCutOff: isCutOff(train),
    endsEarly: endsEarly(train),
    missingShare,
    lostShare: loss.ratio > 0 ? 0 : Math.min(missingShare, loss.most),
    frameBytes,
    waitPackets: computeUsualWait(train, settled) / (line.slope * frameBytes),
    ...computeBatches(tail),
    sharesStamps: false,
    belied: null,
    dispersion: estimateBulkDispersion(tail, findLeastDelay(train)),
  };
}

/**
 * Root of the sum of squares of: the standard error of the slope, clustered in ten blocks so that noise that lasts several
 * packets counts fully (Liang and Zeger 1986); the disagreement of the two halves; half a packet at the knee; a floor.
 */
function computeRelativeHalfWidth(bytes: Float64Array, timeNs: Float64Array, line: Line): number {
  const n = timeNs.length;
  if (n < 2 * BLOCKS) return Math.min(1, 0.5 * (computeHalvesDisagreement(bytes, timeNs, line) + 3 / n));
  const meanBytes = sumOf(bytes) / n;
  const blockSums = new Float64Array(BLOCKS);
  let sumXx = 0;
  for (let i = 0; i < n; i += 1) {
    const dx = (bytes[i] ?? 0) - meanBytes;
    const residual = (timeNs[i] ?? 0) - line.intercept - line.slope * (bytes[i] ?? 0);
    sumXx += dx * dx;
    const block = Math.floor((i * BLOCKS) / n);
    blockSums[block] = (blockSums[block] ?? 0) + dx * residual;
  }
  const standardError = Math.sqrt(blockSums.reduce((sum, block) => sum + block * block, 0)) / sumXx;
  const statistical = (STUDENT_T * standardError) / line.slope;
  const halves = computeHalvesDisagreement(bytes, timeNs, line) / 2;
  return Math.min(1, Math.hypot(statistical, halves, 0.5 / n, FLOOR));
}

/** |slope of the first half − slope of the second| as a share of the slope. */
function computeHalvesDisagreement(bytes: Float64Array, timeNs: Float64Array, line: Line): number {
  const half = timeNs.length >> 1;
  const early = computeTheilSenLine(bytes.subarray(0, half + 1), timeNs.subarray(0, half + 1));
  const late = computeTheilSenLine(bytes.subarray(half), timeNs.subarray(half));
  if (early === null || late === null) return 1;
  return Math.abs(early.slope - late.slope) / line.slope;
}

function computePaceShare(order: Float64Array, timeNs: Float64Array, nsPerPacket: number): number {
  const rows = [...timeNs.keys()].filter((row) => Number.isFinite(timeNs[row]));
  const line = computeTheilSenLine(
    rows.map((row) => order[row] ?? 0),
    rows.map((row) => timeNs[row] ?? 0),
  );
  return line === null ? Number.NaN : line.slope / nsPerPacket;
}

/** Place of the last reply but a tenth of them, as a share of what it would be if they lay all along the train. */
function computeReachedShare({ plannedOrder, planned }: TrainArrivals): number {
  const most = Math.floor(MOST_REPLIES * (plannedOrder.length - 1));
  return Math.min(1, ((plannedOrder[most] ?? 0) + 1) / (MOST_REPLIES * planned));
}

/** Pauses that lie between the bulks in which packets were sent are the sender's, and make no batches. */
function computeBatches({ timeNs, burst }: TrainArrivals): Pick<TrainRate, 'batchedShare' | 'batchNs'> {
  const spanNs = last(timeNs) - (timeNs[0] ?? 0);
  const gaps = timeNs.length - 1;
  let close = 0;
  let between = 0;
  for (let i = 1; i <= gaps; i += 1) {
    const isClose = Math.abs((timeNs[i] ?? 0) - (timeNs[i - 1] ?? 0)) < (BATCH_GAP * spanNs) / gaps;
    if (isClose) close += 1;
    else if (burst[i] !== burst[i - 1]) between += 1;
  }
  const pauses = gaps - close;
  return { batchedShare: between > pauses / 2 ? 0 : close / gaps, batchNs: spanNs / Math.max(1, pauses) };
}

/** What does not depend on stamps, from all arrivals. */
function countAll(train: TrainArrivals): Partial<TrainRate> {
  return {
    arrivals: train.timeNs.length,
    passedBytes: sumOf(train.frameBytes) + (train.frameBytes[0] ?? 0) * sumOf(train.passedBefore),
    reachedShare: computeReachedShare(train),
    isCutOff: isCutOff(train),
    endsEarly: endsEarly(train),
    ...computeBatches(train),
  };
}

function isCutOff(train: TrainArrivals): boolean {
  const reached = computeReachedShare(train);
  return reached < REACHED_BELOW && (endsEarly(train) || (1 - reached) * train.planned > UNREACHED_PACKETS);
}

function endsEarly({ timeNs, planEndNs }: TrainArrivals): boolean {
  return last(timeNs) < REACHED_BELOW * planEndNs;
}

/** Median of arrival less departure from row `from` on, beyond the least of the train, ns. */
function computeUsualWait({ timeNs, txNs }: TrainArrivals, from: number): number {
  const delays = timeNs.map((time, i) => time - (txNs[i] ?? Number.NaN)).filter(Number.isFinite);
  if (delays.length < timeNs.length) return Number.NaN;
  return computeMedian(delays.slice(from)) - delays.reduce((least, delay) => Math.min(least, delay), Infinity);
}

/** Arrival less departure, less that of the first arrival. 0 without stamps. */
function findLeastDelay({ timeNs, txNs }: TrainArrivals): number {
  return timeNs.reduce((least, time, i) => Math.min(least, time - (txNs[i] ?? Number.NaN) || 0), 0);
}

function computeHeadBytes(train: TrainArrivals, from: number): number {
  return sumOf(train.frameBytes.subarray(0, from + 1));
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function last(values: Float64Array): number {
  return values[values.length - 1] ?? Number.NaN;
}
