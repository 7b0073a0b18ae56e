// How long a source stays on or off, and what is left of such a stay for somebody who comes at an arbitrary instant.
import type { Random } from '../model/random.js';

export interface PeriodLengths {
  /** `meanNs` ≥ 0; 0 gives 0. */
  drawNs(meanNs: number): number;
  /** Rest of a stay met at an arbitrary instant, its density the tail of `drawNs` over the mean. */
  drawResidualNs(meanNs: number): number;
}

export function createPeriodLengths(kind: 'exponential' | 'pareto', random: Random): PeriodLengths {
  switch (kind) {
    case 'exponential':
      return { drawNs: (meanNs) => random.exponential(meanNs), drawResidualNs: (meanNs) => random.exponential(meanNs) };
    case 'pareto': {
      const mean = meanOfPareto();
      return {
        drawNs: (meanNs) => (meanNs / mean) * invertPower(random.uniform(), SHAPE),
        // A stay is met in proportion to its length, which takes one off the exponent, at any point of it.
        drawResidualNs: (meanNs) => (meanNs / mean) * invertPower(random.uniform(), SHAPE - 1) * random.uniform(),
      };
    }
  }
}

/** Between 1 and 2 the mean is finite and the variance is that of the cut: sums of such sources are self-similar (Willinger 1997). */
const SHAPE = 1.5;
/** Longest over shortest: without a cut the mean of any run would be far from the mean that the model names. */
const LONGEST = 1_000;

/** The quantile of a density ∝ x^(−exponent − 1) on [1, LONGEST], exponent ≠ 0. */
function invertPower(uniform: number, exponent: number): number {
  return (1 - uniform * (1 - LONGEST ** -exponent)) ** (-1 / exponent);
}

function meanOfPareto(): number {
  return ((SHAPE / (SHAPE - 1)) * (1 - LONGEST ** (1 - SHAPE))) / (1 - LONGEST ** -SHAPE);
}
