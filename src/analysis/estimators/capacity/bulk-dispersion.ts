// The narrow link's rate from the gaps inside bulks of back-to-back packets: little else fits between such packets, however
// much other traffic the link carries. Whether that rate lasts is decided elsewhere.
import { BITS_PER_BYTE, NS_PER_SEC } from '../../../model/units.js';
import { computeMean, computeMedian } from '../../statistics/quantile.js';
import { computePooledGap } from './bulk-slope.js';
import type { GapFigure } from './bulk-slope.js';
import { findGapMode } from './gap-mode.js';
import { findSlotPeriod } from './slot-lattice.js';
import { computeDepartureGap, isBackToBack } from './train-arrivals.js';
import type { TrainArrivals } from './train-arrivals.js';

export interface BulkDispersion {
  readonly rateBitsPerSec: number;
  /** Half of the 95 % interval as a share of the rate. */
  readonly relativeHalfWidth: number;
  /** `mode`: the gap that most packets share. `mean`: noise hides it, and what other traffic adds is in the figure. */
  readonly kind: 'mode' | 'mean';
  /** Time from slot to slot where the link sends in slots smaller than a packet; null where it does not. */
  readonly slotNs: number | null;
  /** How far gaps of the mode spread, as a share of it; 0 for a mean. */
  readonly modeSpread: number;
  /**
   * Whether the bulks met a queue: then no tokens were left to pass on, and this is the pace of what serves the queue.
   */
  readonly isBacklogged: boolean;
  /**
   * Share of the time beyond the common gap that was lost inside bulks, and share of the departure times that lies there. Other
   * traffic comes while the sender pauses; a link that sends in slots pauses anywhere.
   */
  readonly pauseInside: number;
  readonly departureInside: number;
  /** Time between two departures as a share of the time between two arrivals. NaN without stamps. */
  readonly departureShare: number;
  /** Gaps the rate rests on, and how far single ones spread: half of them lie within so many ns of their median. */
  readonly gaps: number;
  readonly gapSpreadNs: number;
}

/** Spans of so many gaps are looked at in turn: the more gaps, the less the noise of a stamp matters. */
const SPANS = [1, 2, 4, 8, 16] as const;
/** A mode stands out if its spread is this share of itself, and this share of the gaps lies around it. */
const WIDEST_SPREAD = 0.15;
const LEAST_SHARE = 0.3;
const LEAST_GAPS = 12;
/** Median deviations of a gap that a delay may be off by noise. */
const NOISE_REACH = 5;
/** Where the sum of several gaps varies by less than this share of what independent gaps would, noise of stamps is the cause. */
const NOISE_GROWTH = 0.6;
/** A mode this sharp needs no help from the mean. */
const PRECISE_MODE = 0.003;
/** Gaps count as pauses from this multiple of the common one on. */
const PAUSE_ABOVE = 1.5;
/** 95 % error of a mode in spreads, for one gap; and what noise of another shape than the normal one may move it. */
const MODE_ERROR = 3;
const SHAPE_MARGIN = 0.05;
/** Share of the rate that no interval goes below. */
const FLOOR = 0.003;

/**
 * The mode of the dispersion (CapProbe, Kapoor et al. 2004; pathrate, Dovrolis et al. 2004) of the shortest spans where it
 * stands out. Where noise hides it, or is what spreads the gaps, their mean. Frames are of equal size. null with fewer than
 * twelve gaps between packets that left back to back and both arrived, with none missing in between. `leastDelayNs` is the
 * smallest of arrival less departure in the whole train, of which this may be a part.
 */
export function estimateBulkDispersion(train: TrainArrivals, leastDelayNs: number): BulkDispersion | null {
  const all = collectRuns(train);
  const queued = selectQueued(all, leastDelayNs);
  const isBacklogged = queued.length > 0;
  const runs = (isBacklogged ? queued : all).map(({ timeNs }) => timeNs);
  const gaps = computeSpans(runs, 1);
  if (gaps.length < LEAST_GAPS) return null;
  const sharp = findSharpMode(runs);
  const isNoise = sharp !== null && sharp.halfWidth > PRECISE_MODE && computeGrowth(runs) < NOISE_GROWTH;
  const { gapNs, halfWidth } = sharp === null || isNoise ? computePooledGap(runs, computeDeviation(gaps)) : sharp;
  if (!(gapNs > 0)) return null;
  const frameBytes = train.frameBytes[0] ?? 0;
  return {
    rateBitsPerSec: (frameBytes * BITS_PER_BYTE * NS_PER_SEC) / gapNs,
    relativeHalfWidth: Math.min(1, Math.hypot(halfWidth, FLOOR)),
    kind: sharp === null || isNoise ? 'mean' : 'mode',
    modeSpread: sharp === null || isNoise ? 0 : sharp.spread,
    slotNs: sharp === null ? null : findSlotPeriod(gaps, sharp.gapNs),
    isBacklogged,
    ...computePauses(train, gapNs),
    departureShare: computeDepartureGap(train) / gapNs,
    gaps: gaps.length,
    gapSpreadNs: computeDeviation(gaps),
  };
}

/** Packets that were planned for one instant, left one after the other and came in that order. */
interface Run {
  readonly timeNs: Float64Array;
  /** Arrival less departure of the first of them. NaN without stamps. */
  readonly delayNs: number;
}

/** Runs whose first packet waited longer than two packets take, and than noise explains. Empty where these are too few. */
function selectQueued(runs: readonly Run[], leastDelayNs: number): Run[] {
  const gaps = computeSpans(
    runs.map(({ timeNs }) => timeNs),
    1,
  );
  if (gaps.length < LEAST_GAPS) return [];
  const leastWaitNs = 2 * computeMedian(gaps) + NOISE_REACH * computeDeviation(gaps);
  const queued = runs.filter(({ delayNs }) => delayNs - leastDelayNs > leastWaitNs);
  return queued.reduce((sum, { timeNs }) => sum + timeNs.length - 1, 0) >= LEAST_GAPS ? queued : [];
}

interface SharpMode extends GapFigure {
  readonly spread: number;
}

function findSharpMode(runs: readonly Float64Array[]): SharpMode | null {
  for (const span of SPANS) {
    const spans = computeSpans(runs, span);
    const mode = spans.length < LEAST_GAPS ? null : findGapMode(spans);
    if (mode === null || !(mode.value > 0) || mode.spread > WIDEST_SPREAD * mode.value) continue;
    if (mode.share < LEAST_SHARE) return null;
    const spread = mode.spread / mode.value;
    return {
      gapNs: mode.value,
      spread,
      halfWidth: Math.hypot(spread * (MODE_ERROR / Math.sqrt(mode.count) + SHAPE_MARGIN), mode.doubt / mode.value),
    };
  }
  return null;
}

function collectRuns(train: TrainArrivals): Run[] {
  const { timeNs, txNs } = train;
  const runs: Run[] = [];
  let from = 0;
  for (let i = 1; i <= timeNs.length; i += 1) {
    if (i < timeNs.length && isBackToBack(train, i)) continue;
    const delayNs = (timeNs[from] ?? Number.NaN) - (txNs[from] ?? Number.NaN);
    if (i - from > 1) runs.push({ timeNs: timeNs.subarray(from, i), delayNs });
    from = i;
  }
  return runs;
}

/** Time of `span` gaps, divided by their number; spans of one run do not overlap. */
function computeSpans(runs: readonly Float64Array[], span: number): Float64Array {
  const spans: number[] = [];
  for (const run of runs) {
    for (let i = span; i < run.length; i += span) spans.push(((run[i] ?? 0) - (run[i - span] ?? 0)) / span);
  }
  return Float64Array.from(spans);
}

/** Median distance from the median. */
function computeDeviation(values: Float64Array): number {
  const middle = computeMedian(values);
  return computeMedian(values.map((value) => Math.abs(value - middle)));
}

/** Variance of the longest spans against that of single gaps: 1 where gaps are independent, 1/span where stamps alone are noisy. */
function computeGrowth(runs: readonly Float64Array[]): number {
  const gaps = computeSpans(runs, 1);
  const longest = Math.max(...runs.map((run) => run.length)) - 1;
  const span = SPANS.reduce<number>((most, each) => (each <= longest ? each : most), 1);
  const spans = computeSpans(runs, span);
  if (span === 1 || spans.length < LEAST_GAPS) return 1;
  return (computeVariance(spans) * span) / computeVariance(gaps);
}

function computeVariance(values: Float64Array): number {
  const mean = computeMean(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}

/** Of the time of packets behind one, that they surely took on the link. */
const SURE_SHARE = 0.98;

/** When packets left the link at the latest: those behind one that came closer than the link sends tell that a machine held it. */
function computeLatestNs({ timeNs }: TrainArrivals, gapNs: number): Float64Array {
  const latestNs = Float64Array.from(timeNs);
  for (let i = latestNs.length - 2; i >= 0; i -= 1) {
    latestNs[i] = Math.min(latestNs[i] ?? NaN, (latestNs[i + 1] ?? NaN) - SURE_SHARE * gapNs);
  }
  return latestNs;
}

function computePauses(train: TrainArrivals, gapNs: number): Pick<BulkDispersion, 'pauseInside' | 'departureInside'> {
  const leftNs = computeLatestNs(train, gapNs);
  const pause = { inside: 0, all: 0 };
  const departure = { inside: 0, all: 0 };
  for (let i = 1; i < train.timeNs.length; i += 1) {
    const longerNs = Math.max(0, (leftNs[i] ?? 0) - (leftNs[i - 1] ?? 0) - PAUSE_ABOVE * gapNs);
    const departureNs = Math.max(0, (train.txNs[i] ?? 0) - (train.txNs[i - 1] ?? 0)) || 0;
    const isInside = isBackToBack(train, i);
    pause.all += longerNs;
    departure.all += departureNs;
    if (isInside) pause.inside += longerNs;
    if (isInside) departure.inside += departureNs;
  }
  return { pauseInside: pause.inside / pause.all || 0, departureInside: departure.inside / departure.all || 0 };
}
