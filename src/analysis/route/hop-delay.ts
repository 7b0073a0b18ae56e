// Where delay and queueing begin. A hop's own answer may be slow (routers answer when they have time), which shows in that hop
// alone; what the path adds shows in every hop behind, too. So each hop is taken as no slower than the fastest hop behind it.
import type { HopDelay, Onset } from '../../model/route.js';
import { NS_PER_MS } from '../../model/units.js';
import { computePercentile, sortAscending } from '../statistics/quantile.js';
import type { HopRow } from './hop-table.js';

/** Steps smaller than this are not worth a sentence, and are not far from what scheduling in a router makes. */
const LEAST_STEP_NS = NS_PER_MS / 2;
/** A step is the beginning only if it makes this share of the whole. */
const LEAST_SHARE = 0.5;
const LEAST_SAMPLES = 3;
/** Below this many samples the upper part of a hop's delays is chance. */
const LEAST_SPREAD_SAMPLES = 6;
/** A hop answers slowly by itself if it takes longer than hops behind it, by a step and by this share. */
const SLOW_SHARE = 0.2;
/** Queueing is told from the 80th percentile: with a dozen samples still the third largest. */
const SPREAD_SHARE = 0.8;

/** Round trips of the smaller probes. null with none answered. */
export function computeHopDelay(row: HopRow, sizeBytes: number): HopDelay | null {
  const rtts = sortRoundTrips(row, sizeBytes);
  if (rtts.length === 0) return null;
  return {
    minNs: rtts[0] ?? 0,
    p50Ns: computePercentile(rtts, 0.5),
    p95Ns: computePercentile(rtts, 0.95),
    samples: rtts.length,
  };
}

/** Round trips of probes of one size, ascending, ns. */
export function sortRoundTrips(row: HopRow, sizeBytes: number): Float64Array {
  return sortAscending(
    row.measured.flatMap(({ sizeBytes: size, rttNs }) => (size === sizeBytes && rttNs !== null ? [rttNs] : [])),
  );
}

interface Level {
  readonly ttl: number;
  readonly ns: number;
}

/** Hops whose answers come later than those of hops behind them, by TTL. */
export function findSlowHops(rows: readonly HopRow[], sizeBytes: number): ReadonlySet<number> {
  const smallest = readSmallest(rows, sizeBytes);
  const floors = lowerToLater(smallest);
  const slow = smallest.filter(({ ns }, i) => {
    const floorNs = floors[i]?.ns ?? ns;
    return ns - floorNs > Math.max(LEAST_STEP_NS, SLOW_SHARE * floorNs);
  });
  return new Set(slow.map(({ ttl }) => ttl));
}

/** The hop whose step in the smallest round trip makes at least half of the whole; null where none stands out. */
export function locateDelay(rows: readonly HopRow[], sizeBytes: number): Onset | null {
  return findStep(lowerToLater(readSmallest(rows, sizeBytes)), LEAST_SHARE);
}

/** The same for the time that packets wait beyond the smallest round trip of their hop (80th percentile). */
export function locateQueueing(rows: readonly HopRow[], sizeBytes: number): Onset | null {
  const spreads = rows.flatMap((row) => {
    const rtts = sortRoundTrips(row, sizeBytes);
    if (rtts.length < LEAST_SPREAD_SAMPLES) return [];
    return [{ ttl: row.ttl, ns: computePercentile(rtts, SPREAD_SHARE) - (rtts[0] ?? 0) }];
  });
  return findStep(lowerToLater(spreads), LEAST_SHARE);
}

function readSmallest(rows: readonly HopRow[], sizeBytes: number): Level[] {
  return rows.flatMap((row) => {
    const rtts = sortRoundTrips(row, sizeBytes);
    return rtts.length < LEAST_SAMPLES ? [] : [{ ttl: row.ttl, ns: rtts[0] ?? 0 }];
  });
}

/** Each level lowered to the least of all behind it. */
function lowerToLater(levels: readonly Level[]): Level[] {
  let floorNs = Infinity;
  return levels
    .toReversed()
    .map(({ ttl, ns }) => ({ ttl, ns: (floorNs = Math.min(floorNs, ns)) }))
    .toReversed();
}

/** The largest step of levels that never fall, if it makes `share` of the last one. */
function findStep(levels: readonly Level[], share: number): Onset | null {
  const total = levels.at(-1)?.ns ?? 0;
  let onset: Onset | null = null;
  let before: Level = { ttl: 0, ns: 0 };
  for (const level of levels) {
    const value = level.ns - before.ns;
    if (value > (onset?.value ?? 0)) onset = { after: before.ttl, at: level.ttl, value };
    before = level;
  }
  return onset !== null && onset.value >= Math.max(LEAST_STEP_NS, share * total) ? onset : null;
}
