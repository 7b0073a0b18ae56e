// The 95 % interval of a fitted line's intercept or slope: where the profile likelihood falls off, and what the model leaves out.
import { findMinimum } from '../../statistics/nelder-mead.js';
import { computeDelayCost, readWait } from './delay-likelihood.js';
import type { DelayFit, DelaySample } from './delay-likelihood.js';

/** A parameter with its 95 % interval. */
export interface FittedValue {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** 0: the intercept. 1: the rise to the largest size. */
type Index = 0 | 1;

export interface IntervalOptions {
  readonly sample: DelaySample;
  readonly chosen: DelayFit;
  /** All numbers of stages, the chosen one among them. */
  readonly fits: readonly DelayFit[];
  /** Whether idle packets pile up at the floor. */
  readonly hasPile: boolean;
}

/**
 * Drop of the log-likelihood at the ends of a 95 % interval. Half of χ²₁ would be 1.9 where noise rounds the floor, but where
 * waits end sharply there the drop is of χ²₂ or χ²₄: 3.0 to 4.7.
 */
const DROP = 4;
/** Another number of stages that fits not worse than this is possible, too; without a pile the shape of the waits is all there is. */
const RIVAL_WITHOUT_PILE = 8;
/** Noises, and means of what idle packets wait, by which the interval of the intercept reaches further. */
const NOISES_BELOW = 1;
const NOISES_ABOVE = 0.35;
const IDLE_ABOVE = 0.3;
/** The simplex ends near the best, not at it. */
const WIDENING = 1.4;
/** Below this share of idle packets the floor is where the shape of short waits puts it, give or take a share of the mean wait. */
const FEW_IDLE = 0.35;
const WAIT_SHAPE = 0.06;
/** The same of the small waits of idle packets, where they are longer than so many noises. */
const SEEN_NOISES = 4;
const IDLE_SHAPE = 0.08;
const PROFILE_STEPS = 7;
const PROFILE_EVALUATIONS = 40;
/** Noises, and a share of the delay, by which the fastest packet may be too fast. */
const FASTEST_NOISES = 3;
const FASTEST_SHARE = 0.3;

/** In the unit of the parameter, ns. */
export function readInterval(index: Index, { sample, chosen, fits, hasPile }: IntervalOptions): FittedValue {
  const least = Math.min(...fits.map(({ best }) => best.value));
  const rivals = fits.filter(({ best }) => best.value <= least + (hasPile ? DROP : RIVAL_WITHOUT_PILE));
  const value = chosen.best.at[index] ?? 0;
  const low = findEnd(sample, chosen, { index, side: -1 });
  const high = findEnd(sample, chosen, { index, side: 1 });
  const others = rivals.map(({ best }) => best.at[index] ?? 0);
  const margin = computeMargin(rivals);
  return {
    value,
    low: Math.min(value - WIDENING * (value - low), ...others) - (index === 0 ? margin.below : margin.shape),
    high: Math.max(value + WIDENING * (high - value), ...others) + (index === 0 ? margin.above : margin.shape),
  };
}

/** All that is sure where no line is seen: neither part is negative, and no packet was faster than both together. */
export function readBounds(index: Index, { sample, chosen }: Pick<IntervalOptions, 'sample' | 'chosen'>): FittedValue {
  const { noise } = readWait(chosen.best.at, chosen.stages);
  const most = sample.delayNs.reduce((bound, delayNs, i) => {
    const allowed = delayNs + Math.min(FASTEST_NOISES * noise, FASTEST_SHARE * delayNs);
    return Math.min(bound, index === 0 ? allowed : (allowed * sample.largestBytes) / (sample.bytes[i] ?? 1));
  }, Infinity);
  return { value: Math.min(most, chosen.best.at[index] ?? 0), low: 0, high: most };
}

/**
 * What the model leaves out. What is fitted as noise may be small waits of many kinds, whose floor lies below their middle; and
 * where few packets meet no queue, the least waits may be of another shape than the model's. The factors are those at which
 * intervals held the truth in simulations of up to nine hops.
 */
function computeMargin(rivals: readonly DelayFit[]): Readonly<Record<'below' | 'above' | 'shape', number>> {
  const waits = rivals.map(({ stages, best }) => readWait(best.at, stages));
  const noise = Math.max(...waits.map((wait) => wait.noise));
  const idle = Math.max(...waits.map(({ meanIdle }) => meanIdle));
  const waitShape = waits.map(({ idleShare, meanWait }) => (idleShare < FEW_IDLE ? WAIT_SHAPE * meanWait : 0));
  const idleShape = waits.map(({ idleShare, meanIdle, noise: own }) =>
    idleShare > 0 && meanIdle > SEEN_NOISES * own ? IDLE_SHAPE * meanIdle : 0,
  );
  const shape = Math.max(...waitShape) + Math.max(...idleShape);
  const above = NOISES_ABOVE * noise + IDLE_ABOVE * Math.min(idle, noise) + shape;
  return { below: NOISES_BELOW * noise + shape, above, shape };
}

/** Where the likelihood, at its best over all other parameters, falls by `DROP`. Ends: a bounded number of steps. */
function findEnd(
  sample: DelaySample,
  { stages, best }: DelayFit,
  { index, side }: { readonly index: Index; readonly side: 1 | -1 },
): number {
  const { noise } = readWait(best.at, stages);
  const center = best.at[index] ?? 0;
  let warm = best.at.filter((_, i) => i !== index);
  let distance = noise / 4;
  let inside = 0;
  let outside = Infinity;
  for (let step = 0; step < PROFILE_STEPS; step += 1) {
    const fixed = center + side * distance;
    const compute = (rest: readonly number[]): number =>
      computeDelayCost(sample, [...rest.slice(0, index), fixed, ...rest.slice(index)], stages);
    const found = findMinimum(compute, {
      start: warm,
      steps: [distance / 2 + noise / 8, 0.3, 0.3, 0.3, 0.3],
      maxEvaluations: PROFILE_EVALUATIONS,
      tolerance: 0.02,
    });
    if (found.value <= best.value + DROP) {
      inside = distance;
      warm = [...found.at];
    } else outside = distance;
    if (outside - inside < 0.25 * outside) break;
    distance = outside === Infinity ? 2.5 * distance : (inside + outside) / 2;
  }
  return center + side * (outside === Infinity ? 2 * inside : outside);
}
