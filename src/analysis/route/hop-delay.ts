// Where delay and queueing begin. A hop's own answer may be slow (routers answer when they have time), which shows in that hop
// alone; what the path adds shows in every hop behind, too. So each hop is taken as no slower than the fastest hop behind it.
import type { HopDelay, Onset } from '../../model/route.js';
import { NS_PER_MS } from '../../model/units.js';
import { computePercentile, sortAscending } from '../statistics/quantile.js';
import type { HopRow } from './hop-table.js';
import { locateStep } from './locate-step.js';

/** Steps smaller than this are not worth a sentence, and are not far from what scheduling in a router makes. */
const LEAST_STEP_NS = NS_PER_MS / 2;
/** A step is most of the delay only if it makes this share of the whole. */
const LEAST_SHARE = 0.6;
const LEAST_SAMPLES = 3;
/** A hop answers slowly by itself if it takes longer than hops behind it, by a step and by this share. */
const SLOW_SHARE = 0.2;
/** Packets wait if more than this share of them take longer than half of what the slowest tenth do. */
const LEAST_WAITING = 0.05;
const SLOW_TENTH = 0.9;

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
  /** What the hop's own answers surely take at least (95 %). */
  readonly surelyNs: number;
}

/** x₁ − m = (x₃ − x₁)·b/(1 − b) with b at the 95 % quantile of Beta(1, 2), 0.776; see narrow-link.ts. */
const END_FACTOR = 3.47;

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

/**
 * Where the smallest round trip passes half of the target's, if the step there makes most of it (60 %); null where delay grows
 * evenly. A hop is surely behind the step only if not even luck with few samples explains how late it answers.
 */
export function locateDelay(rows: readonly HopRow[], sizeBytes: number): Onset | null {
  const levels = lowerToLater(readSmallest(rows, sizeBytes));
  const totalNs = levels.at(-1)?.ns ?? 0;
  const before = levels.findLast(({ ns }) => ns < totalNs / 2) ?? { ttl: 0, ns: 0 };
  const behind = levels.find(({ ttl, surelyNs }) => ttl > before.ttl && surelyNs >= totalNs / 2) ?? levels.at(-1);
  if (!behind) return null;
  const value = behind.ns - before.ns;
  if (value < Math.max(LEAST_STEP_NS, LEAST_SHARE * totalNs)) return null;
  return { after: before.ttl, at: behind.ttl, value };
}

/**
 * Where packets begin to wait beyond the smallest round trip of their hop: at half the 90th percentile of the last hop's waiting
 * they are told from those that do not. `value` is that percentile.
 */
export function locateQueueing(rows: readonly HopRow[], sizeBytes: number): Onset | null {
  const waits = rows.flatMap((row) => {
    const rtts = sortRoundTrips(row, sizeBytes);
    return rtts.length < LEAST_SAMPLES ? [] : [{ ttl: row.ttl, waitsNs: rtts.map((ns) => ns - (rtts[0] ?? 0)) }];
  });
  const value = computePercentile(waits.at(-1)?.waitsNs ?? [], SLOW_TENTH);
  if (!(value >= LEAST_STEP_NS)) return null;
  const counts = waits.map(({ ttl, waitsNs }) => {
    return { ttl, bad: waitsNs.filter((ns) => ns > value / 2).length, total: waitsNs.length };
  });
  const place = locateStep(counts, LEAST_WAITING);
  return place && { ...place, value };
}

function readSmallest(rows: readonly HopRow[], sizeBytes: number): Level[] {
  return rows.flatMap((row) => {
    const [first = 0, , third = 0, ...more] = sortRoundTrips(row, sizeBytes);
    if (third === 0) return [];
    return [{ ttl: row.ttl, ns: first, surelyNs: more.length === 0 ? 0 : first - END_FACTOR * (third - first) }];
  });
}

/** Each level lowered to the least of all behind it. */
function lowerToLater(levels: readonly Level[]): Level[] {
  let floorNs = Infinity;
  return levels
    .toReversed()
    .map((level) => ({ ...level, ns: (floorNs = Math.min(floorNs, level.ns)) }))
    .toReversed();
}
