// One time per packet through many bulks of back-to-back packets, each with a start of its own, where stamps are noisy and a machine
// between two equally fast links dithers. Which packets are of one bulk is decided elsewhere.
import { NS_PER_US } from '../../../model/units.js';
import { computeMean } from '../../statistics/quantile.js';

export interface GapFigure {
  readonly gapNs: number;
  /** Half of the 95 % interval as a share of the gap. */
  readonly halfWidth: number;
}

/** Fewer runs than this do not tell how runs differ. */
const LEAST_RUNS = 4;
const Z_95 = 1.96;
/** How much longer than usual a machine takes for a packet now and then, before anything is measured: standard deviation. */
const DITHER_NS = 2 * NS_PER_US;
/** The median deviation of a gap in standard deviations of the stamps at its ends. */
const STAMPS_IN_A_GAP = 0.95;
/** No stamps are finer: the fit stays determined where each run has two packets. */
const LEAST_NOISE_NS = 1;

/** Sums over one run of packet numbers i, of the dither's shape z, and of the times y, each about its mean. */
interface Moments {
  readonly xx: number;
  readonly xz: number;
  readonly zz: number;
  readonly xy: number;
  readonly zy: number;
}

/**
 * Packet i of a bulk that a machine delays by a random time on its way to a second link of the same rate leaves that link with the
 * largest delay so far, not with its own. The mean of the largest of i exponential delays is θ·(1 + 1/2 + … + 1/i) (Rényi 1953), so
 * the bulk is spread by θ·H(i), most of it at its head: times are fitted by a line and θ ≥ 0 of that shape, with a normal prior on
 * θ. The interval is from how the runs differ (clustered errors: Liang and Zeger 1986), and from what the prior leaves open. Runs
 * of two packets and more, ns; `deviationNs` is the median deviation of single gaps.
 */
export function computePooledGap(runs: readonly Float64Array[], deviationNs: number): GapFigure {
  const moments = runs.map(computeMoments);
  const sumOf = (pick: (one: Moments) => number): number => moments.reduce((sum, one) => sum + pick(one), 0);
  const xx = sumOf((one) => one.xx);
  const xz = sumOf((one) => one.xz);
  const xy = sumOf((one) => one.xy);
  const zz = sumOf((one) => one.zz) + (Math.max(LEAST_NOISE_NS, deviationNs / STAMPS_IN_A_GAP) / DITHER_NS) ** 2;
  const ditherNs = (sumOf((one) => one.zy) * xx - xz * xy) / (zz * xx - xz * xz);
  // The share of z that is taken out of the line; a spread cannot be negative.
  const taken = ditherNs > 0 ? xz / zz : 0;
  const length = xx - taken * xz;
  const gapNs = sumOf((one) => one.xy - taken * one.zy) / length;
  const spreadNs = Math.max(0, ditherNs);
  const left = moments.map((one) => {
    const line = one.xy - gapNs * one.xx - spreadNs * one.xz;
    return line - (xz / zz) * (one.zy - gapNs * one.xz - spreadNs * one.zz);
  });
  if (runs.length < LEAST_RUNS) return { gapNs, halfWidth: computePlainHalfWidth(runs, gapNs) };
  const scatter = (left.reduce((sum, one) => sum + one * one, 0) * runs.length) / (runs.length - 1);
  const open = xx - (xz * xz) / zz;
  const priorNs = DITHER_NS * ((xz - (xz / zz) * sumOf((one) => one.zz)) / open);
  return { gapNs, halfWidth: (Z_95 * Math.hypot(Math.sqrt(scatter) / open, priorNs)) / gapNs };
}

function computeMoments(run: Float64Array): Moments {
  const count = run.length;
  const shape = computeHarmonicNumbers(count);
  const middle = (count - 1) / 2;
  const meanShape = computeMean(shape);
  const meanNs = computeMean(run);
  let [xx, xz, zz, xy, zy] = [0, 0, 0, 0, 0];
  for (let i = 0; i < count; i += 1) {
    const x = i - middle;
    const z = (shape[i] as number) - meanShape;
    const y = (run[i] as number) - meanNs;
    xx += x * x;
    xz += x * z;
    zz += z * z;
    xy += x * y;
    zy += z * y;
  }
  return { xx, xz, zz, xy, zy };
}

function computeHarmonicNumbers(count: number): Float64Array {
  const numbers = new Float64Array(count);
  for (let i = 0; i < count; i += 1) numbers[i] = (numbers[i - 1] ?? 0) + 1 / (i + 1);
  return numbers;
}

/** From single gaps, as if they were independent. */
function computePlainHalfWidth(runs: readonly Float64Array[], gapNs: number): number {
  const gaps = runs.flatMap((run) => Array.from(run.subarray(1), (timeNs, i) => timeNs - (run[i] ?? 0)));
  const mean = computeMean(gaps);
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  return (Z_95 * Math.sqrt(variance / gaps.length)) / gapNs;
}
