// What a packet's way takes at least: the round trip as a line over its size, and each direction by itself, on two clocks that run apart.
import { computeLowerHullLine } from '../../../statistics/lower-hull.js';
import { LEG } from './load-rows.js';
import type { DelayFloor } from './load-rows.js';
import type { RowEntry } from './row-entries.js';

/** Through the least round trip of the smallest and of the largest packets. */
export function computeFloor(entries: readonly RowEntry[]): DelayFloor {
  const least = new Map<number, number>();
  for (const { sizeBytes, rttNs } of entries) {
    if (rttNs < (least.get(sizeBytes) ?? Infinity)) least.set(sizeBytes, rttNs);
  }
  const sizes = [...least.keys()].sort((a, b) => a - b);
  const small = sizes[0] ?? 0;
  const large = sizes.at(-1) ?? 0;
  const smallNs = least.get(small) ?? 0;
  const nsPerByte = large > small ? Math.max(0, ((least.get(large) ?? smallNs) - smallNs) / (large - small)) : 0;
  return { leastNs: smallNs - nsPerByte * small, nsPerByte };
}

/** Of packets of no size: each direction has half of what their size costs. */
export function computeOneWay({ oneWayNs = NaN, sizeBytes }: RowEntry, { nsPerByte }: DelayFloor): number {
  return oneWayNs - (nsPerByte / 2) * sizeBytes;
}

/** The least delay of each direction at the start, and how fast the far clock runs away from ours. */
export interface OneWayFloors {
  readonly forwardNs: number;
  readonly reverseNs: number;
  readonly skew: number;
}

/**
 * What drifts up in one direction drifts down in the other: the slope is that of the direction whose delays lie closer to the line
 * below them, and holds for both. One line for all traces, as a queue may stand throughout a short one.
 */
export function fitOneWays(entries: readonly RowEntry[], floor: DelayFloor): OneWayFloors {
  const [forward, reverse] = [LEG.forward, LEG.reverse].map((leg) => {
    const known = entries
      .filter((entry) => entry.leg === leg && Number.isFinite(entry.oneWayNs) && Number.isFinite(entry.nearNs))
      .sort((a, b) => a.nearNs - b.nearNs);
    const times = known.map(({ nearNs }) => nearNs);
    const delays = known.map((entry) => computeOneWay(entry, floor));
    const slope = computeLowerHullLine(times, delays)?.slope ?? 0;
    const leastBy = (skew: number): number =>
      delays.reduce((least, delay, i) => Math.min(least, delay - skew * (times[i] ?? 0)), Infinity);
    const leastNs = leastBy(slope);
    const distanceNs = delays.reduce((sum, delay, i) => sum + delay - slope * (times[i] ?? 0) - leastNs, 0);
    return { slope, leastBy, distanceNs: delays.length > 1 ? distanceNs / delays.length : Infinity };
  });
  if (forward === undefined || reverse === undefined) return { forwardNs: NaN, reverseNs: NaN, skew: 0 };
  const skew = forward.distanceNs < reverse.distanceNs ? forward.slope : -reverse.slope;
  return { forwardNs: forward.leastBy(skew), reverseNs: reverse.leastBy(-skew), skew };
}

export function readLeastOneWay({ forwardNs, reverseNs, skew }: OneWayFloors, { leg, nearNs }: RowEntry): number {
  return leg === LEG.forward ? forwardNs + skew * nearNs : reverseNs - skew * nearNs;
}
