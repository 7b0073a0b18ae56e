// Available bandwidth and capacity of the tight link from self-loading streams, as one posterior over both. Which streams to send
// is the examination's business.
import { NS_PER_SEC } from '../../model/units.js';
import type { StreamPassage } from './stream-passage.js';

export interface RateRange {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

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
}

/** Where the capacity may lie, bits per second; any decade of it is as likely as any other. */
export interface CapacityPrior {
  readonly low: number;
  readonly high: number;
}

/** A stream that lost more came through a full queue, and its length says nothing (SLoPS aborts it, too). */
export const MOST_STREAM_LOSS = 0.15;
/** A stream that strayed further from its plan, by share of its length and in ns (noisy stamps stray), is left out. */
const MOST_STRAY_SHARE = 0.2;
const MOST_STRAY_NS = 300e3;
/** Mean length behind the path as a share of that before it. */
const OVERLOADED_ABOVE = 1.04;
/** Fewest streams of one rate whose scatter is worth a variance. */
const LEAST_GROUP = 3;
/** Rates within this factor make one group. */
const SAME_RATE = 1.2;
const FAST_SHARE = 0.3;
const CELLS = { capacity: 49, traffic: 81 } as const;
/** The grid is drawn anew around what the last one left, so that it is finer than the answer. */
const REFINEMENTS = 5;
/** Cells below this share of the most likely one are cut off between refinements. */
const NEGLIGIBLE = 1e-5;
const SHARE_INSIDE = 0.95;

/**
 * A first-in-first-out link of capacity C with other traffic u·C takes 1/C + u/R of time per bit of a stream that comes at rate
 * R and keeps it busy, and 1/R of one that does not; A = C(1 − u) is where the two meet (Melander, Björkman, Gunningberg, "TOPP",
 * 2000; Strauss, Katabi, Kaashoek, "Spruce", 2003, has the direct form). So per group of streams of one rate
 *
 *     z = out/bits = max(x, 1/C + u·x) + e,   x = in/bits = 1/R
 *
 * with e Student's t: its scale is the scatter between the streams, never below what full-size packets of other traffic that
 * come independently would make (variance u·x·L/(C·bits)). null with fewer than three usable streams.
 */
export function estimateAvailable(streams: readonly StreamPassage[], prior: CapacityPrior): AvailablePosterior | null {
  const groups = groupByRate(streams.filter(isUsable));
  const used = groups.reduce((sum, { points }) => sum + points.length, 0);
  if (groups.length === 0 || !(prior.high > prior.low)) return null;
  let bounds: Bounds = { lowC: prior.low, highC: prior.high, lowU: 0, highU: 1 };
  let cells: Cell[] = [];
  for (let pass = 0; pass <= REFINEMENTS; pass += 1) {
    cells = weighCells(groups, bounds);
    bounds = findSupport(cells, bounds);
  }
  const best = cells.reduce((most, cell) => (cell.weight > most.weight ? cell : most));
  return {
    available: summarise(cells, ({ capacity, traffic }) => capacity * (1 - traffic)),
    capacity: summarise(cells, ({ capacity }) => capacity),
    traffic: summarise(cells, ({ traffic }) => traffic),
    streams: used,
    metOverload: groups.some(isOverloaded),
    misfit: Math.max(...computeDeviations(groups, best, EXACT).map(({ t }) => Math.abs(t))),
  };
}

function isOverloaded({ points }: Group): boolean {
  const sumOf = (pick: (point: Point) => number): number => points.reduce((sum, point) => sum + pick(point), 0);
  return sumOf(({ z }) => z) > OVERLOADED_ABOVE * sumOf(({ x }) => x);
}

export function isUsable({ lossRatio, strayNs, outNs }: StreamPassage): boolean {
  return lossRatio < MOST_STREAM_LOSS && strayNs < Math.max(MOST_STRAY_SHARE * outNs, MOST_STRAY_NS);
}

/** ns per bit. */
interface Point {
  readonly x: number;
  readonly z: number;
}

interface Group {
  readonly points: readonly Point[];
  readonly meanX: number;
  /** Whether other traffic has time to come between its packets. */
  readonly seesTraffic: boolean;
  readonly bits: number;
  readonly frameBits: number;
}

interface Bounds {
  readonly lowC: number;
  readonly highC: number;
  readonly lowU: number;
  readonly highU: number;
}

interface Cell {
  readonly capacity: number;
  readonly traffic: number;
  readonly weight: number;
}

/** Far above what comes out, streams are too short to meet other traffic. */
export function seesTraffic({ plannedNs, outNs }: StreamPassage): boolean {
  return plannedNs > FAST_SHARE * outNs;
}

function groupByRate(streams: readonly StreamPassage[]): Group[] {
  const sorted = [...streams].sort((a, b) => b.plannedNs / b.bits - a.plannedNs / a.bits);
  const groups: StreamPassage[][] = [];
  let first: StreamPassage | null = null;
  for (const stream of sorted) {
    if (first !== null && isSameRate(first, stream)) groups.at(-1)?.push(stream);
    else groups.push([(first = stream)]);
  }
  return groups.filter((group) => group.length >= LEAST_GROUP).map(composeGroup);
}

/** Two rates far above what came out count as one. By plan: what stamps say of a rate is noise within a group. */
function isSameRate(slow: StreamPassage, fast: StreamPassage): boolean {
  const slowNs = slow.plannedNs / slow.bits;
  return slowNs <= SAME_RATE * (fast.plannedNs / fast.bits) || slowNs < FAST_SHARE * (slow.outNs / slow.bits);
}

function composeGroup(streams: readonly StreamPassage[]): Group {
  const points = streams.map(({ inNs, outNs, bits }) => ({ x: inNs / bits, z: outNs / bits }));
  const meanOf = (pick: (stream: StreamPassage) => number): number =>
    streams.reduce((sum, stream) => sum + pick(stream), 0) / streams.length;
  return {
    points,
    meanX: points.reduce((sum, { x }) => sum + x, 0) / points.length,
    seesTraffic: streams.every(seesTraffic),
    bits: meanOf(({ bits }) => bits),
    frameBits: meanOf(({ frameBits }) => frameBits),
  };
}

/** Half the distance of two cells: the capacity as a share of itself, and the other traffic's share. */
interface Coarseness {
  readonly capacityShare: number;
  readonly trafficShare: number;
}

const EXACT: Coarseness = { capacityShare: 0, trafficShare: 0 };

/**
 * On a grid coarser than the streams are exact, no cell fits; the one that fits some groups by chance and gives the others up
 * would win, and the refinement would go there. So no deviation counts for more than the grid can tell.
 */
function weighCells(groups: readonly Group[], bounds: Bounds): Cell[] {
  const coarse: Coarseness = {
    capacityShare: ((bounds.highC / bounds.lowC) ** (1 / (CELLS.capacity - 1)) - 1) / 2,
    trafficShare: (bounds.highU - bounds.lowU) / (CELLS.traffic - 1) / 2,
  };
  const cells: { capacity: number; traffic: number; log: number }[] = [];
  for (let i = 0; i < CELLS.capacity; i += 1) {
    const capacity = bounds.lowC * (bounds.highC / bounds.lowC) ** (i / (CELLS.capacity - 1));
    for (let j = 0; j < CELLS.traffic; j += 1) {
      const traffic = bounds.lowU + ((bounds.highU - bounds.lowU) * j) / (CELLS.traffic - 1);
      cells.push({ capacity, traffic, log: computeLogLikelihood(groups, { capacity, traffic }, coarse) });
    }
  }
  const most = cells.reduce((max, { log }) => Math.max(max, log), -Infinity);
  return cells.map(({ capacity, traffic, log }) => ({ capacity, traffic, weight: Math.exp(log - most) }));
}

type Hypothesis = Pick<Cell, 'capacity' | 'traffic'>;

function computeLogLikelihood(groups: readonly Group[], hypothesis: Hypothesis, coarse: Coarseness): number {
  return computeDeviations(groups, hypothesis, coarse).reduce(
    (log, { t, error, freedom }) => log - ((freedom + 1) / 2) * Math.log(1 + (t * t) / freedom) - Math.log(error),
    0,
  );
}

/** A few streams may agree by chance: their scatter is weighed against the model's as if that had been seen in so many more. */
const MODEL_FREEDOM = 4;
/** No stream's length is better known than to this share. */
const LEAST_NOISE = 0.002;

/** Mean misfit of a group in units of its standard error, which stands on so many degrees of freedom. */
interface Deviation {
  readonly t: number;
  readonly error: number;
  readonly freedom: number;
}

/**
 * Traffic that comes and goes varies by the stream, whatever the stream's rate: all groups that see it share one variance of u, so
 * that a group that met the same moment twice is not taken for exact.
 */
function computeDeviations(
  groups: readonly Group[],
  { capacity, traffic }: Hypothesis,
  coarse: Coarseness,
): Deviation[] {
  const nsPerBit = NS_PER_SEC / capacity;
  const spreads = groups.map((group) => computeSpread(group, nsPerBit, traffic));
  let shared = 0;
  let sharedFreedom = 0;
  for (const [i, { squares }] of spreads.entries()) {
    const group = groups[i];
    if (group?.seesTraffic !== true) continue;
    shared += squares / (group.meanX * group.meanX);
    sharedFreedom += group.points.length - 1;
  }
  const trafficVariance = sharedFreedom > 0 ? shared / sharedFreedom : 0;
  return groups.map((group, i) => {
    const { mean, squares } = spreads[i] ?? { mean: 0, squares: 0 };
    const n = group.points.length;
    const freedom = group.seesTraffic ? sharedFreedom : n - 1;
    const ofTraffic = trafficVariance * group.meanX * group.meanX;
    const scatter = group.seesTraffic ? ofTraffic : Math.max(squares / (n - 1), ofTraffic);
    const ofModel =
      (traffic * nsPerBit * group.frameBits * Math.max(0, group.meanX)) / group.bits + (LEAST_NOISE * nsPerBit) ** 2;
    const pooled = (freedom * scatter + MODEL_FREEDOM * ofModel) / (freedom + MODEL_FREEDOM);
    const ofGrid = nsPerBit * coarse.capacityShare + Math.max(0, group.meanX) * coarse.trafficShare;
    const error = Math.hypot(Math.sqrt(Math.max(scatter, pooled) / n), ofGrid);
    return { t: mean / error, error, freedom };
  });
}

/** Mean of what a group's streams took beyond the hypothesis, ns per bit, and the sum of squares around it. */
function computeSpread({ points }: Group, nsPerBit: number, traffic: number): { mean: number; squares: number } {
  let sum = 0;
  let squares = 0;
  for (const { x, z } of points) {
    const residual = z - Math.max(x, nsPerBit + traffic * x);
    sum += residual;
    squares += residual * residual;
  }
  return { mean: sum / points.length, squares: Math.max(0, squares - (sum * sum) / points.length) };
}

function findSupport(cells: readonly Cell[], bounds: Bounds): Bounds {
  const likely = cells.filter(({ weight }) => weight > NEGLIGIBLE);
  const stepC = (bounds.highC / bounds.lowC) ** (1 / (CELLS.capacity - 1));
  const stepU = (bounds.highU - bounds.lowU) / (CELLS.traffic - 1);
  const capacities = likely.map(({ capacity }) => capacity);
  const traffics = likely.map(({ traffic }) => traffic);
  return {
    lowC: Math.max(bounds.lowC, Math.min(...capacities) / stepC),
    highC: Math.min(bounds.highC, Math.max(...capacities) * stepC),
    lowU: Math.max(bounds.lowU, Math.min(...traffics) - stepU),
    highU: Math.min(bounds.highU, Math.max(...traffics) + stepU),
  };
}

/** Median and the shortest interval that holds 95 %: at a border, such as no other traffic at all, it reaches it. */
function summarise(cells: readonly Cell[], pick: (cell: Cell) => number): RateRange {
  const sorted = cells
    .map((cell) => ({ value: pick(cell), weight: cell.weight }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => a.value - b.value);
  const total = sorted.reduce((sum, { weight }) => sum + weight, 0);
  let median = 0;
  let [low, high] = [sorted[0]?.value ?? 0, sorted.at(-1)?.value ?? 0];
  let from = 0;
  let inside = 0;
  let passed = 0;
  for (const { value, weight } of sorted) {
    if (passed < total / 2) median = value;
    passed += weight;
    inside += weight;
    while (inside - (sorted[from]?.weight ?? 0) >= SHARE_INSIDE * total) inside -= sorted[from++]?.weight ?? 0;
    const start = sorted[from]?.value ?? value;
    if (inside >= SHARE_INSIDE * total && value - start < high - low) [low, high] = [start, value];
  }
  return { value: median, low, high };
}
