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

/**
 * A first-in-first-out link of capacity C that carries u of other traffic passes offered·C/(offered + u) of a train that
 * overloads it, so 1/passed = 1/C + (u/C)/offered: a straight line whose intercept is the capacity (Melander, Björkman,
 * Gunningberg, "TOPP", 2000). Weighted least squares with the trains' own intervals, widened where they scatter more. null where
 * the trains were not offered at different rates.
 */
export function extrapolateRate(rates: readonly TrainRate[]): Extrapolation | null {
  // Where packets left at the pace of their arrival, what was offered is not known.
  const points = rates
    .filter((rate) => !isSelfPaced(rate))
    .map((rate) => ({
      x: Math.max(rate.plannedShare || 0, rate.departureShare || 0) / rate.rateBitsPerSec,
      y: 1 / rate.rateBitsPerSec,
      weight: (Z_95 / (rate.relativeHalfWidth / rate.rateBitsPerSec)) ** 2,
    }));
  const sumOf = (pick: (point: (typeof points)[number]) => number) =>
    points.reduce((sum, point) => sum + point.weight * pick(point), 0);
  const weights = sumOf(() => 1);
  const meanX = sumOf(({ x }) => x) / weights;
  const meanY = sumOf(({ y }) => y) / weights;
  const sumXx = sumOf(({ x }) => (x - meanX) ** 2);
  const spread = Math.max(...points.map(({ x }) => x)) - Math.min(...points.map(({ x }) => x));
  if (points.length < 2 || !(spread > LEAST_SPREAD * meanY)) return null;
  const slope = sumOf(({ x, y }) => (x - meanX) * (y - meanY)) / sumXx;
  const intercept = meanY - slope * meanX;
  const misfit = sumOf(({ x, y }) => (y - intercept - slope * x) ** 2);
  const scatter = points.length > 2 ? Math.max(1, misfit / (points.length - 2)) : 1;
  const isSeen =
    slope > LEAST_SHARE && slope < LARGEST_SHARE && slope > LEAST_SIGNIFICANCE * Math.sqrt(scatter / sumXx);
  if (!(intercept > 0)) return null;
  const interceptError = Math.sqrt(scatter * (1 / weights + (meanX * meanX) / sumXx));
  return {
    value: 1 / intercept,
    halfWidth: Math.min(1, (Z_95 * interceptError) / intercept),
    trafficShare: slope,
    isSeen,
  };
}
