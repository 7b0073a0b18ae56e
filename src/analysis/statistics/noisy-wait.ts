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

/**
 * At each of `x`, whose origin is no wait at all; written to `densities`. A likelihood asks it of the same packets thousands of times: one
 * loop, no calls.
 */
export function computeNoisyWaitDensities(
  wait: NoisyWait,
  x: Float64Array,
  densities: Float64Array = new Float64Array(x.length),
): Float64Array {
  const { noise, idleShare, meanIdle, meanWait, stages } = wait;
  const busyRatio = (noise * stages) / meanWait;
  const busyScale = ((1 - idleShare) * computeErlangScale(busyRatio, stages)) / noise;
  const hasIdle = idleShare > 0;
  const idleRatio = hasIdle ? noise / meanIdle : 0;
  const idleScale = (idleShare * idleRatio) / noise;
  const certainFrom = Math.max(idleRatio, busyRatio) + RATIO_TO;
  for (let i = 0; i < x.length; i += 1) {
    const z = (x[i] as number) / noise;
    // Most packets of a busy path wait so long that neither needs it.
    const normal = z > certainFrom ? 0 : computeNormal(z);
    const idle = hasIdle ? idleScale * computeNoisyExponential(z, normal, idleRatio) : 0;
    densities[i] = idle + busyScale * computeNoisyErlang(z, normal, busyRatio, stages);
  }
  return densities;
}

/** φ(z) */
const computeNormal = (z: number): number => Math.exp(-0.5 * z * z) / SQRT_TAU;

/** ratio^k / (k − 1)! */
function computeErlangScale(ratio: number, stages: number): number {
  let scale = ratio;
  for (let j = 1; j < stages; j += 1) scale *= ratio / j;
  return scale;
}

/**
 * In units of the noise, `ratio` being noise by mean stage: with Y normal of mean s = z − ratio and variance 1 the density is
 * ratio^k / (k − 1)! · exp(ratio²/2 − z·ratio) · E[Y^(k−1); Y > 0]; this is all of it but the first factor. The moments follow
 * from each other, E[Y^n; Y > 0] = s·E[Y^(n−1); Y > 0] + (n − 1)·E[Y^(n−2); Y > 0]; divided by φ(s), which leaves φ(z) before
 * them, they begin with Φ(s)/φ(s) and 1. `normal` is φ(z), which several of them share.
 */
function computeNoisyErlang(z: number, normal: number, ratio: number, stages: number): number {
  const s = z - ratio;
  const isCertain = s >= RATIO_TO;
  let moment = isCertain ? 1 : computeCdfByDensity(s);
  let before = isCertain ? 0 : 1;
  for (let n = 1; n < stages; n += 1) {
    const next = s * moment + (n === 1 ? before : (n - 1) * before);
    before = moment;
    moment = next;
  }
  if (isCertain) return Math.exp(0.5 * ratio * ratio - z * ratio) * moment;
  // What rounding leaves of moments far below none may be less than nothing.
  return normal * Math.max(0, moment);
}

/** The same of one stage. By itself, as both together are too long to be compiled into the loop that calls them. */
function computeNoisyExponential(z: number, normal: number, ratio: number): number {
  const s = z - ratio;
  return s >= RATIO_TO ? Math.exp(0.5 * ratio * ratio - z * ratio) : normal * computeCdfByDensity(s);
}

/** The table of Φ/φ: below it φ is nothing, above it Φ is 1, both to all that matters here. */
const RATIO_FROM = -40;
const RATIO_TO = 6;
const STEPS_PER_UNIT = 32;
const TAYLOR_TERMS = 8;
const CUBICS = tabulateCubics();

/** R(s) = Φ(s)/φ(s) between knots by cubic Hermite interpolation, as R' = 1 + s·R: relative error below 1e-8. `s` < RATIO_TO. */
function computeCdfByDensity(s: number): number {
  if (s <= RATIO_FROM) return -1 / s;
  const position = (s - RATIO_FROM) * STEPS_PER_UNIT;
  const knot = Math.floor(position);
  const t = position - knot;
  const at = 4 * knot;
  const bend = (CUBICS[at + 2] as number) + t * (CUBICS[at + 3] as number);
  return (CUBICS[at] as number) + t * ((CUBICS[at + 1] as number) + t * bend);
}

/** Of each knot the coefficients of the cubic up to the next, of a constant first. */
function tabulateCubics(): Float64Array {
  const ratios = tabulateCdfByDensity();
  const cubics = new Float64Array(4 * ratios.length);
  for (let knot = 0; knot < ratios.length; knot += 1) {
    const from = ratios[knot] ?? 0;
    const to = ratios[knot + 1] ?? 0;
    const knotAt = RATIO_FROM + knot / STEPS_PER_UNIT;
    const rise = to - from;
    const leaving = (1 + knotAt * from) / STEPS_PER_UNIT;
    const arriving = (1 + (knotAt + 1 / STEPS_PER_UNIT) * to) / STEPS_PER_UNIT;
    cubics.set([from, leaving, 3 * rise - 2 * leaving - arriving, leaving + arriving - 2 * rise], 4 * knot);
  }
  return cubics;
}

/**
 * R(s) is the integral of exp(s·y − y²/2) over y > 0, so that its derivatives R_k, with y^k in the integral, follow from R:
 * R_(k+1) = s·R_k + k·R_(k−1), R_1 = s·R + 1. Upwards the Taylor steps lose nothing: what disturbs R(s) grows as exp(s²/2).
 */
function tabulateCdfByDensity(): Float64Array {
  const table = new Float64Array((RATIO_TO - RATIO_FROM) * STEPS_PER_UNIT + 1);
  const square = RATIO_FROM ** 2;
  let value = (1 - (1 - (3 - 15 / square) / square) / square) / -RATIO_FROM;
  for (let i = 0; i < table.length; i += 1) {
    table[i] = value;
    const s = RATIO_FROM + i / STEPS_PER_UNIT;
    let before = value;
    let derivative = s * value + 1;
    let power = 1;
    for (let k = 1; k <= TAYLOR_TERMS; k += 1) {
      power /= STEPS_PER_UNIT * k;
      value += derivative * power;
      [before, derivative] = [derivative, s * derivative + k * before];
    }
  }
  return table;
}
