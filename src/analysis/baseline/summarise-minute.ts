// What a minute showed of one target, from the runs of light packets that touch it. When runs start, and what kept them from starting,
// the server knows and tells; whether the minute was good is decided in judge-minute.ts.
import type { PeriodSummary } from '../../model/period-summary.js';
import type { StampSource, StampSources, Trace } from '../../model/trace.js';
import { NS_PER_MS } from '../../model/units.js';
import { countDirectionalLoss } from '../estimators/loss/directional-loss.js';
import { computeRfc3550Jitter } from '../estimators/delay/jitter.js';
import { collectOneWaySamples, selectStamped } from '../estimators/delay/one-way-samples.js';
import { computeOneWayVariation } from '../estimators/delay/one-way-delay.js';
import { computeFates, listAnsweredRows } from '../estimators/packet-fate.js';
import { listReorderedRows } from '../estimators/loss/reordering.js';
import { computeRoundTrips, selectOneStampSource } from '../estimators/round-trip-times.js';
import { createDigest } from '../statistics/delay-digest.js';
import type { Stretch } from '../estimators/delay/route-changes.js';
import { sliceTrace } from './slice-trace.js';

/** A run of even light packets, and when it began by the box's wall clock: its own stamps may be of another clock. */
export interface WatchedRun {
  readonly trace: Trace;
  /** Unix ms of planned offset 0. */
  readonly startedMs: number;
}

export interface MinuteMaterial {
  readonly target: string;
  /** Begin of the period, Unix ms, and its length, ms. */
  readonly startMs: number;
  readonly lengthMs: number;
  /** Planned from packet to packet, ms (> 0): what the period should have held is counted by it. */
  readonly intervalMs: number;
  /** All that touch the period, and those of the ten minutes up to its end: of them is the floor of queueing. In the order of time. */
  readonly runs: readonly WatchedRun[];
  /** Share (0-1) of the period during which a heavier test loaded the same port. */
  readonly disturbed: number;
  /** Why nothing was sent, where the server knows. */
  readonly problem: string | null;
}

/** Over so much time lie the samples of which the smallest one-way delay is the floor, ms. */
const FLOOR_MS = 600_000;

/** Never fails: a period of which nothing is known says why in `problem`. */
export function summariseMinute(material: MinuteMaterial): PeriodSummary {
  const { startMs, lengthMs, target } = material;
  const endMs = startMs + lengthMs;
  const own = cutRuns(material.runs, startMs, endMs);
  const fates = own.flatMap((trace) => computeFates(trace));
  const lost = fates.filter((fate) => fate === 'lost').length;
  const answered = fates.filter((fate) => fate === 'answered').length;
  const directions = countDirectionalLoss(own);
  const timed = selectOneStampSource(own);
  const rttNs = timed.flatMap((trace) => Array.from(computeRoundTrips(trace).rttNs));
  const queueing = computeOneWayQueueing(timed, cutRuns(material.runs, endMs - FLOOR_MS, endMs));
  return {
    target,
    startMs,
    lengthMs,
    coverage: Math.min(1, ((lost + answered) * material.intervalMs) / lengthMs),
    sent: lost + answered,
    lost,
    lostForward: directions?.forwardLost ?? null,
    lostReverse: directions?.reverseLost ?? null,
    duplicated: own.reduce((sum, trace) => sum + countDuplicated(trace), 0),
    reordered: material.runs.reduce((sum, run) => sum + countReordered(run, startMs, endMs), 0),
    rtt: createDigest(rttNs),
    forwardQueueing: createDigest(queueing?.forward ?? []),
    reverseQueueing: createDigest(queueing?.reverse ?? []),
    jitterNs: rttNs.length < 2 ? null : computeJitter(timed),
    stamps: answered === 0 ? null : findWorstStamps(own),
    disturbed: material.disturbed,
    problem: lost + answered > 0 ? null : (material.problem ?? 'no test packet left the port'),
  };
}

/** TTL or hop limit that the replies of the period came with; null where it is unknown or not the same for all of them. */
export function findReplyTtl({ runs, startMs, lengthMs }: MinuteMaterial): number | null {
  const seen = new Set<number>();
  for (const trace of cutRuns(runs, startMs, startMs + lengthMs)) {
    for (const row of listAnsweredRows(trace)) seen.add(trace.replyTtl[row] ?? 0);
  }
  const [only] = seen;
  return seen.size === 1 && only !== undefined && only > 0 ? only : null;
}

/** By the planned instant, which every packet has. */
function cutRuns(runs: readonly WatchedRun[], fromMs: number, toMs: number): Trace[] {
  return runs.flatMap((run) => {
    const stretch = findRows(run, fromMs, toMs);
    return stretch.to > stretch.from ? [sliceTrace(run.trace, stretch)] : [];
  });
}

function findRows({ trace, startedMs }: WatchedRun, fromMs: number, toMs: number): Stretch {
  const isBefore = (limitMs: number) => (offsetNs: number) => startedMs + offsetNs / NS_PER_MS < limitMs;
  return {
    from: countWhile(trace.plannedOffsetNs, isBefore(fromMs)),
    to: countWhile(trace.plannedOffsetNs, isBefore(toMs)),
  };
}

function countWhile(ascending: Float64Array, holds: (value: number) => boolean): number {
  const first = ascending.findIndex((value) => !holds(value));
  return first < 0 ? ascending.length : first;
}

function countDuplicated(trace: Trace): number {
  return listAnsweredRows(trace).filter((row) => (trace.duplicates[row] ?? 0) > 0).length;
}

/** Of the whole run, so that a reply that falls behind one of the next minute counts. */
function countReordered(run: WatchedRun, fromMs: number, toMs: number): number {
  const { from, to } = findRows(run, fromMs, toMs);
  if (to <= from) return 0;
  return [...listReorderedRows(run.trace)].filter((row) => row >= from && row < to).length;
}

/** The running mean goes on from run to run; between the last reply of one and the first of the next it has no difference. */
function computeJitter(traces: readonly Trace[]): number {
  return traces.reduce((jitterNs, trace) => {
    const { rows, rttNs } = computeRoundTrips(trace);
    return computeRfc3550Jitter(trace, { rows, rttNs, fromNs: jitterNs });
  }, 0);
}

interface OneWayQueueing {
  readonly forward: Float64Array;
  readonly reverse: Float64Array;
}

/** Of the period's own packets, above the floors of the whole stretch; null where the far end does not stamp. */
function computeOneWayQueueing(own: readonly Trace[], whole: readonly Trace[]): OneWayQueueing | null {
  const sources = own[0]?.stamps;
  const sizeBytes = own[0]?.sizeBytes[0] ?? 0;
  if (sources?.far == null) return null;
  const alike = whole.filter(({ stamps }) => stamps.tx === sources.tx && stamps.rx === sources.rx);
  const samples = selectStamped(collectOneWaySamples(alike, sizeBytes));
  const count = selectStamped(collectOneWaySamples(own, sizeBytes)).sentNs.length;
  const { variationNs, sentNs } = computeOneWayVariation(samples);
  const { forward, reverse } = variationNs;
  if (count === 0 || forward === null || reverse === null) return null;
  // The period is the end of the stretch.
  const firstNs = samples.sentNs[samples.sentNs.length - count] ?? Infinity;
  const isOwn = (_: number, i: number): boolean => (sentNs[i] ?? 0) >= firstNs;
  return sentNs.some((atNs) => atNs >= firstNs)
    ? { forward: forward.filter(isOwn), reverse: reverse.filter(isOwn) }
    : null;
}

const FROM_BEST: readonly (StampSource | null)[] = ['hardware', 'kernel', 'user', null];

function findWorstStamps(traces: readonly Trace[]): StampSources | null {
  return traces.reduce<StampSources | null>((worst, { stamps }) => {
    if (worst === null) return stamps;
    const far = findWorse(worst.far, stamps.far);
    return { tx: findWorse(worst.tx, stamps.tx) ?? 'user', rx: findWorse(worst.rx, stamps.rx) ?? 'user', far };
  }, null);
}

function findWorse(one: StampSource | null, other: StampSource | null): StampSource | null {
  return FROM_BEST.indexOf(one) > FROM_BEST.indexOf(other) ? one : other;
}
