// The density of a wait that is often none, seen through Gaussian noise: what stamps show of a queue.

export interface NoisyWait {
  /** Standard deviation of the noise, > 0. */
  readonly noise: number;
  /** Share of packets that meet no queue, 0-1, and the mean of the small wait that even they have, > 0. */
  readonly idleShare: number;
  readonly meanIdle: number;
  /** Mean wait of the others, > 0. */
  readonly meanWait: number;
  /** How many exponential waits follow each other, 1-4: a wait of several hops is seldom near none. */
  readonly stages: number;
}

const SQRT_TAU = Math.sqrt(2 * Math.PI);
/** Below this the continued fraction, above it the series. */
const TAIL_FROM = -2;
const FRACTION_TERMS = 24;
/** Beyond this Φ is 1 to all that matters here. */
const CERTAIN_FROM = 6;

/** Density at `x`, the origin being no wait at all. */
export function computeNoisyWaitDensity(x: number, wait: NoisyWait): number {
  const { noise, idleShare, meanIdle, meanWait, stages } = wait;
  const z = x / noise;
  const idle = idleShare > 0 ? idleShare * computeNoisyErlangDensity(z, noise / meanIdle, 1) : 0;
  return (idle + (1 - idleShare) * computeNoisyErlangDensity(z, (noise * stages) / meanWait, stages)) / noise;
}

/**
 * In units of the noise, `ratio` being noise by mean stage: with Y normal of mean z − ratio and variance 1 the density is
 * exp(ratio²/2 − z·ratio) · ratio^k / (k − 1)! · E[Y^(k−1); Y > 0], whose moments follow from each other.
 */
function computeNoisyErlangDensity(z: number, ratio: number, stages: number): number {
  const shift = z - ratio;
  let before = 0;
  let moment = computeNormalCdf(shift);
  let scale = ratio;
  for (let j = 1; j < stages; j += 1) {
    const tail = j === 1 ? Math.exp(-0.5 * shift * shift) / SQRT_TAU : (j - 1) * before;
    [before, moment] = [moment, shift * moment + tail];
    scale *= ratio / j;
  }
  return Math.exp(0.5 * ratio * ratio - z * ratio) * scale * Math.max(0, moment);
}

/** Φ(z), relative error below 1e-6 (Abramowitz and Stegun 26.2.11 and 26.2.14). */
export function computeNormalCdf(z: number): number {
  if (z > CERTAIN_FROM) return 1;
  const density = Math.exp(-0.5 * z * z) / SQRT_TAU;
  if (z < TAIL_FROM) return density / computeMillsFraction(-z);
  if (z > -TAIL_FROM) return 1 - density / computeMillsFraction(z);
  let term = z;
  let sum = z;
  // Ends: terms shrink from the third on, as z² is at most 4.
  for (let n = 3; Math.abs(term) > 1e-12; n += 2) {
    term *= (z * z) / n;
    sum += term;
  }
  return 0.5 + density * sum;
}

/** x + 1/(x + 2/(x + 3/(x + …))). */
function computeMillsFraction(x: number): number {
  let fraction = x;
  for (let n = FRACTION_TERMS; n >= 1; n -= 1) fraction = x + n / fraction;
  return fraction;
}
