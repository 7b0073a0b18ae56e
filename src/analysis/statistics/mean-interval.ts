// How well a mean is known whose samples may be skewed and resemble their neighbours.
import type { OpenInterval } from '../../model/estimates.js';
import { computeMean } from './quantile.js';
import { Z_95 } from './wilson-interval.js';

/** Cochran ("Sampling Techniques", 1977, section 2.15): the normal interval of a mean holds from 25 times the squared skewness on. */
const SAMPLES_PER_SQUARED_SKEWNESS = 25;
const LEAST_INDEPENDENT = 4;

/**
 * 95 % interval of the mean of non-negative values worth `independent` samples: mean ± t·s/√n, Student's t approximated by
 * z·(1 + 1.2/n). The upper end is open where rare large values, most of them not met, may weigh as much as all others.
 */
export function computeMeanInterval(values: ArrayLike<number>, independent: number): OpenInterval {
  if (!(independent >= LEAST_INDEPENDENT)) return { low: null, high: null };
  const mean = computeMean(values);
  const deviation = Math.sqrt(computeMoment(values, mean, 2));
  const skewness = deviation > 0 ? computeMoment(values, mean, 3) / deviation ** 3 : 0;
  const half = (Z_95 * (1 + 1.2 / independent) * deviation) / Math.sqrt(independent - 1);
  const isSkewed = independent < SAMPLES_PER_SQUARED_SKEWNESS * skewness ** 2;
  return { low: Math.max(0, mean - half), high: isSkewed ? null : mean + half };
}

function computeMoment(values: ArrayLike<number>, mean: number, order: number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += ((values[i] as number) - mean) ** order;
  return sum / values.length;
}
