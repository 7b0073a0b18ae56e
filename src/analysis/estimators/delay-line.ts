// Delay over size in empty queues, fitted by maximum likelihood together with what hides it: waits that are often none, and
// Gaussian stamp noise. The model is that of a stochastic frontier (Aigner, Lovell, Schmidt 1977; with a share of no
// inefficiency, Kumbhakar, Parmeter, Tsionas 2013).
import { findMinimum } from '../statistics/nelder-mead.js';
import type { Minimum } from '../statistics/nelder-mead.js';
import { computeNoisyWaitDensity } from '../statistics/noisy-wait.js';
import { computeMean, computePercentile, sortAscending } from '../statistics/quantile.js';
import { computeTheilSenLine } from '../statistics/straight-line.js';

export interface DelayPoint {
  readonly bytes: number;
  readonly delayNs: number;
}

/** A parameter with its 95 % interval. */
export interface FittedValue {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface DelayLine {
  /** ns at 0 bytes. */
  readonly intercept: FittedValue;
  /** ns per byte. */
  readonly slope: FittedValue;
}

/** Packets that belong to no model: a machine that stalled. */
const STRAY_SHARE = 0.004;
/** A wait shorter than this many noises is noise. */
const LEAST_WAIT_NOISES = 0.5;
const LEAST_NOISE_NS = 3;
/** A share of idle packets below this is none: else single points on a line would count as a noiseless sample. */
const LEAST_IDLE_SHARE = 0.2;
/** Numbers of stages tried. */
const STAGES = [1, 3];
/**
 * Drop of the log-likelihood at the ends of a 95 % interval. Half of χ²₁ would be 1.9 where noise rounds the floor, but where
 * waits end sharply there the drop is of χ²₂ or χ²₄: 3.0 to 4.7.
 */
const DROP = 4;
/** Noises, and means of what idle packets wait, by which the interval of the intercept reaches further. */
const NOISES_BELOW = 1;
const NOISES_ABOVE = 0.35;
const IDLE_ABOVE = 0.3;
/** The simplex ends near the best, not at it. */
const WIDENING = 1.4;
/** Below this share of idle packets the floor is where the shape of short waits puts it, give or take a share of the mean wait. */
const FEW_IDLE = 0.35;
const WAIT_SHAPE = 0.06;
const PROFILE_STEPS = 7;
/** Samples of one size that are used. */
const MOST_POINTS = 160;

/** Parameters: intercept, rise to the largest size, ln noise, ln mean wait, logit of the idle share, ln mean idle wait. */
type Parameters = readonly number[];

interface Fit {
  readonly stages: number;
  readonly best: Minimum;
}

/** null where all points have one size. */
export function fitDelayLine(points: readonly DelayPoint[]): DelayLine | null {
  const thinned = thinPoints(points);
  const largest = thinned.reduce((most, { bytes }) => Math.max(most, bytes), 1);
  const starts = guessParameters(thinned, largest);
  const fits: Fit[] = [];
  for (const stages of STAGES) {
    const compute = (at: Parameters): number => computeCost(thinned, at, { stages, largest });
    // What fits one number of stages is not far from what fits the next.
    const tried = [...starts, ...fits.slice(-1).map(({ best }) => ({ at: best.at, scale: Math.exp(best.at[2] ?? 0) }))];
    fits.push({ stages, best: minimize(compute, tried) });
  }
  const least = Math.min(...fits.map(({ best }) => best.value));
  const chosen = fits.find(({ best }) => best.value <= least + 1);
  if (chosen === undefined || !Number.isFinite(least)) return null;
  const rivals = fits.filter(({ best }) => best.value <= least + DROP);
  const read = (index: 0 | 1, unit: number): FittedValue => {
    const value = chosen.best.at[index] ?? 0;
    const ends = profile(thinned, chosen, { index, limit: chosen.best.value + DROP, largest });
    const others = rivals.map(({ best }) => best.at[index] ?? 0);
    const margin = computeMargin(rivals);
    const low =
      Math.min(value - WIDENING * (value - ends.low), ...others) - (index === 0 ? margin.below : margin.shape);
    const high =
      Math.max(value + WIDENING * (ends.high - value), ...others) + (index === 0 ? margin.above : margin.shape);
    return { value: value / unit, low: low / unit, high: high / unit };
  };
  return { intercept: read(0, 1), slope: read(1, largest) };
}

interface Margin {
  readonly below: number;
  readonly above: number;
  readonly shape: number;
}

/**
 * What the model leaves out. What is fitted as noise may be small waits of many kinds, whose floor lies below their middle; and
 * where few packets meet no queue, the least waits may be of another shape than the model's. The factors are those at which
 * intervals held the truth in simulations of up to nine hops.
 */
function computeMargin(rivals: readonly Fit[]): Margin {
  const most = (read: (at: Parameters) => number): number => Math.max(...rivals.map(({ best }) => read(best.at)));
  const noise = most((at) => Math.exp(at[2] ?? 0));
  const idle = most((at) => Math.exp(at[5] ?? 0));
  const shape = most((at) => (computeIdleShare(at) < FEW_IDLE ? WAIT_SHAPE * Math.exp(at[3] ?? 0) : 0));
  return {
    below: NOISES_BELOW * noise + shape,
    above: NOISES_ABOVE * noise + IDLE_ABOVE * Math.min(idle, noise) + shape,
    shape,
  };
}

/** From each start, then finer from the best. */
function minimize(compute: (at: Parameters) => number, starts: readonly Start[]): Minimum {
  const rough = starts.map(({ at, scale }) => {
    const steps = [scale, scale, 1, 1, 1, 1];
    return { scale, ...findMinimum(compute, { start: at, steps, maxEvaluations: 160, tolerance: 0.02 }) };
  });
  const best = rough.reduce((a, b) => (b.value < a.value ? b : a));
  const steps = [best.scale / 4, best.scale / 4, 0.25, 0.25, 0.25, 0.25];
  return findMinimum(compute, { start: best.at, steps, maxEvaluations: 160, tolerance: 0.005 });
}

/** −ln likelihood; Infinity outside the bounds. */
function computeCost(
  points: readonly DelayPoint[],
  at: Parameters,
  { stages, largest }: { readonly stages: number; readonly largest: number },
): number {
  const [intercept = 0, rise = 0, logNoise = 0, logWait = 0, , logIdle = 0] = at;
  const noise = Math.exp(logNoise);
  const meanWait = Math.exp(logWait);
  const idleShare = computeIdleShare(at);
  if (!(noise >= LEAST_NOISE_NS) || !(meanWait >= stages * LEAST_WAIT_NOISES * noise) || rise < 0) return Infinity;
  const meanIdle = Math.exp(logIdle);
  if (!(meanIdle >= 0.1 * noise) || meanIdle > meanWait) return Infinity;
  const wait = { noise, meanIdle, meanWait, stages, idleShare };
  const stray = STRAY_SHARE / (meanWait + 10 * noise) / 100;
  let cost = 0;
  for (const { bytes, delayNs } of points) {
    const density = computeNoisyWaitDensity(delayNs - intercept - (rise * bytes) / largest, wait);
    cost -= Math.log((1 - STRAY_SHARE) * density + stray);
  }
  return cost;
}

function computeIdleShare(at: Parameters): number {
  const share = 1 / (1 + Math.exp(-(at[4] ?? 0)));
  return share < LEAST_IDLE_SHARE ? 0 : share;
}

interface ProfileOptions {
  readonly index: 0 | 1;
  readonly limit: number;
  readonly largest: number;
}

/** Where the likelihood, at its best over all other parameters, falls to the limit on either side. */
function profile(
  points: readonly DelayPoint[],
  { stages, best }: Fit,
  options: ProfileOptions,
): { low: number; high: number } {
  const { index, limit, largest } = options;
  const noise = Math.exp(best.at[2] ?? 0);
  const center = best.at[index] ?? 0;
  const findEnd = (side: 1 | -1): number => {
    let warm = best.at.filter((_, i) => i !== index);
    let distance = noise / 4;
    let inside = 0;
    let outside = Infinity;
    for (let step = 0; step < PROFILE_STEPS; step += 1) {
      const fixed = center + side * distance;
      const found = findMinimum(
        (rest) => computeCost(points, [...rest.slice(0, index), fixed, ...rest.slice(index)], { stages, largest }),
        {
          start: warm,
          steps: [distance / 2 + noise / 8, 0.3, 0.3, 0.3, 0.3],
          maxEvaluations: 60,
          tolerance: 0.02,
        },
      );
      if (found.value <= limit) {
        inside = distance;
        warm = [...found.at];
      } else outside = distance;
      if (outside - inside < 0.25 * outside) break;
      distance = outside === Infinity ? 2.5 * distance : (inside + outside) / 2;
    }
    return center + side * (outside === Infinity ? 2 * inside : outside);
  };
  return { low: findEnd(-1), high: findEnd(1) };
}

interface Start {
  readonly at: Parameters;
  /** Of the noise at the lower end, ns. */
  readonly scale: number;
}

/** Lines through low quantiles of each size; noise and waits from what lies around them. */
function guessParameters(points: readonly DelayPoint[], largest: number): Start[] {
  const bySize = groupBySize(points);
  const sizes = [...bySize.keys()];
  const lineAt = (share: number) =>
    computeTheilSenLine(
      sizes,
      sizes.map((bytes) => computePercentile(sortAscending(bySize.get(bytes) ?? []), share)),
    );
  return [0, 0.25].flatMap((share): Start[] => {
    const line = lineAt(share);
    if (line === null) return [];
    const slope = Math.max(0, line.slope);
    const rest = sortAscending(points.map(({ bytes, delayNs }) => delayNs - slope * bytes));
    const isQuiet = share > 0;
    const floor = computePercentile(rest, isQuiet ? 0.2 : 0.02);
    const scale = Math.max(10, computePercentile(rest, 0.2) - computePercentile(rest, 0.01));
    const wait = Math.max(6 * scale, computeMean(rest) - floor);
    const noise = isQuiet ? scale : scale / 3;
    const logit = isQuiet ? 0.5 : -1.5;
    return [{ at: [floor, slope * largest, Math.log(noise), Math.log(wait), logit, Math.log(noise / 3)], scale }];
  });
}

function groupBySize(points: readonly DelayPoint[]): Map<number, number[]> {
  const bySize = new Map<number, number[]>();
  for (const { bytes, delayNs } of points) {
    const delays = bySize.get(bytes);
    if (delays) delays.push(delayNs);
    else bySize.set(bytes, [delayNs]);
  }
  return bySize;
}

/** Of a size with very many samples every n-th in order of delay: the same distribution at less cost. */
function thinPoints(points: readonly DelayPoint[]): DelayPoint[] {
  return [...groupBySize(points)].flatMap(([bytes, delays]) => {
    const step = Math.max(1, Math.round(delays.length / MOST_POINTS));
    const first = step >> 1;
    return Array.from(
      sortAscending(delays).filter((_, i) => i % step === first),
      (delayNs) => ({ bytes, delayNs }),
    );
  });
}
