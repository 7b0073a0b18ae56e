// What became of a steady load: the rate that came through once tokens and empty queues were used up, beside the rate offered.
// Rates count IP packets, as RFC 9097 does.
import { BITS_PER_BYTE, NS_PER_SEC } from '../../../model/units.js';
import { sliceCurve } from './arrival-curve.js';
import type { ArrivalCurve } from './arrival-curve.js';
import { findKnee } from '../capacity/steady-tail.js';

export interface LoadPassage {
  /** By plan; Infinity back to back. */
  readonly offeredBitsPerSec: number;
  /** Of the steady part of the arrivals. */
  readonly passedBitsPerSec: number;
  /** The steady part itself. */
  readonly steady: ArrivalCurve;
  /** Bytes that passed faster before it: the tokens of a bucket. */
  readonly burstBytes: number;
  /** Packets that are missing in the steady part. */
  readonly missing: number;
  /** Time in which the packets of the steady part were to leave as a share of that in which they came; below 1 a queue grew. */
  readonly plannedShare: number;
  /** Time per packet that left as a share of that per packet that came; near 1, none left faster than they came. NaN without stamps. */
  readonly departureShare: number;
}

/** Less than this share of what was offered came: in time, as a queue grew, or in number, as a full one dropped the rest. */
const CARRIED_ABOVE = 0.96;
/** As many lost packets are no chance (the loss threshold of RFC 9097). */
const MOST_CHANCE_LOSSES = 10;
/** A bucket behind a bucket behind a fast line makes two knees; a third would be a fit to noise. */
const MAX_KNEES = 2;
/** Points of the curve looked at for a knee. */
const KNEE_POINTS = 240;
/** Share of the packets behind the knee that is left out for good measure: caches, empty queues, a handful of tokens. */
const SETTLING_SHARE = 0.08;
const LEAST_ARRIVALS = 4;

export function isOverloaded(passage: LoadPassage): boolean {
  const { passedBitsPerSec, offeredBitsPerSec, missing, plannedShare } = passage;
  if (plannedShare <= CARRIED_ABOVE) return true;
  return missing > MOST_CHANCE_LOSSES && passedBitsPerSec <= CARRIED_ABOVE * offeredBitsPerSec;
}

/** `plannedGapNs`: from packet to packet. null with fewer than four arrivals. */
export function computeLoadPassage(curve: ArrivalCurve, plannedGapNs: number): LoadPassage | null {
  const { timeNs, sizeBytes } = curve;
  const knee = findLastKnee(curve);
  const behind = sliceCurve(curve, knee);
  const steady = sliceCurve(behind, Math.floor(SETTLING_SHARE * behind.timeNs.length));
  const passed = computeRate(steady);
  if (steady.timeNs.length < LEAST_ARRIVALS || !Number.isFinite(passed) || passed <= 0) return null;
  const headNs = (timeNs[knee] ?? 0) - (timeNs[0] ?? 0);
  const headBytes = (curve.packets[knee] ?? 0) * sizeBytes;
  return {
    offeredBitsPerSec: (sizeBytes * BITS_PER_BYTE * NS_PER_SEC) / plannedGapNs,
    passedBitsPerSec: passed,
    steady,
    burstBytes: knee === 0 ? 0 : Math.max(0, headBytes - (headNs * passed) / BITS_PER_BYTE / NS_PER_SEC),
    missing: last(steady.order) - (steady.order[0] ?? 0) - last(steady.packets) + (steady.packets[0] ?? 0),
    plannedShare: ((last(steady.order) - (steady.order[0] ?? 0)) * plannedGapNs) / computeSpan(steady.timeNs),
    departureShare: computeDepartureShare(steady),
  };
}

/** Row behind which the arrivals keep one rate; 0 where they do from the first on. */
function findLastKnee(curve: ArrivalCurve): number {
  let from = 0;
  for (let knees = 0; knees < MAX_KNEES; knees += 1) {
    const step = Math.max(1, Math.ceil((curve.timeNs.length - from) / KNEE_POINTS));
    const thin = (column: Float64Array): Float64Array => column.subarray(from).filter((_, i) => i % step === 0);
    const knee = findKnee(thin(curve.packets), thin(curve.timeNs));
    if (knee === null) break;
    from += knee.row * step;
  }
  return from;
}

/** From arrival to arrival, bits per second; NaN without time between them. */
function computeRate({ timeNs, packets, sizeBytes }: ArrivalCurve): number {
  const bits = (last(packets) - (packets[0] ?? 0)) * sizeBytes * BITS_PER_BYTE;
  return (bits * NS_PER_SEC) / computeSpan(timeNs);
}

function computeSpan(timeNs: Float64Array): number {
  return last(timeNs) - (timeNs[0] ?? 0);
}

/** Time per packet sent, from the departures of those that came, against the time per packet that came. */
function computeDepartureShare({ timeNs, packets, order, departureNs }: ArrivalCurve): number {
  const stamped = [...departureNs.keys()].filter((row) => Number.isFinite(departureNs[row]));
  const first = stamped[0] ?? 0;
  const end = stamped[stamped.length - 1] ?? 0;
  const span = (column: Float64Array): number => (column[end] ?? Number.NaN) - (column[first] ?? Number.NaN);
  return span(departureNs) / span(order) / (span(timeNs) / span(packets));
}

function last(values: Float64Array): number {
  return values[values.length - 1] ?? Number.NaN;
}
