// Maximum IP-layer capacity (RFC 9097): the best sub-interval of one second of a load that overloads the path. IP packets are
// counted with their headers and without link headers. What else may have set the rate is judged elsewhere.
import { BITS_PER_BYTE, NS_PER_SEC } from '../../../model/units.js';
import { sliceCurve } from './arrival-curve.js';
import type { ArrivalCurve } from './arrival-curve.js';

export interface MaximumRate {
  readonly bitsPerSec: number;
  /** Half of the 95 % interval as a share of it. */
  readonly relativeHalfWidth: number;
  /** Length of the sub-interval: a second, or all there is. */
  readonly intervalNs: number;
  readonly packets: number;
}

/** The sub-interval dt of RFC 9097. */
export const SUB_INTERVAL_NS = NS_PER_SEC;
const BLOCKS = 10;
/** Student's t, 97.5 %, for BLOCKS − 1 degrees of freedom. */
const STUDENT_T = 2.262;
/** Share of the rate that no interval goes below: clocks and edges are never better than this. */
const FLOOR = 0.003;

/**
 * Bits from one arrival to another at least a second later, divided by the time between them; the greatest over all beginnings.
 * Taking arrivals as edges avoids the error of one packet that fixed edges have (1.2 % of 1 Mb/s). The interval comes from the
 * spread of ten blocks of the sub-interval. null where no time passes.
 */
export function estimateMaximumRate(steady: ArrivalCurve): MaximumRate | null {
  const { timeNs, packets, sizeBytes } = steady;
  const count = timeNs.length;
  const spanNs = (timeNs[count - 1] ?? 0) - (timeNs[0] ?? 0);
  if (count < 2 || !(spanNs > 0)) return null;
  const wantedNs = Math.min(SUB_INTERVAL_NS, spanNs);
  let best = { from: 0, to: count - 1, packetsPerNs: 0 };
  let to = 0;
  for (let from = 0; from < count; from += 1) {
    while (to < count && (timeNs[to] ?? 0) - (timeNs[from] ?? 0) < wantedNs) to += 1;
    if (to === count) break;
    const packetsPerNs = ((packets[to] ?? 0) - (packets[from] ?? 0)) / ((timeNs[to] ?? 0) - (timeNs[from] ?? 0));
    if (packetsPerNs > best.packetsPerNs) best = { from, to, packetsPerNs };
  }
  const window = sliceCurve(steady, best.from);
  const length = best.to - best.from + 1;
  return {
    bitsPerSec: best.packetsPerNs * sizeBytes * BITS_PER_BYTE * NS_PER_SEC,
    relativeHalfWidth: computeHalfWidth(window.timeNs.subarray(0, length), window.packets.subarray(0, length)),
    intervalNs: (timeNs[best.to] ?? 0) - (timeNs[best.from] ?? 0),
    packets: length,
  };
}

/** Blocks of equal packets; where there are too few for ten of them, half a packet at each edge is all that is known. */
function computeHalfWidth(timeNs: Float64Array, packets: Float64Array): number {
  const count = timeNs.length;
  if (count < 2 * BLOCKS) return Math.min(1, FLOOR + 2 / count);
  const edges = Array.from({ length: BLOCKS + 1 }, (_, i) => Math.round((i * (count - 1)) / BLOCKS));
  const rates = edges.slice(1).map((edge, i) => {
    const start = edges[i] ?? 0;
    return ((packets[edge] ?? 0) - (packets[start] ?? 0)) / ((timeNs[edge] ?? 0) - (timeNs[start] ?? 0));
  });
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / BLOCKS;
  const variance = rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / (BLOCKS - 1);
  return Math.min(1, Math.hypot((STUDENT_T * Math.sqrt(variance / BLOCKS)) / mean, FLOOR));
}
