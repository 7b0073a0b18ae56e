// The rows that pass one way, in the order in which a bucket or a queue there meets them, and what they wait without a load.
import { LEG } from '../rows/load-rows.js';
import type { LoadRows } from '../rows/load-rows.js';

/** `forward` also where directions are not told apart. */
export type BucketWay = 'forward' | 'reverse';

/** Columns never change, and all that follows a queue or a bucket asks; forgotten with the column. */
const rowsSeen = new WeakMap<Float64Array, Map<BucketWay, Uint32Array>>();

/** Indices of rows, trace by trace, by time. */
export function listRows(rows: LoadRows, way: BucketWay): Uint32Array {
  const ways = rowsSeen.get(rows.timeNs) ?? new Map<BucketWay, Uint32Array>();
  rowsSeen.set(rows.timeNs, ways);
  const known = ways.get(way) ?? sortRows(rows, way);
  ways.set(way, known);
  return known;
}

function sortRows({ count, leg, trace, timeNs }: LoadRows, way: BucketWay): Uint32Array {
  const indices: number[] = [];
  for (let i = 0; i < count; i += 1) {
    if (way === 'forward' ? leg[i] !== LEG.reverse : leg[i] === LEG.reverse) indices.push(i);
  }
  // Replies and what the far end sends by itself share a link at the same time.
  const compare = (a: number, b: number): number =>
    (trace[a] ?? 0) - (trace[b] ?? 0) || (timeNs[a] ?? 0) - (timeNs[b] ?? 0) || a - b;
  return Uint32Array.from(indices.sort(compare));
}

const waitsSeen = new WeakMap<Float64Array, number>();

/** 90th percentile of what packets wait that were sent one by one, ns; at least 20 us. */
export function measureLightWait({ waitNs, isLight }: LoadRows): number {
  const known = waitsSeen.get(waitNs);
  if (known !== undefined) return known;
  const waits = waitNs.filter((ns, i) => isLight[i] === 1 && Number.isFinite(ns)).sort();
  const lightNs = Math.max(20e3, waits[Math.floor(0.9 * waits.length)] ?? 0);
  waitsSeen.set(waitNs, lightNs);
  return lightNs;
}
