// The likelihood of round trips of many sizes: a line over size, on top of it waits that are often none, Gaussian stamp noise and a
// few strays. The model is that of a stochastic frontier (Aigner, Lovell, Schmidt 1977; with a share of no inefficiency,
// Kumbhakar, Parmeter, Tsionas 2013). What is fitted, and how far it is to be believed, is decided in delay-line.ts.
import type { Minimum } from '../../statistics/nelder-mead.js';
import { computeNoisyWaitDensities } from '../../statistics/noisy-wait.js';
import type { NoisyWait } from '../../statistics/noisy-wait.js';

/** Intercept and rise to the largest size in ns, ln noise, ln mean wait, logit of the idle share, ln mean idle wait. */
export type DelayParameters = readonly number[];

/** Round trips as columns. */
export interface DelaySample {
  readonly bytes: Float64Array;
  readonly delayNs: Float64Array;
  /** How many independent packets each stands for. */
  readonly weight: Float64Array;
  readonly largestBytes: number;
  /** Greatest delay less the least: where strays may lie. */
  readonly spreadNs: number;
  /** Written anew by each of thousands of likelihoods, which would leave as many columns to the collector; as long as the others. */
  readonly scratch: { readonly waitNs: Float64Array; readonly densities: Float64Array };
}

/** The best parameters for waits of so many stages. */
export interface DelayFit {
  readonly stages: number;
  readonly best: Minimum;
}

/** Packets that belong to no model: a machine that stalled. */
const STRAY_SHARE = 0.004;
/** A wait shorter than this many noises is noise. */
const LEAST_WAIT_NOISES = 0.5;
const LEAST_NOISE_NS = 3;
const LEAST_IDLE_NOISES = 0.1;
/** A mean wait cannot be told beyond this many spreads. */
const MOST_WAIT_SPREADS = 2;
/** A share of idle packets below this is none: else single points on a line would count as a noiseless sample. */
const LEAST_IDLE_SHARE = 0.02;

/** −ln likelihood; Infinity outside the bounds: neither propagation nor serialisation is negative. */
export function computeDelayCost(sample: DelaySample, at: DelayParameters, stages: number): number {
  const [intercept = 0, rise = 0] = at;
  const wait = readWait(at, stages);
  if (!(intercept >= 0) || !(rise >= 0) || !isWithinBounds(wait, sample.spreadNs)) return Infinity;
  const { weight, scratch } = sample;
  computeWaits(sample, { intercept, rise }, scratch.waitNs);
  const densities = computeNoisyWaitDensities(wait, scratch.waitNs, scratch.densities);
  const stray = STRAY_SHARE / sample.spreadNs;
  let cost = 0;
  let product = 1;
  // Of packets that count once the logarithm of their product, as long as a double holds it: it takes as long as all the rest.
  for (let i = 0; i < densities.length; i += 1) {
    const density = (1 - STRAY_SHARE) * (densities[i] as number) + stray;
    if (weight[i] !== 1) {
      cost -= (weight[i] as number) * Math.log(density);
      continue;
    }
    product *= density;
    if (product > SMALLEST_PRODUCT) continue;
    cost -= Math.log(product);
    product = 1;
  }
  return cost - Math.log(product);
}

/** One more factor fits: densities are below 1 ns⁻¹, and above those of strays, 1e-15 where they lie over ten minutes. */
const SMALLEST_PRODUCT = 1e-280;

/** What each packet took beyond the line. */
function computeWaits(
  { bytes, delayNs, largestBytes }: DelaySample,
  { intercept, rise }: { readonly intercept: number; readonly rise: number },
  waitNs: Float64Array,
): Float64Array {
  const slope = rise / largestBytes;
  for (let i = 0; i < waitNs.length; i += 1) {
    waitNs[i] = (delayNs[i] as number) - intercept - slope * (bytes[i] as number);
  }
  return waitNs;
}

function isWithinBounds({ noise, meanIdle, meanWait, stages }: NoisyWait, spreadNs: number): boolean {
  if (!(noise >= LEAST_NOISE_NS && noise <= spreadNs)) return false;
  if (!(meanWait >= stages * LEAST_WAIT_NOISES * noise && meanWait <= MOST_WAIT_SPREADS * spreadNs)) return false;
  return meanIdle >= LEAST_IDLE_NOISES * noise && meanIdle <= meanWait;
}

export function readWait(at: DelayParameters, stages: number): NoisyWait {
  const share = 1 / (1 + Math.exp(-(at[4] ?? 0)));
  return {
    noise: Math.exp(at[2] ?? 0),
    meanWait: Math.exp(at[3] ?? 0),
    idleShare: share < LEAST_IDLE_SHARE ? 0 : share,
    meanIdle: Math.exp(at[5] ?? 0),
    stages,
  };
}

/** Each packet's probability (0-1) to have met empty queues. */
export function computeIdleChances(sample: DelaySample, at: DelayParameters, stages: number): Float64Array {
  const [intercept = 0, rise = 0] = at;
  const wait = readWait(at, stages);
  const waits = computeWaits(sample, { intercept, rise }, new Float64Array(sample.delayNs.length));
  const densities = computeNoisyWaitDensities(wait, waits);
  const busyDensities = computeNoisyWaitDensities({ ...wait, idleShare: 0 }, waits);
  const stray = STRAY_SHARE / sample.spreadNs;
  return densities.map((density, i) => {
    const all = (1 - STRAY_SHARE) * density + stray;
    const notIdle = (1 - STRAY_SHARE) * (1 - wait.idleShare) * (busyDensities[i] ?? 0) + stray;
    return Math.max(0, 1 - notIdle / all);
  });
}
