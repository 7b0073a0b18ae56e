// Distances between packets of one kind behind a place that serves packet by packet: its own time, and that of the packets of others that
// came between, each of them a whole one. Fits the time of a service; what it means is not decided here.
import { computeLogSum } from './beta-binomial.js';
import { computeMean, sortAscending } from './quantile.js';

export interface GapShape {
  /** Time between one possible distance and the next. */
  readonly periodNs: number;
  /** The least distance. */
  readonly firstNs: number;
  /** Standard deviation around each. */
  readonly spreadNs: number;
}

export interface GapLattice {
  readonly periodNs: number;
  /** Spreads that explain the gaps about as well as the best, as weights that sum to 1, in ln. */
  readonly noises: readonly { readonly spreadNs: number; readonly logLikelihood: number }[];
}

/** Shares of gaps with something else on top than whole packets; and of those on the lattice, how many have one more between. */
const OTHER_SHARES = [0.03, 0.2, 0.5, 0.8];
const MORE_SHARES = [0.02, 0.15, 0.35, 0.6, 0.8];
const MOST_BETWEEN = 12;
/** Of gaps on the lattice, for each of `MORE_SHARES`, how many have so many more between. */
const BETWEEN_SHARES = MORE_SHARES.map((more) =>
  Float64Array.from({ length: MOST_BETWEEN + 1 }, (_, between) => (1 - more) * more ** between),
);
const SPREAD_SHARES = [0.01, 0.03, 0.08, 0.2, 0.4];
const FINE_STEPS = [0.94, 0.97, 0.99, 1, 1.01, 1.03, 1.06];
/** Candidates for the period: quantiles of the gaps. */
const CANDIDATES = [0.02, 0.05, 0.1, 0.2, 0.35, 0.5];

/**
 * The most probable period whose multiples the gaps are. A distance that lies on a lattice lies on each finer one, too: of those, gaps
 * between the multiples would be missing, which costs likelihood.
 */
export function fitGapLattice(gaps: readonly number[]): GapLattice {
  const ascending = sortAscending(gaps);
  let best = { periodNs: 0, log: -Infinity };
  const consider = (periodNs: number): void => {
    const log = computeLogSum(weighSpreads(gaps, periodNs).map(({ logLikelihood }) => logLikelihood));
    if (log > best.log) best = { periodNs, log };
  };
  for (const quantile of CANDIDATES) {
    const periodNs = ascending[Math.floor(quantile * ascending.length)] ?? 0;
    if (periodNs > 0) consider(periodNs);
  }
  const { periodNs } = best;
  for (const step of FINE_STEPS) consider(periodNs * step);
  const noises = weighSpreads(gaps, best.periodNs);
  const total = computeLogSum(noises.map(({ logLikelihood }) => logLikelihood));
  return {
    periodNs: best.periodNs,
    noises: noises.map(({ spreadNs, logLikelihood }) => ({ spreadNs, logLikelihood: logLikelihood - total })),
  };
}

function weighSpreads(gaps: readonly number[], periodNs: number): GapLattice['noises'] {
  return SPREAD_SHARES.map((share) => {
    const spreadNs = share * periodNs;
    return { spreadNs, logLikelihood: computeLogGapDensity(gaps, { periodNs, firstNs: periodNs, spreadNs }) };
  });
}

/** Nothing comes between: the first place of the lattice alone. */
const NOTHING_BETWEEN = [Float64Array.from({ length: MOST_BETWEEN + 1 }, (_, between) => (between === 0 ? 1 : 0))];

/** The same where no packets of others come between: the least distance, or anything. */
export function computeLogLoneDensity(gaps: readonly number[], shape: GapShape): number {
  return averageDensity(gaps, shape, NOTHING_BETWEEN);
}

/** ln density of all gaps (ns⁻¹ each), averaged over how many packets of others come between, and how many gaps are anything. */
export function computeLogGapDensity(gaps: readonly number[], shape: GapShape): number {
  return averageDensity(gaps, shape, BETWEEN_SHARES);
}

function averageDensity(gaps: readonly number[], shape: GapShape, betweenShares: readonly Float64Array[]): number {
  const near = computeNearness(gaps, shape);
  const anything = recallAnything(gaps, Math.max(computeMean(gaps), shape.firstNs));
  const logs = betweenShares.flatMap((shares) => {
    const onLattice = computeOnLattice(near, shape, shares);
    return OTHER_SHARES.map((other) => sumLogs(onLattice, anything, other));
  });
  return computeLogSum(logs) - Math.log(logs.length);
}

interface Anything {
  readonly meanNs: number;
  readonly densities: Float64Array;
}

/** Of hundreds of shapes that are asked for the same gaps, most have the same mean; forgotten with the gaps. */
const anythingSeen = new WeakMap<readonly number[], Anything>();

function recallAnything(gaps: readonly number[], meanNs: number): Float64Array {
  const known = anythingSeen.get(gaps);
  if (known?.meanNs === meanNs) return known.densities;
  const densities = computeAnything(gaps, meanNs);
  anythingSeen.set(gaps, { meanNs, densities });
  return densities;
}

/** Of each gap, its density where it may be anything: exponential, a shade below the least distance as well. */
function computeAnything(gaps: readonly number[], meanNs: number): Float64Array {
  const anything = new Float64Array(gaps.length);
  for (let i = 0; i < gaps.length; i += 1) {
    const gapNs = gaps[i] as number;
    anything[i] = (gapNs > 0 ? Math.exp(-gapNs / meanNs) : LEAST_DENSITY) / meanNs;
  }
  return anything;
}

const LEAST_DENSITY = 0.1;

/** Asked twenty times for each of hundreds of shapes: one logarithm of a product, as long as a double holds it, instead of one a gap. */
function sumLogs(onLattice: Float64Array, anything: Float64Array, other: number): number {
  let sum = 0;
  let product = 1;
  for (let i = 0; i < onLattice.length; i += 1) {
    product *= (1 - other) * (onLattice[i] as number) + other * (anything[i] as number);
    if (product > SMALLEST_PRODUCT) continue;
    sum += Math.log(product);
    product = 1;
  }
  return sum + Math.log(product);
}

/** Densities are far below 1 ns⁻¹, and above 1e-100: of a gap that is a hundred times the mean, 1e-43 of what is usual. */
const SMALLEST_PRODUCT = 1e-200;
const PLACES = MOST_BETWEEN + 1;
/** In standard deviations: the normal curve is 1e-22 from here on. */
const REACH = 10;

/** Of each gap the normal curve around each place of the lattice that is near: the same however many come between. */
interface Nearness {
  /** `PLACES` a gap. */
  readonly curve: Float64Array;
  /** Places that are near: from `first` to `last`, none where that is less. */
  readonly first: Int32Array;
  readonly last: Int32Array;
}

function computeNearness(gaps: readonly number[], { periodNs, firstNs, spreadNs }: GapShape): Nearness {
  const near = {
    curve: new Float64Array(PLACES * gaps.length),
    first: new Int32Array(gaps.length),
    last: new Int32Array(gaps.length),
  };
  for (let i = 0; i < gaps.length; i += 1) {
    const beyondNs = (gaps[i] as number) - firstNs;
    const first = Math.min(PLACES, Math.max(0, Math.ceil((beyondNs - REACH * spreadNs) / periodNs)));
    const last = Math.max(-1, Math.min(MOST_BETWEEN, Math.floor((beyondNs + REACH * spreadNs) / periodNs)));
    for (let between = first; between <= last; between += 1) {
      const off = (beyondNs - between * periodNs) / spreadNs;
      near.curve[PLACES * i + between] = Math.exp(-0.5 * off * off);
    }
    near.first[i] = first;
    near.last[i] = last;
  }
  return near;
}

function computeOnLattice(
  { curve, first, last }: Nearness,
  { spreadNs }: GapShape,
  shares: Float64Array,
): Float64Array {
  const onLattice = new Float64Array(first.length);
  const scale = spreadNs * Math.sqrt(2 * Math.PI);
  for (let i = 0; i < onLattice.length; i += 1) {
    const to = last[i] as number;
    let density = 0;
    for (let between = first[i] as number; between <= to; between += 1) {
      density += (shares[between] as number) * (curve[PLACES * i + between] as number);
    }
    onLattice[i] = density / scale;
  }
  return onLattice;
}
