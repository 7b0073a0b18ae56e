// Packets that share an interrupt share its stamp: whether those of a train do, and what is left of it that carries time. Slots of a
// link are longer than interrupts, and are not looked for here.
import { BITS_PER_BYTE, NS_PER_SEC, NS_PER_US } from '../../../model/units.js';
import { computeMedian } from '../../statistics/quantile.js';
import type { BulkDispersion } from './bulk-dispersion.js';
import { computeDepartureGap } from './train-arrivals.js';
import type { TrainArrivals } from './train-arrivals.js';

/**
 * Gaps this short, most of them, were made by an interrupt (pathload: 60 % of at most 7 us). Its other bound, three times what receiving
 * costs, is for stamps taken in user space, behind recv(); the kernel stamps the packets of a batch in one loop before anything else.
 */
const INTERRUPT_GAP_NS = 7 * NS_PER_US;
const MOSTLY = 0.6;
/** Interrupts are held back for less than this, slots of wireless, cable and mobile links last longer. */
export const LONGEST_INTERRUPT_NS = 400 * NS_PER_US;
/** … if they are much shorter than the usual one, and lie in so many batches: the head of a token bucket is one. */
const SHORT_SHARE = 0.35;
const LEAST_BATCHES = 3;
/** Two full packets never have the same stamp to the ns but by an interrupt: fewer of them tell. */
const SAME_STAMP_SHARE = 0.1;
/** Runs of packets and batches in them that make a rate. */
const LEAST_RUNS = 4;
const LEAST_INTERVALS = 12;
const Z_95 = 1.96;
const FLOOR = 0.003;

export interface StampBatches {
  /** The last packet of each batch but the last batch, whose interrupt did not wait for more. Those before count as passed. */
  readonly ends: TrainArrivals;
  /** Mean time from batch to batch. */
  readonly periodNs: number;
}

/** null where packets have stamps of their own. */
export function findStampBatches(train: TrainArrivals): StampBatches | null {
  const { timeNs } = train;
  const count = timeNs.length;
  const gapsNs = timeNs.subarray(1).map((time, i) => Math.abs(time - (timeNs[i] ?? 0)));
  const spanNs = (timeNs[count - 1] ?? 0) - (timeNs[0] ?? 0);
  if (gapsNs.length === 0 || !(spanNs > 0)) return null;
  const closeNs = Math.min(INTERRUPT_GAP_NS, (SHORT_SHARE * spanNs) / gapsNs.length);
  const rows = [...timeNs.keys()].filter((row) => row === count - 1 || (gapsNs[row] ?? 0) > closeNs);
  const usualNs = computeMedian(gapsNs.filter((gap) => gap > closeNs));
  if (usualNs > LONGEST_INTERRUPT_NS) return null;
  const shared = rows.filter((row, i) => row - (rows[i - 1] ?? -1) > 1).length;
  const close = gapsNs.length + 1 - rows.length;
  const isBatched = close > MOSTLY * gapsNs.length && shared >= Math.max(LEAST_BATCHES, rows.length / 2);
  const same = gapsNs.filter((gap) => gap === 0).length;
  if (!isBatched && same < SAME_STAMP_SHARE * gapsNs.length) return null;
  return { ends: keepRows(train, rows.slice(0, -1)), periodNs: spanNs / Math.max(1, rows.length - 1) };
}

/** What lies between the rows kept counts as passed, or as missing where it was. */
function keepRows(train: TrainArrivals, rows: readonly number[]): TrainArrivals {
  const pick = (column: Float64Array): Float64Array => Float64Array.from(rows, (row) => column[row] ?? Number.NaN);
  const sumUpTo = (column: Float64Array): Float64Array =>
    Float64Array.from(rows, (row, i) => column.subarray((rows[i - 1] ?? -1) + 1, row + 1).reduce((a, b) => a + b, 0));
  const passedBefore = sumUpTo(train.passedBefore);
  return {
    ...train,
    timeNs: pick(train.timeNs),
    burst: pick(train.burst),
    txNs: pick(train.txNs),
    plannedNs: pick(train.plannedNs),
    offeredNs: pick(train.offeredNs),
    frameBytes: pick(train.frameBytes),
    missingBefore: sumUpTo(train.missingBefore),
    passedBefore: passedBefore.map((passed, i) => passed + (rows[i] ?? 0) - (rows[i - 1] ?? -1) - 1),
    plannedOrder: pick(train.plannedOrder),
    sentOrder: pick(train.sentOrder),
  };
}

/**
 * The time that a packet takes inside bulks of back-to-back packets, from the first end of a batch in each to its last but one: the
 * interrupt of the last may have come after a pause. Its interval from how the bulks differ (clustered errors). null where bulks
 * are too short for that.
 */
export function estimateBatchDispersion(train: TrainArrivals, { ends, periodNs }: StampBatches): BulkDispersion | null {
  const runs = collectRuns(ends);
  const sumOf = (pick: (run: Run) => number): number => runs.reduce((sum, run) => sum + pick(run), 0);
  const packets = sumOf((run) => run.packets);
  const gapNs = sumOf((run) => run.spanNs) / packets;
  if (runs.length < LEAST_RUNS || sumOf(({ intervals }) => intervals) < LEAST_INTERVALS || !(gapNs > 0)) return null;
  const scatter = sumOf((run) => (run.spanNs - gapNs * run.packets) ** 2) * (runs.length / (runs.length - 1));
  return {
    rateBitsPerSec: ((train.frameBytes[0] ?? 0) * BITS_PER_BYTE * NS_PER_SEC) / gapNs,
    relativeHalfWidth: Math.min(1, Math.hypot((Z_95 * Math.sqrt(scatter)) / packets / gapNs, 1 / packets, FLOOR)),
    kind: 'mean',
    modeSpread: 0,
    slotNs: null,
    isBacklogged: false,
    // Where time was lost inside a batch is not known.
    pauseInside: 0,
    departureInside: 0,
    departureShare: computeDepartureGap(train) / gapNs,
    gaps: packets,
    gapSpreadNs: periodNs,
  };
}

interface Run {
  readonly packets: number;
  readonly spanNs: number;
  readonly intervals: number;
}

/** One a bulk, or a part of one without missing packets. */
function collectRuns({ timeNs, burst, missingBefore, passedBefore, plannedNs }: TrainArrivals): Run[] {
  const runs: Run[] = [];
  let from = 0;
  for (let i = 1; i <= timeNs.length; i += 1) {
    const goesOn = burst[i] === burst[i - 1] && missingBefore[i] === 0 && plannedNs[i] === plannedNs[i - 1];
    if (i < timeNs.length && goesOn) continue;
    const end = i - 2;
    if (end > from) {
      const between = passedBefore.subarray(from + 1, end + 1).reduce((sum, passed) => sum + passed + 1, 0);
      runs.push({ packets: between, spanNs: (timeNs[end] ?? 0) - (timeNs[from] ?? 0), intervals: end - from });
    }
    from = i;
  }
  return runs;
}
