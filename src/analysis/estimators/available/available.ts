// Available bandwidth and capacity of the tight link from self-loading streams, as one posterior over both. Which streams to send
// is the examination's business.
import { NEGLIGIBLE, summarise } from './posterior-range.js';
import type { RateRange } from './posterior-range.js';
import { groupUsable, isOverloaded } from './stream-groups.js';
import type { Group } from './stream-groups.js';
import {
  comesInBursts,
  computeDeviation,
  computeError,
  computeLeastVariance,
  computeLogLikelihood,
  countSharedFreedom,
  moveTo,
  weighSeen,
  weighTrains,
} from './stream-likelihood.js';
import type { CapacityPrior, Coarseness, Hints, Hypothesis, SeenTraffic } from './stream-likelihood.js';
import type { StreamPassage } from './stream-passage.js';

export interface AvailablePosterior {
  /** Bits per second; medians and shortest 95 % intervals. */
  readonly available: RateRange;
  readonly capacity: RateRange;
  /** Other traffic as a share of the capacity, 0-1. */
  readonly traffic: RateRange;
  /** Streams it rests on. */
  readonly streams: number;
  /** Whether any of them came out longer than they went in; without that there is only a lower bound. */
  readonly metOverload: boolean;
  /** Standardised misfit of the worst group of streams: above about 4 no single tight link explains them. */
  readonly misfit: number;
  /** Whether the other traffic differs from stream to stream by clearly more than independent full-size packets would. */
  readonly isBursty: boolean;
}

/** Capacity in bits per second, other traffic as its share. */
interface Support {
  readonly lowC: number;
  readonly highC: number;
  readonly lowU: number;
  readonly highU: number;
}

const CELLS = { capacity: 33, traffic: 41 } as const;
/** The grid is drawn anew around what the last one left, so that it is finer than the answer. */
const MOST_REFINEMENTS = 8;
/** Once so much of it is left, it is. */
const FINE_ENOUGH = 0.7;

/**
 * A first-in-first-out link of capacity C with other traffic u·C takes 1/C + u/R of time per bit of a stream that comes at rate
 * R and keeps it busy, and 1/R of one that does not; A = C(1 − u) is where the two meet (Melander, Björkman, Gunningberg, "TOPP",
 * 2000; Strauss, Katabi, Kaashoek, "Spruce", 2003, has the direct form). So per group of streams of one rate
 *
 *     z = out/bits = max(x, 1/C + u·x) + e,   x = in/bits = 1/R
 *
 * with e Student's t: its scale is the scatter between the streams, never below what full-size packets of other traffic that
 * come independently would make (variance u·x·L/(C·bits)). What was seen of u otherwise counts as a measurement with Gaussian
 * error. null with fewer than three usable streams.
 */
export function estimateAvailable(
  streams: readonly StreamPassage[],
  prior: CapacityPrior,
  seen: SeenTraffic | null = null,
): AvailablePosterior | null {
  const groups = groupUsable(streams);
  if (groups.length === 0 || !(prior.high > prior.low)) return null;
  let bounds: Support = { lowC: prior.low, highC: prior.high, lowU: 0, highU: 1 };
  const hints = { likely: prior.likely, seen };
  const cells = createCells();
  let best = weighCells(cells, groups, bounds, hints);
  for (let pass = 0; pass < MOST_REFINEMENTS; pass += 1) {
    const narrower = findSupport(cells, bounds);
    const isFine = computeArea(narrower) > FINE_ENOUGH * computeArea(bounds);
    bounds = narrower;
    best = weighCells(cells, groups, bounds, hints);
    if (isFine) break;
  }
  const { capacity, traffic, available, weight } = cells;
  return {
    available: summarise(available, weight),
    capacity: summarise(capacity, weight),
    traffic: summarise(traffic, weight),
    streams: groups.reduce((sum, { streams: count }) => sum + count, 0),
    metOverload: groups.some(isOverloaded),
    misfit: Math.max(...groups.map((group) => Math.abs(computeDeviation(group, best)) / computeError(group, best))),
    isBursty: comesInBursts(groups, best),
  };
}

/** A grid, all columns of one length; drawn anew for each refinement. */
interface Cells {
  readonly capacity: Float64Array;
  readonly traffic: Float64Array;
  readonly available: Float64Array;
  /** Of the most likely one 1. */
  readonly weight: Float64Array;
}

function createCells(): Cells {
  const column = (): Float64Array => new Float64Array(CELLS.capacity * CELLS.traffic);
  return { capacity: column(), traffic: column(), available: column(), weight: column() };
}

/**
 * Fills the grid and gives the most likely cell. On a grid coarser than the streams are exact, no cell fits; the one that fits some
 * groups by chance and gives the others up would win, and the refinement would go there. So no deviation counts for more than the
 * grid can tell.
 */
function weighCells(cells: Cells, groups: readonly Group[], bounds: Support, hints: Hints): Hypothesis {
  const { capacity, traffic, available, weight } = cells;
  const { lowC, highC, lowU, highU } = bounds;
  const coarse: Coarseness = {
    capacityShare: ((highC / lowC) ** (1 / (CELLS.capacity - 1)) - 1) / 2,
    trafficShare: (highU - lowU) / (CELLS.traffic - 1) / 2,
  };
  const sharedFreedom = countSharedFreedom(groups);
  const leastVariance = computeLeastVariance(hints.seen);
  const hypothesis: Hypothesis = { nsPerBit: 0, traffic: 0, variance: 0, coarse, sharedFreedom, leastVariance };
  let best = 0;
  for (let row = 0; row < CELLS.capacity; row += 1) {
    const rate = lowC * (highC / lowC) ** (row / (CELLS.capacity - 1));
    const ofTrains = weighTrains(rate, hints.likely, coarse);
    for (let column = 0; column < CELLS.traffic; column += 1) {
      const i = row * CELLS.traffic + column;
      const share = lowU + ((highU - lowU) * column) / (CELLS.traffic - 1);
      capacity[i] = rate;
      traffic[i] = share;
      available[i] = rate * (1 - share);
      moveTo(hypothesis, groups, rate, share);
      weight[i] = ofTrains + weighSeen(share, hints.seen, coarse) + computeLogLikelihood(groups, hypothesis);
      if ((weight[i] ?? 0) > (weight[best] ?? 0)) best = i;
    }
  }
  const most = weight[best] ?? 0;
  for (let i = 0; i < weight.length; i += 1) weight[i] = Math.exp((weight[i] ?? 0) - most);
  moveTo(hypothesis, groups, capacity[best] ?? 0, traffic[best] ?? 0);
  return hypothesis;
}

function computeArea({ lowC, highC, lowU, highU }: Support): number {
  return Math.log(highC / lowC) * (highU - lowU);
}

function findSupport({ capacity, traffic, weight }: Cells, bounds: Support): Support {
  const stepC = (bounds.highC / bounds.lowC) ** (1 / (CELLS.capacity - 1));
  const stepU = (bounds.highU - bounds.lowU) / (CELLS.traffic - 1);
  let [lowC, highC, lowU, highU] = [Infinity, 0, Infinity, 0];
  for (let i = 0; i < weight.length; i += 1) {
    if ((weight[i] ?? 0) <= NEGLIGIBLE) continue;
    lowC = Math.min(lowC, capacity[i] ?? 0);
    highC = Math.max(highC, capacity[i] ?? 0);
    lowU = Math.min(lowU, traffic[i] ?? 0);
    highU = Math.max(highU, traffic[i] ?? 0);
  }
  return {
    lowC: Math.max(bounds.lowC, lowC / stepC),
    highC: Math.min(bounds.highC, highC * stepC),
    lowU: Math.max(bounds.lowU, lowU - stepU),
    highU: Math.min(bounds.highU, highU + stepU),
  };
}
