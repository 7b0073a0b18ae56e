// What packets take that meet no queue, and how much of what others take longer may be noise. Which of them waited is decided by who
// asks.
import { findDensestStretch } from '../../statistics/half-sample-mode.js';
import { computeMean, computePercentile, sortAscending } from '../../statistics/quantile.js';

export interface EmptyQueue {
  /** Delay of a packet that met nobody, ns. */
  readonly floorNs: number;
  /** Standard deviation of the noise around it. */
  readonly noiseNs: number;
}

/** Of Gaussian noise the smallest of some hundreds lies 2.9 σ below the middle, the second percentile 2.05 σ. */
const LOWER_SHARE = 0.02;
const LOWER_TO_LEAST = 0.85;
const LEAST_DEVIATION = 3;
/** No stamps are as noisy: what spreads more is a queue that was never empty. Of it the lower end tells no noise either. */
const MOST_NOISE_NS = 200e3;
const USUAL_NOISE_NS = 50e3;
/** Schedulers and interrupts delay a packet now and then; without it their tail would pass for waits. */
const LEAST_NOISE_NS = 1.2e3;
/** So many deviations below a mode, and so large a share of all packets there, it is not the one of empty queues. */
const BELOW_MODE = 4;
const SHARE_BELOW = 0.01;
const LEAST_BELOW = 5;
const MOST_STEPS = 12;
const USUAL_PART = 0.1;
const SMALL_PART = 0.03;
/** Of the width that an even density would make 0.3 of the other. */
const MUCH_DENSER = 0.1;
/** A mode as much wider than the lower end of the delays is that of a queue that hardly ever empties. */
const WIDER_THAN_END = 4;

/**
 * The lowest mode of the delays: nobody waits less than not at all, so that what lies on its left is noise alone. Where a queue is
 * hardly ever empty no mode shows, and the lower end of the delays stands for it.
 */
export function findEmptyQueue(delayNs: ArrayLike<number>): EmptyQueue {
  const sorted = sortAscending(delayNs);
  const leastNs = sorted[0] ?? NaN;
  const endNs = (computePercentile(sorted, LOWER_SHARE) - leastNs) / LOWER_TO_LEAST;
  const mode = findLowestMode(sorted);
  const isNoise = mode.noiseNs <= WIDER_THAN_END * Math.max(endNs, LEAST_NOISE_NS);
  if (isNoise && mode.noiseNs <= MOST_NOISE_NS) return mode;
  const noiseNs = Math.min(USUAL_NOISE_NS, Math.max(LEAST_NOISE_NS, endNs));
  return { floorNs: leastNs + LEAST_DEVIATION * noiseNs, noiseNs };
}

function findLowestMode(sorted: Float64Array): EmptyQueue {
  let part = sorted;
  let mode = measureMode(part);
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const { floorNs, noiseNs } = mode;
    const below = part.filter((ns) => ns < floorNs - BELOW_MODE * noiseNs);
    if (below.length < Math.max(LEAST_BELOW, SHARE_BELOW * sorted.length)) break;
    part = below;
    mode = measureMode(part);
  }
  return mode;
}

/** From the left of the mode, where there are no waits. */
function measureMode(sorted: Float64Array): EmptyQueue {
  const floorNs = findMode(sorted);
  const left = sorted.filter((ns) => ns < floorNs);
  const squares = left.reduce((sum, ns) => sum + (ns - floorNs) ** 2, 0);
  return { floorNs, noiseNs: Math.max(LEAST_NOISE_NS, Math.sqrt(squares / Math.max(1, left.length))) };
}

/** Where a tenth of the packets lie closest together, or fewer that do so much more closely: few may have met an empty queue. */
function findMode(sorted: Float64Array): number {
  const partOf = (share: number): Float64Array =>
    findDensestStretch(sorted, Math.min(sorted.length, Math.max(LEAST_BELOW, Math.round(share * sorted.length))));
  const widthOf = (part: Float64Array): number => (part.at(-1) ?? NaN) - (part[0] ?? NaN);
  const usual = partOf(USUAL_PART);
  const small = partOf(SMALL_PART);
  return computeMean(widthOf(small) < MUCH_DENSER * widthOf(usual) ? small : usual);
}
