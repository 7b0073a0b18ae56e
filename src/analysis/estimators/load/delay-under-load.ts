// How much longer packets take while a load fills the path, and how many bytes of buffer that is. Which load was sent, and whether
// it was enough, is decided by the examination.
import type { DelayEstimate, Directional, LoadedDelay, OpenInterval } from '../../../model/estimates.js';
import type { Trace } from '../../../model/trace.js';
import { BITS_PER_BYTE, ETHERNET_HEADER_BYTES, NS_PER_SEC } from '../../../model/units.js';
import { computeMedian, computePercentile, sortAscending } from '../../statistics/quantile.js';
import { computeWilsonInterval } from '../../statistics/wilson-interval.js';
import {
  computeDelayDistribution,
  computeSteppedDistribution,
  computeSteppedQuantileInterval,
} from '../delay/delay-distribution.js';
import { computeFates } from '../packet-fate.js';
import { computeRoundTrips } from '../round-trip-times.js';

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
  /** In the order of sending, ns. */
  readonly samplesNs: Float64Array;
}

/** null without a sample. */
export function computeIdleDelay(traces: readonly Trace[]): IdleDelay | null {
  const samplesNs = Float64Array.from(traces.flatMap((trace) => Array.from(computeRoundTrips(trace).rttNs)));
  const distribution = computeDelayDistribution(samplesNs);
  return distribution && { distribution, p5Ns: computePercentile(sortAscending(samplesNs), 0.05), samplesNs };
}

export interface PassedLoad {
  readonly bitsPerSec: Directional<number>;
  /** Of the load through the queue that grew; its probes pass that beside it. */
  readonly queueBitsPerSec: number;
  /** A full queue is now one packet of the load longer, now shorter: differences up to this say nothing of its memory, ns. */
  readonly packetNs: number;
}

/**
 * 95th percentile under load less the 5th at rest, of the flow that fared worse; the buffer is that time at the rate of its queue.
 * null where no probe came back.
 */
export function estimateDelayUnderLoad(trace: Trace, idle: IdleDelay, load: PassedLoad): LoadedDelay | null {
  const own = selectProbes(trace, OWN_FLOW_BURST);
  const other = selectProbes(trace, OTHER_FLOW_BURST);
  const [ownFlow = null, otherFlow = null] = [own, other].map((probes) =>
    computeSteppedDistribution(
      probes.map(({ rttNs }) => rttNs),
      load.packetNs,
    ),
  );
  const worse = [ownFlow, otherFlow].reduce((a, b) => ((b?.p95Ns ?? 0) > (a?.p95Ns ?? 0) ? b : a));
  if (worse === null) return null;
  const increaseNs = Math.max(0, worse.p95Ns - idle.p5Ns);
  const probes = countProbes(trace);
  const bufferPerNs = (load.queueBitsPerSec + probes.passedBitsPerSec) / BITS_PER_BYTE / NS_PER_SEC;
  const increase = computeIncreaseInterval(worse, computeSteppedQuantileInterval(idle.samplesNs, 0.05, load.packetNs));
  return {
    loadBitsPerSec: load.bitsPerSec,
    ownFlow,
    otherFlow,
    increaseNs,
    bufferBytes: Math.round(increaseNs * bufferPerNs),
    roundTripsPerMinute: NS_PER_MINUTE / worse.p50Ns,
    lossRatio: probes.lost / Math.max(1, probes.sent),
    intervals: {
      increaseNs: increase,
      bufferBytes: {
        low: increase.low * bufferPerNs,
        high: increase.high === null ? null : increase.high * bufferPerNs,
      },
      roundTripsPerMinute: invert(worse.intervals.p50Ns),
      lossRatio: computeWilsonInterval(probes.lost, probes.sent),
    },
  };
}

/** Both percentiles at the ends that favour the load, and at those that do not. A delay is never below 0. */
function computeIncreaseInterval(
  { intervals }: DelayEstimate,
  p5Interval: OpenInterval,
): { readonly low: number; readonly high: number | null } {
  const { low, high } = intervals.p95Ns;
  return {
    low: p5Interval.high === null ? 0 : Math.max(0, (low ?? 0) - p5Interval.high),
    high: high === null ? null : Math.max(0, high - (p5Interval.low ?? 0)),
  };
}

/** From a round trip to round trips a minute. */
function invert({ low, high }: OpenInterval): OpenInterval {
  return { low: high === null ? null : NS_PER_MINUTE / high, high: low === null ? null : NS_PER_MINUTE / low };
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

interface ProbeCount {
  readonly sent: number;
  readonly lost: number;
  /** Bits of frames per second of those that came back. */
  readonly passedBitsPerSec: number;
}

function countProbes(trace: Trace): ProbeCount {
  const fromNs = computeJudgedFrom(trace);
  const rows = Array.from(trace.burst.keys()).filter(
    (row) => trace.burst[row] !== LOAD_BURST && (trace.plannedOffsetNs[row] ?? 0) >= fromNs,
  );
  const fates = computeFates(trace);
  const sent = rows.filter((row) => fates[row] !== 'excluded').length;
  const lost = rows.filter((row) => fates[row] === 'lost').length;
  const frameBytes = (trace.sizeBytes[rows[0] ?? 0] ?? 0) + ETHERNET_HEADER_BYTES;
  const spanNs = Math.max(1, (trace.plannedOffsetNs[trace.count - 1] ?? 0) - fromNs);
  return { sent, lost, passedBitsPerSec: ((sent - lost) * frameBytes * BITS_PER_BYTE * NS_PER_SEC) / spanNs };
}

function computeJudgedFrom({ plannedOffsetNs, count }: Trace): number {
  return (1 - JUDGED_SHARE) * (plannedOffsetNs[count - 1] ?? 0);
}
