// The gap that many packets share, beside others that something made longer. Where the gaps come from is not known here.
import { computeShortestWidth, findHalfSampleMode } from '../../statistics/half-sample-mode.js';
import { computeMean, computeMedian, sortAscending } from '../../statistics/quantile.js';

export interface GapMode {
  readonly value: number;
  /** Standard deviation of the gaps around it. */
  readonly spread: number;
  /** Share of all gaps that belong to it. */
  readonly share: number;
  readonly count: number;
  /** How far the middle of all gaps lies from the value, where noise alone explains them about as well; else 0. */
  readonly doubt: number;
}

const ROUNDS = 30;
/** Stamps are counted in whole units of something: a share of the value that the spread never falls below. */
const LEAST_SPREAD = 0.001;
/** What is on top is larger than noise by so much, or it would take the upper half of the noise for itself. */
const CLEAR_OF_NOISE = 2;
/** The spread is at least this share of the shortest stretch with a quarter of the gaps: of normal ones it would be 1.6 times it. */
const QUARTER_SPREAD = 0.8;
/** Share of gaps that may be anything, so that a single wild one moves nothing. */
const WILD_SHARE = 0.01;

interface Mixture {
  readonly value: number;
  readonly spread: number;
  readonly share: number;
  /** Half of the mean of what was added to the gaps that do not belong to the mode. */
  readonly added: number;
}

/**
 * Gaps as a mixture: with probability `share` the value and normal noise, else also something on top that has a smallest size,
 * as packets have: a Gamma variable of shape 2. Fitted by
 * expectation and maximisation (Dempster, Laird, Rubin 1977), started at the half-sample mode (Robertson and Cryer 1974; Bickel
 * 2002). null with fewer than four gaps.
 */
export function findGapMode(gaps: ArrayLike<number>): GapMode | null {
  if (gaps.length < 4) return null;
  const ascending = sortAscending(gaps);
  const start = findHalfSampleMode(ascending);
  const deviation = computeMedian(ascending.map((gap) => Math.abs(gap - start)));
  const meanAbove = computeMean(ascending.filter((gap) => gap > start).map((gap) => gap - start));
  const quarter = Math.ceil(ascending.length / 4);
  const narrowest = computeShortestWidth(ascending, quarter);
  const least = Math.max(LEAST_SPREAD * Math.abs(start), QUARTER_SPREAD * narrowest);
  let mixture: Mixture = {
    value: start,
    spread: Math.max(least, 1.48 * deviation),
    share: 0.7,
    added: Math.max(least, deviation, meanAbove / 2 || 0),
  };
  for (let round = 0; round < ROUNDS; round += 1) mixture = improve(mixture, ascending, least);
  const { value, spread, share } = mixture;
  return { value, spread, share, count: share * gaps.length, doubt: computeDoubt(mixture, ascending, least) };
}

/**
 * Two parameters more must gain ln n (Schwarz 1978) over one normal distribution of all gaps but wild ones, and twice that as the mode may be put
 * wherever some of them happen to lie close together.
 */
function computeDoubt(mixture: Mixture, ascending: Float64Array, leastSpread: number): number {
  const middle = computeMedian(ascending);
  const deviation = computeMedian(ascending.map((gap) => Math.abs(gap - middle)));
  const noise = { value: middle, spread: Math.max(leastSpread, 1.48 * deviation), share: 0.999, added: mixture.added };
  const gain = computeLogLikelihood(mixture, ascending) - computeLogLikelihood(noise, ascending);
  return gain < 2 * Math.log(ascending.length) ? Math.abs(middle - mixture.value) : 0;
}

function computeLogLikelihood(mixture: Mixture, gaps: Float64Array): number {
  const range = computeRange(gaps);
  return gaps.reduce((sum, gap) => {
    const { normal, longer } = computeDensities(mixture, gap);
    return sum + Math.log(normal + longer + WILD_SHARE / range);
  }, 0);
}

function computeRange(ascending: Float64Array): number {
  return (ascending[ascending.length - 1] ?? 0) - (ascending[0] ?? 0) || 1;
}

/** Of a gap of the mode, and of one with something on top. */
function computeDensities({ value, spread, share, added }: Mixture, gap: number): { normal: number; longer: number } {
  const z = (gap - value) / spread;
  const more = Math.max(0, gap - value) / added;
  return {
    normal: (share * Math.exp(-0.5 * z * z)) / (spread * Math.sqrt(2 * Math.PI)),
    longer: ((1 - share) * more * Math.exp(-more)) / added,
  };
}

function improve(mixture: Mixture, gaps: Float64Array, leastSpread: number): Mixture {
  const { value, added } = mixture;
  const range = computeRange(gaps);
  let weights = 0;
  let sum = 0;
  let squares = 0;
  let restWeights = 0;
  let restSum = 0;
  for (const gap of gaps) {
    const { normal, longer } = computeDensities(mixture, gap);
    const all = normal + longer + WILD_SHARE / range;
    weights += normal / all;
    sum += (normal / all) * gap;
    squares += (normal / all) * (gap - value) ** 2;
    restWeights += longer / all;
    restSum += (longer / all) * Math.max(0, gap - value);
  }
  const mean = weights > 0 ? sum / weights : value;
  const deviation = Math.sqrt(Math.max(0, squares / weights - (mean - value) ** 2)) || 0;
  return {
    value: mean,
    spread: Math.max(leastSpread, deviation),
    share: Math.min(0.999, weights / gaps.length || 0.001),
    added: Math.max(
      CLEAR_OF_NOISE * Math.max(leastSpread, deviation),
      restWeights > 0 ? restSum / restWeights / 2 : added,
    ),
  };
}
