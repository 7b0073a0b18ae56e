// How likely groups of streams are on a link of some capacity with some other traffic, and what else was seen of either. The grid of links
// is available.ts's.
import { NS_PER_SEC } from '../../../model/units.js';
import type { Group } from './stream-groups.js';

/** Where the capacity may lie, bits per second; any decade of it is as likely as any other. */
export interface CapacityPrior {
  readonly low: number;
  readonly high: number;
  /** What trains say of it, and the standard error as a share of that; null where they say nothing exact. */
  readonly likely: { readonly value: number; readonly relativeError: number } | null;
}

/** The other traffic's share as something else than the streams tells it, 0-1, and its standard error. */
export interface SeenTraffic {
  readonly share: number;
  readonly error: number;
}

/** Standard error of a share that is known well. */
const EXACT = 0.1;

/** Half the distance of two cells: the capacity as a share of itself, and the other traffic's share. */
export interface Coarseness {
  readonly capacityShare: number;
  readonly trafficShare: number;
}

/** A cell as the groups are weighed against it: moved over the grid, so that a cell costs no memory. */
export interface Hypothesis {
  nsPerBit: number;
  traffic: number;
  /** Of the other traffic's share from stream to stream. */
  variance: number;
  readonly coarse: Coarseness;
  readonly sharedFreedom: number;
  /**
   * Of that, at least: a stream that meets a burst or none is one look at something that is there or not, and where other looks saw
   * it that often, streams that agree met none by chance.
   */
  readonly leastVariance: number;
}

/** What was seen counts for this as far as it is exact. */
export function computeLeastVariance(seen: SeenTraffic | null): number {
  return seen === null ? 0 : (seen.share * (1 - seen.share)) / (1 + (seen.error / EXACT) ** 2);
}

export function moveTo(hypothesis: Hypothesis, groups: readonly Group[], capacity: number, traffic: number): void {
  hypothesis.nsPerBit = NS_PER_SEC / capacity;
  hypothesis.traffic = traffic;
  hypothesis.variance = poolVariance(groups, hypothesis);
}

export function computeLogLikelihood(groups: readonly Group[], hypothesis: Hypothesis): number {
  let log = 0;
  for (const group of groups) {
    const error = computeError(group, hypothesis);
    const t = computeDeviation(group, hypothesis) / error;
    const freedom = countFreedom(group, hypothesis);
    log -= ((freedom + 1) / 2) * Math.log(1 + (t * t) / freedom) + Math.log(error);
  }
  return log;
}

export interface Hints {
  readonly likely: CapacityPrior['likely'];
  readonly seen: SeenTraffic | null;
}

/** Tails so heavy that streams which agree among themselves overrule the trains. */
const TRAIN_FREEDOM = 2;

export function weighTrains(capacity: number, likely: Hints['likely'], { capacityShare }: Coarseness): number {
  if (likely === null) return 0;
  const square = Math.log(capacity / likely.value) ** 2 / (likely.relativeError ** 2 + capacityShare ** 2);
  return -((TRAIN_FREEDOM + 1) / 2) * Math.log(1 + square / TRAIN_FREEDOM);
}

export function weighSeen(traffic: number, seen: SeenTraffic | null, { trafficShare }: Coarseness): number {
  return seen === null ? 0 : -((traffic - seen.share) ** 2) / (seen.error ** 2 + trafficShare ** 2) / 2;
}

/** A few streams may agree by chance: their scatter is weighed against the model's as if that had been seen in so many more. */
const MODEL_FREEDOM = 4;
/** No stream's length is better known than to this share. */
const LEAST_NOISE = 0.002;

export function countSharedFreedom(groups: readonly Group[]): number {
  return groups.reduce((sum, { seesTraffic: sees, streams }) => sum + (sees ? streams - 1 : 0), 0);
}

/**
 * Traffic that comes and goes varies by the stream, whatever the stream's rate: all groups that see it share one variance of u, so
 * that a group that met the same moment twice is not taken for exact.
 */
function poolVariance(groups: readonly Group[], hypothesis: Hypothesis): number {
  if (hypothesis.sharedFreedom === 0) return 0;
  let sum = 0;
  for (const group of groups) {
    if (group.seesTraffic) sum += computeSquares(group, hypothesis) / (group.meanX * group.meanX);
  }
  return sum / hypothesis.sharedFreedom;
}

/** Variance of the other traffic's share beyond which it comes in bursts, as a multiple of that of independent packets. */
const BURSTY_ABOVE = 2;

export function comesInBursts(groups: readonly Group[], { nsPerBit, traffic, variance }: Hypothesis): boolean {
  const ofPackets = groups.flatMap(({ seesTraffic: sees, frameBits, bits, meanX }) =>
    sees ? [(traffic * nsPerBit * frameBits) / (bits * meanX) + ((LEAST_NOISE * nsPerBit) / meanX) ** 2] : [],
  );
  return variance > BURSTY_ABOVE * Math.max(0, ...ofPackets);
}

/** Degrees of freedom that a group's standard error stands on. */
function countFreedom(group: Group, { sharedFreedom }: Hypothesis): number {
  return group.seesTraffic ? sharedFreedom : group.streams - 1;
}

/** Mean of what the streams took beyond the hypothesis, ns per bit. */
export function computeDeviation(group: Group, hypothesis: Hypothesis): number {
  const { meanX, meanZ } = group;
  return meanZ - (isBusy(group, hypothesis) ? hypothesis.nsPerBit + hypothesis.traffic * meanX : meanX);
}

/** Standard error of that mean. */
export function computeError(group: Group, hypothesis: Hypothesis): number {
  const { streams, meanX, bits, frameBits } = group;
  const { nsPerBit, traffic, variance, coarse } = hypothesis;
  const freedom = countFreedom(group, hypothesis);
  const ofTraffic = variance * meanX * meanX;
  const scatter = group.seesTraffic
    ? Math.max(ofTraffic, hypothesis.leastVariance * meanX * meanX)
    : Math.max(computeSquares(group, hypothesis) / (streams - 1), ofTraffic);
  const leastNoise = LEAST_NOISE * nsPerBit;
  const ofModel = (traffic * nsPerBit * frameBits * Math.max(0, meanX)) / bits + leastNoise * leastNoise;
  const pooled = (freedom * scatter + MODEL_FREEDOM * ofModel) / (freedom + MODEL_FREEDOM);
  const ofGrid = nsPerBit * coarse.capacityShare + Math.max(0, meanX) * coarse.trafficShare;
  return Math.sqrt(Math.max(scatter, pooled) / streams + ofGrid * ofGrid);
}

/** Whether streams of this rate keep the link busy. */
function isBusy({ meanX }: Group, { nsPerBit, traffic }: Hypothesis): boolean {
  return nsPerBit + traffic * meanX > meanX;
}

/** Sum of squares of what the streams took beyond the hypothesis, around its mean. */
function computeSquares(group: Group, hypothesis: Hypothesis): number {
  const slope = isBusy(group, hypothesis) ? hypothesis.traffic : 1;
  return Math.max(0, group.sumZz - slope * (2 * group.sumXz - slope * group.sumXx));
}
