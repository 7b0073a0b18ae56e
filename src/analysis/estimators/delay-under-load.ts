// How much longer packets take while a load fills the path, and how many bytes of buffer that is. Which load was sent, and whether
// it was enough, is decided by the examination.
import type { DelayEstimate, Directional, LoadedDelay } from '../../model/report.js';
import type { Trace } from '../../model/trace.js';
import { BITS_PER_BYTE, NS_PER_SEC } from '../../model/units.js';
import { computeMedian, computePercentile, sortAscending } from '../statistics/quantile.js';
import { computeDelayDistribution } from './delay-distribution.js';
import { computeFates } from './packet-fate.js';
import { computeRoundTrips } from './round-trip-times.js';

/** Bursts of the pattern `probed-load` (model/sequence.ts). */
export const LOAD_BURST = 0;
const OWN_FLOW_BURST = 1;
const OTHER_FLOW_BURST = 2;
/** Probes of the latter part of a run are judged: by then the queue should be as long as it gets. */
const JUDGED_SHARE = 0.5;
const NS_PER_MINUTE = 60 * NS_PER_SEC;

interface ProbeSample {
  /** When it was to leave, ns after the start of the run. */
  readonly plannedNs: number;
  readonly rttNs: number;
}

export interface IdleDelay {
  readonly distribution: DelayEstimate;
  readonly p5Ns: number;
}

/** null without a sample. */
export function computeIdleDelay(traces: readonly Trace[]): IdleDelay | null {
  const samples = traces.flatMap((trace) => Array.from(computeRoundTrips(trace).rttNs));
  const distribution = computeDelayDistribution(samples);
  return distribution && { distribution, p5Ns: computePercentile(sortAscending(samples), 0.05) };
}

export interface PassedLoad {
  readonly bitsPerSec: Directional<number>;
  /** Through the queue that grew. */
  readonly queueBitsPerSec: number;
}

/**
 * 95th percentile under load less the 5th at rest, of the flow that fared worse; the buffer is that time at the rate of its queue.
 * null where no probe came back.
 */
export function estimateDelayUnderLoad(trace: Trace, idle: IdleDelay, load: PassedLoad): LoadedDelay | null {
  const own = selectProbes(trace, OWN_FLOW_BURST);
  const other = selectProbes(trace, OTHER_FLOW_BURST);
  const ownFlow = computeDelayDistribution(own.map(({ rttNs }) => rttNs));
  const otherFlow = computeDelayDistribution(other.map(({ rttNs }) => rttNs));
  const worse = [ownFlow, otherFlow].reduce((a, b) => ((b?.p95Ns ?? 0) > (a?.p95Ns ?? 0) ? b : a));
  if (worse === null) return null;
  const increaseNs = Math.max(0, worse.p95Ns - idle.p5Ns);
  return {
    loadBitsPerSec: load.bitsPerSec,
    ownFlow,
    otherFlow,
    increaseNs,
    bufferBytes: Math.round((increaseNs * load.queueBitsPerSec) / BITS_PER_BYTE / NS_PER_SEC),
    roundTripsPerMinute: NS_PER_MINUTE / worse.p50Ns,
    lossRatio: computeProbeLoss(trace),
  };
}

/** Growth of the own flow's delay in the last part of the run as a share of the time that passed; about 0 where the queue is full. */
export function computeDelayGrowth(trace: Trace): number {
  const probes = selectProbes(trace, OWN_FLOW_BURST);
  const half = probes.length >> 1;
  if (half < 3) return Number.NaN;
  const [early, late] = [probes.slice(0, half), probes.slice(half)].map((part) => ({
    atNs: computeMedian(part.map(({ plannedNs }) => plannedNs)),
    rttNs: computeMedian(part.map(({ rttNs }) => rttNs)),
  }));
  return early && late ? (late.rttNs - early.rttNs) / (late.atNs - early.atNs) : Number.NaN;
}

/**
 * 95th percentile of the time by which the judged probes left later than planned: a queue of this machine, or its processor. No round
 * trip holds it, as T1 is taken where a packet leaves. ns; 0 without stamps.
 */
export function computeOwnWait(trace: Trace): number {
  const fromNs = computeJudgedFrom(trace);
  const firstNs = trace.txOffsetNs[0] ?? Number.NaN;
  const lateNs = trace.txOffsetNs
    .map((txNs, row) => txNs - firstNs - (trace.plannedOffsetNs[row] ?? 0))
    .filter((ns, row) => (trace.plannedOffsetNs[row] ?? 0) >= fromNs && Number.isFinite(ns));
  return lateNs.length === 0 ? 0 : Math.max(0, computePercentile(sortAscending(lateNs), 0.95));
}

function selectProbes(trace: Trace, burst: number): ProbeSample[] {
  const fromNs = computeJudgedFrom(trace);
  const { rows, rttNs } = computeRoundTrips(trace);
  return rows.flatMap((row, i) => {
    const plannedNs = trace.plannedOffsetNs[row] ?? 0;
    return trace.burst[row] === burst && plannedNs >= fromNs ? [{ plannedNs, rttNs: rttNs[i] ?? 0 }] : [];
  });
}

function computeProbeLoss(trace: Trace): number {
  const fromNs = computeJudgedFrom(trace);
  const fates = computeFates(trace).filter(
    (_, row) => trace.burst[row] !== LOAD_BURST && (trace.plannedOffsetNs[row] ?? 0) >= fromNs,
  );
  const sent = fates.filter((fate) => fate !== 'excluded').length;
  return fates.filter((fate) => fate === 'lost').length / Math.max(1, sent);
}

function computeJudgedFrom({ plannedOffsetNs, count }: Trace): number {
  return (1 - JUDGED_SHARE) * (plannedOffsetNs[count - 1] ?? 0);
}
