// How long the narrow place takes for a large packet, and how much of that for a small one, from bursts in which runs of both follow each
// other, or from loads of one size each. What it is that takes that time is not judged here.
import type { Trace } from '../../../model/trace.js';
import { computeLogSum } from '../../statistics/beta-binomial.js';
import { computeMean, computeMedian } from '../../statistics/quantile.js';
import { computeLogGapDensity, computeLogLoneDensity, fitGapLattice } from '../../statistics/gap-lattice.js';
import type { GapLattice } from '../../statistics/gap-lattice.js';
import { isReply } from '../packet-fate.js';
import { hasUsableStamps } from '../round-trip-times.js';
import type { Leg } from './train-arrivals.js';

export interface PacketPace {
  /** IP length. */
  readonly largeBytes: number;
  /** What a large packet takes. */
  readonly largeNs: number;
  /** The size with most distances first. */
  readonly small: readonly [SmallPace, ...SmallPace[]];
  /** Told from packets that came no slower than they left: where others keep the place full, some of theirs are between any two of ours. */
  readonly isKeptFull: boolean;
  /** ln of how much better the large packets' distances are explained where packets of others take their time between some of them. */
  readonly logOthers: number;
}

export interface SmallPace {
  /** IP length, at most half of the large one's. */
  readonly sizeBytes: number;
  /** ln likelihood of these packets' distances where one takes each of these shares of a large one's time; ascending shares. */
  readonly shares: readonly { readonly share: number; readonly logLikelihood: number }[];
  /** Distances between them. */
  readonly gaps: number;
}

/** Packets that left at this share of the time between their arrivals found something slower than the sender. */
const OVERLOADED_BELOW = 0.75;
/** A queue changes more of a gap than this; stamps and other queues little. */
const CHANGED_ABOVE = 0.03;
/** Gaps below this share of the usual one are inside a batch; more such gaps than this are batches, and tell no pace. */
const BATCH_GAP = 0.15;
const MOST_BATCHED = 0.2;
const LEAST_GAPS = 5;
/** Many more tell no more, and cost time. */
const MOST_GAPS = 120;
/** Sizes closer than this tell nothing. */
const LEAST_CONTRAST = 2;
const SHARE_STEP = 0.025;
const MOST_SHARE = 1.1;
/** Noise of a stamp is in two gaps, with opposite signs: of what gaps tell as if by themselves, half is believed. */
const BELIEVED = 0.5;

interface Gap {
  readonly sizeBytes: number;
  readonly cameNs: number;
  readonly leftNs: number;
}

/** What must be seen of packets that came no slower than they left before they count: `null` where they never do. */
export type LeastGain = number | null;
/** Where others keep a machine full: the least that tells anything. */
export const LEAST_GAIN = 5;

/**
 * null where batches, the sender's own pace, or too few arrivals leave nothing to tell. `leastGain`: packets that came no slower than they
 * left count, too, where their distances on the way became whole multiples of one time, as others leave few of a burst; by so much, ln, must
 * these explain the arrivals better than the departures, which else had them already.
 */
export function estimatePacketPace(traces: readonly Trace[], leg: Leg, leastGain: LeastGain = null): PacketPace | null {
  const groups = traces
    .filter(hasUsableStamps)
    .flatMap((trace) => groupBySize(collectGaps(trace, leg)))
    .filter(({ gaps }) => !isBatched(gaps));
  const stretched = chooseSizes(groups.filter(({ gaps }) => isStretched(gaps)));
  const chosen = stretched ?? (leastGain === null ? null : chooseSizes(groups));
  if (chosen === null) return null;
  const isKeptFull = stretched === null && leastGain !== null;
  const came = (gaps: readonly Gap[]): readonly number[] => gaps.map(({ cameNs }) => cameNs);
  const { large, small } = chosen;
  const lattice = fitGapLattice(came(large.gaps));
  const whole = (distances: readonly number[]): number => weighShare(distances, lattice, 1);
  if (isKeptFull && computeGain(large.gaps, whole) < leastGain) return null;
  const read = ({ sizeBytes, gaps }: SizeGaps): SmallPace => ({
    sizeBytes,
    shares: weighShares(came(gaps), lattice),
    gaps: gaps.length,
  });
  const told = isKeptFull ? small.filter(({ gaps }) => computeShareGain(gaps, lattice) >= leastGain) : small;
  const [first, ...others] = told.map(read);
  if (first === undefined) return null;
  return {
    largeBytes: large.sizeBytes,
    largeNs: lattice.periodNs,
    small: [first, ...others],
    isKeptFull,
    logOthers: weighOthers(came(large.gaps), lattice),
  };
}

/** Of all groups: the largest size, and those clearly smaller, the one with most gaps first. */
function chooseSizes(
  groups: readonly SizeGaps[],
): { readonly large: SizeGaps; readonly small: readonly SizeGaps[] } | null {
  const bySize = new Map<number, readonly Gap[]>();
  for (const { sizeBytes, gaps } of groups) bySize.set(sizeBytes, [...(bySize.get(sizeBytes) ?? []), ...gaps]);
  const sizes = [...bySize].map(([sizeBytes, gaps]) => ({ sizeBytes, gaps: thinOut(gaps) }));
  const large = sizes.reduce<SizeGaps | null>((a, b) => (a === null || b.sizeBytes > a.sizeBytes ? b : a), null);
  if (large === null) return null;
  const small = sizes
    .filter(({ sizeBytes }) => LEAST_CONTRAST * sizeBytes <= large.sizeBytes)
    .sort((a, b) => b.gaps.length - a.gaps.length);
  return small.length === 0 ? null : { large, small };
}

interface SizeGaps {
  readonly sizeBytes: number;
  readonly gaps: readonly Gap[];
}

function groupBySize(gaps: readonly Gap[]): readonly SizeGaps[] {
  const sizes = [...new Set(gaps.map(({ sizeBytes }) => sizeBytes))];
  return sizes.map((sizeBytes) => ({ sizeBytes, gaps: gaps.filter((gap) => gap.sizeBytes === sizeBytes) }));
}

function thinOut(gaps: readonly Gap[]): readonly Gap[] {
  const step = Math.max(1, gaps.length / MOST_GAPS);
  return gaps.filter((_, i) => Math.floor(i / step) > Math.floor((i - 1) / step));
}

function weighShares(distances: readonly number[], lattice: GapLattice): SmallPace['shares'] {
  const shares: { share: number; logLikelihood: number }[] = [];
  for (let share = SHARE_STEP; share <= MOST_SHARE; share += SHARE_STEP)
    shares.push({ share, logLikelihood: weighShare(distances, lattice, share) });
  return shares;
}

/** ln of how much better the arrivals are explained than the departures, whatever the share. */
function computeShareGain(gaps: readonly Gap[], lattice: GapLattice): number {
  const sum = (distances: readonly number[]): number =>
    computeLogSum(weighShares(distances, lattice).map(({ logLikelihood }) => logLikelihood));
  return computeGain(gaps, sum);
}

function weighOthers(distances: readonly number[], { periodNs, noises }: GapLattice): number {
  const weigh = (densityOf: typeof computeLogGapDensity): number =>
    computeLogSum(
      noises.map(
        ({ spreadNs, logLikelihood }) =>
          logLikelihood + BELIEVED * densityOf(distances, { periodNs, firstNs: periodNs, spreadNs }),
      ),
    );
  return weigh(computeLogGapDensity) - weigh(computeLogLoneDensity);
}

/** ln likelihood of the distances between packets that take this share of the lattice's time. */
function weighShare(distances: readonly number[], { periodNs, noises }: GapLattice, share: number): number {
  const logs = noises.map(({ spreadNs, logLikelihood }) => {
    const shape = { periodNs, firstNs: share * periodNs, spreadNs };
    return logLikelihood + BELIEVED * computeLogGapDensity(distances, shape);
  });
  return computeLogSum(logs);
}

/** ln of how much better the arrivals are explained than the departures. */
function computeGain(gaps: readonly Gap[], weigh: (distances: readonly number[]) => number): number {
  return weigh(gaps.map(({ cameNs }) => cameNs)) - weigh(gaps.map(({ leftNs }) => leftNs));
}

/**
 * Between successive arrivals of one size, whatever was dropped in between: what a full queue drops takes no time. Of different bursts only
 * where the path changed the distance: it was still busy with the one before.
 */
function collectGaps(trace: Trace, leg: Leg): Gap[] {
  const came = leg === 'forward' ? trace.farRxOffsetNs : trace.rxOffsetNs;
  const left = leg === 'reverse' ? trace.farTxOffsetNs : trace.txOffsetNs;
  const rows = [...trace.sizeBytes.keys()]
    .filter((row) => isReply(trace, row) && Number.isFinite(came[row]) && Number.isFinite(left[row]))
    .sort((a, b) => (came[a] ?? 0) - (came[b] ?? 0));
  return rows.slice(1).flatMap((row, i): Gap[] => {
    const before = rows[i] ?? 0;
    const sizeBytes = trace.sizeBytes[row] ?? 0;
    if (trace.sizeBytes[before] !== sizeBytes) return [];
    const between = (stamps: Float64Array): number => (stamps[row] ?? NaN) - (stamps[before] ?? NaN);
    const gap = { sizeBytes, cameNs: between(came), leftNs: between(left) };
    const isOneBurst = trace.burst[before] === trace.burst[row];
    return isOneBurst || isChanged(gap) ? [gap] : [];
  });
}

/** What a policer lets pass comes as it left; what a queue lets pass comes when the one before it is through. */
function isChanged({ cameNs, leftNs }: Gap): boolean {
  return Math.abs(cameNs - leftNs) > CHANGED_ABOVE * cameNs;
}

/** Or too few to tell. */
function isBatched(gaps: readonly Gap[]): boolean {
  if (gaps.length < LEAST_GAPS) return true;
  const came = gaps.map(({ cameNs }) => cameNs);
  const usualNs = Math.min(computeMean(came), computeMedian(came));
  const batched = came.filter((gapNs) => gapNs < BATCH_GAP * usualNs).length;
  return !(usualNs > 0) || batched > MOST_BATCHED * gaps.length;
}

/** Slower than they left. Where most are dropped those that are left come as seldom as they left, but at other distances. */
function isStretched(gaps: readonly Gap[]): boolean {
  const leftNs = computeMedian(gaps.map((gap) => gap.leftNs));
  return leftNs < OVERLOADED_BELOW * computeMedian(gaps.map(({ cameNs }) => cameNs));
}
