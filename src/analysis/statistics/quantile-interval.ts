// Between which of the samples a quantile lies. Nothing is assumed of the distribution's shape.
import type { OpenInterval } from '../../model/estimates.js';

/** Chance of each end to lie on the wrong side of the quantile. */
const TAIL = 0.025;

/**
 * 95 % interval of the quantile `share` (0-1, exclusive) between two order statistics, whose ranks are quantiles of the binomial
 * distribution of how many samples lie below it (David and Nagaraja, "Order Statistics", 2003, section 7.1). The samples are worth
 * `independent` of them (0 to their count): each of those then stands for a group of neighbours by rank, and the ends are those
 * of whole groups. An end beyond the last group is open: of 320 independent samples, none bounds the 99th percentile.
 */
export function computeQuantileInterval(ascending: Float64Array, share: number, independent: number): OpenInterval {
  const groups = Math.floor(independent);
  const ranks = computeRanks(share, groups);
  const size = ascending.length / groups;
  return {
    low: ranks.low < 1 ? null : (ascending[Math.floor((ranks.low - 1) * size)] ?? null),
    // The margin absorbs binary fractions.
    high: ranks.high > groups ? null : (ascending[Math.ceil(ranks.high * size - 1e-9) - 1] ?? null),
  };
}

/** From 1: the largest `low` with P(B < low) ≤ TAIL and the smallest `high` with P(B ≥ high) ≤ TAIL; 0 and n + 1 where there is none. */
function computeRanks(share: number, count: number): { readonly low: number; readonly high: number } {
  const logOdds = Math.log(share) - Math.log1p(-share);
  let logTerm = count * Math.log1p(-share);
  let below = 0;
  let low = 0;
  for (let k = 0; k <= count; k += 1) {
    below += Math.exp(logTerm);
    if (below <= TAIL) low = k + 1;
    if (below >= 1 - TAIL) return { low, high: k + 1 };
    logTerm += Math.log((count - k) / (k + 1)) + logOdds;
  }
  return { low, high: count + 1 };
}
