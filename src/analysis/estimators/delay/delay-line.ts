// Delay over size in empty queues, fitted by maximum likelihood together with what hides it, and how far the fit is to be believed:
// waits of neighbours in time are alike, and a path that was hardly ever idle shows bounds, not a line.
import { computeRankCorrelationTime } from '../../statistics/correlation-time.js';
import { findMinimum } from '../../statistics/nelder-mead.js';
import type { Minimum } from '../../statistics/nelder-mead.js';
import { sortAscending } from '../../statistics/quantile.js';
import { computeDelayCost, computeIdleChances, readWait } from './delay-likelihood.js';
import type { DelayFit, DelayParameters, DelaySample } from './delay-likelihood.js';
import { guessStarts } from './delay-line-starts.js';
import type { Start } from './delay-line-starts.js';
import { readBounds, readInterval } from './delay-line-interval.js';
import type { FittedValue } from './delay-line-interval.js';

export interface DelayPoint {
  readonly bytes: number;
  readonly delayNs: number;
}

export interface DelayLine {
  /** ns at 0 bytes. */
  readonly intercept: FittedValue;
  /** ns per byte. */
  readonly slope: FittedValue;
  /** False where too few packets met empty queues for a line: the interval then goes from 0 to what the fastest packet allows. */
  readonly isSeen: boolean;
}

/** Numbers of stages tried. */
const STAGES = [1, 3];
/** Samples of one size that are used. */
const MOST_POINTS = 80;
/** A simpler model is kept if it is not further than this below the best log-likelihood. */
const SIMPLER = 1;
/** A path without any variation still has strays. */
const LEAST_SPREAD_NS = 1_000;
const EVALUATIONS = 120;
const WEIGHTED_EVALUATIONS = 100;
/** Idle packets are a pile at the floor if what they wait on average is no longer than so many noises, or than this share of the waits of the others. */
const PILE_NOISES = 4;
const PILE_SHARE = 0.01;
/** So many idle packets in all, and of so many sizes besides the commonest, are no chance. */
const LEAST_PILE = 6;
const LEAST_PILE_SIZES = 3;
/** Correlation time of noise, in packets; by chance it is not always 1. */
const LONGEST_NOISE = 2.5;
/** Without a pile the shape of the waits tells the floor, from at least so many independent ones. */
const LEAST_INDEPENDENT = 100;

/** `points` in the order of sending. null where all have one size. */
export function fitDelayLine(points: readonly DelayPoint[]): DelayLine | null {
  const bySize = groupBySize(points);
  const sample = buildSample(thinPoints(bySize));
  const fits = fitAll(sample, bySize);
  const chosen = chooseFit(fits);
  if (chosen === null) return null;
  const waitsNs = computeWaits(points, sample, chosen);
  const chances = computePileChances(sample, chosen);
  const hasPile = isPile(sample, chances) && isNoise(waitsNs, computePileChances(buildSample(points), chosen));
  const time = computeRankCorrelationTime(waitsNs);
  const scale = ({ value, low, high }: FittedValue): FittedValue => {
    const { largestBytes } = sample;
    return { value: value / largestBytes, low: low / largestBytes, high: high / largestBytes };
  };
  if (!hasPile && points.length < LEAST_INDEPENDENT * time) {
    const bounds = { sample, chosen };
    return { intercept: readBounds(0, bounds), slope: scale(readBounds(1, bounds)), isSeen: false };
  }
  // Noise differs from packet to packet, waits do not: those of a busy period count as one.
  const share = Math.min(1, points.length / (time * sample.weight.length));
  const weight = chances.map((chance) => share + (hasPile ? chance : 0) * (1 - share));
  const weighted = { ...sample, weight };
  const refined = share < 1 ? fits.map((fit) => refine(weighted, fit)) : fits;
  const options = { sample: weighted, chosen: chooseFit(refined) ?? chosen, fits: refined, hasPile };
  return { intercept: readInterval(0, options), slope: scale(readInterval(1, options)), isSeen: true };
}

function chooseFit(fits: readonly DelayFit[]): DelayFit | null {
  const least = Math.min(...fits.map(({ best }) => best.value));
  return Number.isFinite(least) ? (fits.find(({ best }) => best.value <= least + SIMPLER) ?? null) : null;
}

function fitAll(sample: DelaySample, bySize: ReadonlyMap<number, readonly number[]>): DelayFit[] {
  const { quiet, busy } = guessStarts(sample, bySize);
  const fits: DelayFit[] = [];
  for (const stages of STAGES) {
    const compute = (at: DelayParameters): number => computeDelayCost(sample, at, stages);
    const likely = busy.map((start) => ({ start, cost: compute(start.at) })).sort((a, b) => a.cost - b.cost);
    // What fits one number of stages is not far from what fits the next.
    const before = fits.map(({ best }) => ({ at: best.at, scaleNs: Math.exp(best.at[2] ?? 0) }));
    const starts = [...quiet, ...likely.slice(0, 2).map(({ start }) => start), ...before];
    fits.push({ stages, best: minimize(compute, starts) });
  }
  return fits;
}

/** From each start, then finer from the best. */
function minimize(compute: (at: DelayParameters) => number, starts: readonly Start[]): Minimum {
  const search = { maxEvaluations: EVALUATIONS };
  const rough = starts.map(({ at, scaleNs }) => {
    const steps = [scaleNs, scaleNs, 1, 1, 1, 1];
    return { scaleNs, ...findMinimum(compute, { ...search, start: at, steps, tolerance: 0.02 }) };
  });
  const best = rough.reduce((a, b) => (b.value < a.value ? b : a));
  const steps = [best.scaleNs / 4, best.scaleNs / 4, 0.25, 0.25, 0.25, 0.25];
  return findMinimum(compute, { ...search, start: best.at, steps, tolerance: 0.005 });
}

function refine(sample: DelaySample, { stages, best }: DelayFit): DelayFit {
  const step = Math.exp(best.at[2] ?? 0) / 2;
  const steps = [step, step, 0.3, 0.3, 0.3, 0.3];
  const compute = (at: DelayParameters): number => computeDelayCost(sample, at, stages);
  const search = { start: best.at, steps, maxEvaluations: WEIGHTED_EVALUATIONS, tolerance: 0.01 };
  return { stages, best: findMinimum(compute, search) };
}

/** All 0 where what is idle is spread too far to be a pile. */
function computePileChances(sample: DelaySample, { stages, best }: DelayFit): Float64Array {
  const { idleShare, meanIdle, noise, meanWait } = readWait(best.at, stages);
  const isSharp = idleShare > 0 && meanIdle <= Math.max(PILE_NOISES * noise, PILE_SHARE * meanWait);
  return isSharp ? computeIdleChances(sample, best.at, stages) : new Float64Array(sample.weight.length);
}

function isPile({ bytes }: DelaySample, chances: Float64Array): boolean {
  const bySize = new Map<number, number>();
  for (const [i, chance] of chances.entries()) {
    const size = bytes[i] ?? 0;
    bySize.set(size, (bySize.get(size) ?? 0) + chance);
  }
  const others = sortAscending([...bySize.values()]).subarray(0, -1);
  const total = others.reduce((sum, part) => sum + part, 0);
  return total >= LEAST_PILE && others.filter((part) => part >= 1).length >= LEAST_PILE_SIZES;
}

/** Whether idle packets differ by noise, which forgets from packet to packet, and not by a queue that is taken for noise. */
function isNoise(waitsNs: readonly number[], chances: Float64Array): boolean {
  return computeRankCorrelationTime(waitsNs.filter((_, i) => (chances[i] ?? 0) > 0.5)) <= LONGEST_NOISE;
}

function computeWaits(points: readonly DelayPoint[], { largestBytes }: DelaySample, { best }: DelayFit): number[] {
  const [intercept = 0, rise = 0] = best.at;
  return points.map(({ bytes, delayNs }) => delayNs - intercept - (rise * bytes) / largestBytes);
}

/** Delays of each size in ascending order. */
function groupBySize(points: readonly DelayPoint[]): Map<number, readonly number[]> {
  const bySize = new Map<number, number[]>();
  for (const { bytes, delayNs } of points) {
    const delays = bySize.get(bytes);
    if (delays) delays.push(delayNs);
    else bySize.set(bytes, [delayNs]);
  }
  for (const delays of bySize.values()) delays.sort((a, b) => a - b);
  return bySize;
}

/** Of a size with very many samples every n-th in order of delay: the same distribution at less cost. */
function thinPoints(bySize: ReadonlyMap<number, readonly number[]>): DelayPoint[] {
  return [...bySize].flatMap(([bytes, delays]) => {
    const step = Math.max(1, Math.round(delays.length / MOST_POINTS));
    return delays.filter((_, i) => i % step === step >> 1).map((delayNs) => ({ bytes, delayNs }));
  });
}

function buildSample(points: readonly DelayPoint[]): DelaySample {
  const delays = sortAscending(points.map(({ delayNs }) => delayNs));
  return {
    bytes: Float64Array.from(points, ({ bytes }) => bytes),
    delayNs: Float64Array.from(points, ({ delayNs }) => delayNs),
    weight: new Float64Array(points.length).fill(1),
    largestBytes: points.reduce((largest, { bytes }) => Math.max(largest, bytes), 1),
    spreadNs: LEAST_SPREAD_NS + (delays.at(-1) ?? 0) - (delays[0] ?? 0),
    scratch: { waitNs: new Float64Array(points.length), densities: new Float64Array(points.length) },
  };
}
