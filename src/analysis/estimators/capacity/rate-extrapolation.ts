// The capacity behind other people's traffic: what trains offered at different rates got, extrapolated to an endless rate.
import { isSelfPaced } from './train-rate.js';
import type { TrainRate } from './train-rate.js';

export interface Extrapolation {
  readonly value: number;
  /** Half of the 95 % interval as a share of the value. */
  readonly halfWidth: number;
  /** Rate of the other traffic as a share of the capacity, and whether it is more than chance. */
  readonly trafficShare: number;
  readonly isSeen: boolean;
}

/** The least share of other traffic, and how many standard errors of it, that make the correction worth its noise. */
const LEAST_SHARE = 0.03;
const LEAST_SIGNIFICANCE = 2.5;
const LARGEST_SHARE = 0.95;
/** Rates offered must differ by this much of the time per byte, or the line has no length. */
const LEAST_SPREAD = 0.2;
const Z_95 = 1.96;

interface Point {
  readonly x: number;
  readonly y: number;
  /** Inverse variance of y. */
  readonly weight: number;
}

/**
 * A first-in-first-out link of capacity C that carries u of other traffic passes offered·C/(offered + u) of a train that
 * overloads it, so 1/passed = 1/C + (u/C)/offered: a straight line whose intercept is the capacity (Melander, Björkman,
 * Gunningberg, "TOPP", 2000). Weighted least squares with the trains' own intervals and the chance by which as much traffic as the
 * line shows came in while a train did, widened where they scatter more. null where the trains were not offered at different rates.
 */
export function extrapolateRate(rates: readonly TrainRate[]): Extrapolation | null {
  // Where packets left at the pace of their arrival, what was offered is not known.
  const offered = rates.filter((rate) => !isSelfPaced(rate));
  const xs = offered.map(computeOffered);
  const first = fitLine(offered.map((rate) => toPoint(rate, 0)));
  if (first === null || !(Math.max(...xs) - Math.min(...xs) > LEAST_SPREAD * first.meanY)) return null;
  const trafficShare = Math.min(1, Math.max(0, first.slope));
  const line = fitLine(offered.map((rate) => toPoint(rate, trafficShare)));
  if (line === null || !(line.intercept > 0)) return null;
  const { slope, intercept, slopeError, interceptError } = line;
  const isSeen = slope > LEAST_SHARE && slope < LARGEST_SHARE && slope > LEAST_SIGNIFICANCE * slopeError;
  return {
    value: 1 / intercept,
    halfWidth: Math.min(1, (Z_95 * interceptError) / intercept),
    trafficShare: slope,
    isSeen,
  };
}

/** Time per bit that the sender took. */
function computeOffered(rate: TrainRate): number {
  return computeTimeShare(rate) / rate.rateBitsPerSec;
}

function computeTimeShare({ plannedShare, departureShare }: TrainRate): number {
  return Math.max(plannedShare || 0, departureShare || 0);
}

/**
 * While n packets leave in the share s of the time that they take, independent full packets of the traffic u come in for s·u·n of
 * them, give or take √(s·u·n): their error, as a share of the train's, is √(s·u/n).
 */
function toPoint(rate: TrainRate, trafficShare: number): Point {
  const { rateBitsPerSec, relativeHalfWidth, arrivals } = rate;
  const chance = Math.sqrt((computeTimeShare(rate) * trafficShare) / arrivals);
  const error = Math.hypot(relativeHalfWidth / Z_95, chance) / rateBitsPerSec;
  return { x: computeOffered(rate), y: 1 / rateBitsPerSec, weight: error ** -2 };
}

interface WeightedLine {
  readonly slope: number;
  readonly intercept: number;
  /** Standard errors. */
  readonly slopeError: number;
  readonly interceptError: number;
  readonly meanY: number;
}

function fitLine(points: readonly Point[]): WeightedLine | null {
  if (points.length < 2) return null;
  const sumOf = (pick: (point: Point) => number): number =>
    points.reduce((sum, point) => sum + point.weight * pick(point), 0);
  const weights = sumOf(() => 1);
  const meanX = sumOf(({ x }) => x) / weights;
  const meanY = sumOf(({ y }) => y) / weights;
  const sumXx = sumOf(({ x }) => (x - meanX) ** 2);
  const slope = sumOf(({ x, y }) => (x - meanX) * (y - meanY)) / sumXx;
  const intercept = meanY - slope * meanX;
  const misfit = sumOf(({ x, y }) => (y - intercept - slope * x) ** 2);
  const scatter = points.length > 2 ? Math.max(1, misfit / (points.length - 2)) : 1;
  return {
    slope,
    intercept,
    slopeError: Math.sqrt(scatter / sumXx),
    interceptError: Math.sqrt(scatter * (1 / weights + (meanX * meanX) / sumXx)),
    meanY,
  };
}
