// The far end takes long to answer. By its own stamps: that time is left out of the round trip, but a person who pings it sees it. Of an echo
// by answers that stop now and then, while no queue of others explains it.
import { formatFigure, TIME } from '../../model/figures.js';
import { TRACE_FLAG } from '../../model/trace.js';
import type { Evidence, Finding } from '../../model/report.js';
import type { Trace } from '../../model/trace.js';
import { BITS_PER_BYTE, ETHERNET_HEADER_BYTES, NS_PER_SEC } from '../../model/units.js';
import { listAnsweredRows } from '../estimators/packet-fate.js';
import { hasUsableStamps } from '../estimators/round-trip-times.js';
import { computePercentile, sortAscending } from '../statistics/quantile.js';
import { computeWilsonInterval } from '../statistics/wilson-interval.js';
import { formatPercent } from './observations.js';
import type { Judgement, Observations } from './observations.js';
import { weighStalls } from './stall-odds.js';
import type { Stalls } from './stall-odds.js';

/** A reflector takes microseconds, a busy host a millisecond now and then. */
const SLOW_NS = 2e6;
const LEAST_SAMPLES = 20;
/** Its stamps say so themselves; what they may hide is a clock that jumps. */
const PROBABILITY = 0.95;
/** Of answers that take so long: any host is busy with something else now and then. */
const RARE_RATIO = 0.005;

export function judgeSlowTarget(observations: Observations): Judgement | null {
  return observations.path.stamps.far === null ? judgeEcho(observations) : judgeStamps(observations);
}

/** Hosts that stop for milliseconds, against all else that makes single packets late. */
const LOG_PRIOR_ODDS = Math.log(0.1);
const LEAST_TOLD = 0.05;
const LEAST_PROBABILITY = 0.6;
const FULL_FRAME_BYTES = 1514;

function judgeEcho({ byPhase, path, estimates }: Observations): Judgement | null {
  const trips = [...byPhase.delay, ...byPhase.sizes, ...byPhase.look].flatMap(listRoundTrips);
  const leastNs = new Map<number, number>();
  for (const { sizeBytes, rttNs } of trips) leastNs.set(sizeBytes, Math.min(rttNs, leastNs.get(sizeBytes) ?? Infinity));
  const packetNs = listPacketNs(estimates);
  const slowestNs = Math.max(...packetNs);
  const packets = trips.map(({ sizeBytes, rttNs, leftNs }) => {
    const least = leastNs.get(sizeBytes) ?? NaN;
    const ownNs = (slowestNs * (sizeBytes + ETHERNET_HEADER_BYTES)) / FULL_FRAME_BYTES;
    return { leftNs, leastNs: least, waitNs: rttNs - least, ownNs };
  });
  const stalls = weighStalls(packets, packetNs);
  if (stalls === null) return null;
  const probability = 1 / (1 + Math.exp(-LOG_PRIOR_ODDS - stalls.logOdds));
  if (probability < LEAST_TOLD) return null;
  const finding = probability < LEAST_PROBABILITY ? null : describeStalls(stalls, probability, path.target.address);
  return { condition: 'slow-target', probability, finding };
}

interface RoundTrip {
  readonly sizeBytes: number;
  readonly rttNs: number;
  readonly leftNs: number;
}

/** In the order of sending; traces follow each other by more than any wait. */
function listRoundTrips(trace: Trace): readonly RoundTrip[] {
  if (!hasUsableStamps(trace)) return [];
  const rows = listAnsweredRows(trace).filter((row) => Number.isFinite(trace.rxOffsetNs[row]));
  return rows.map((row) => ({
    sizeBytes: trace.sizeBytes[row] ?? 0,
    rttNs: (trace.rxOffsetNs[row] ?? NaN) - (trace.txOffsetNs[row] ?? NaN),
    leftNs: Number(trace.baseNs) + (trace.txOffsetNs[row] ?? NaN),
  }));
}

/**
 * What a full packet of others may take on the narrow link, ns: by what a packet's size costs, and by what trains bring through, which is more behind
 * a bucket, as only what finds no tokens waits for that long. Of a link not measured, a slow one's.
 */
function listPacketNs({ capacity, serialisation }: Observations['estimates']): readonly number[] {
  const bySlope = (serialisation?.value ?? 0) * FULL_FRAME_BYTES;
  const byRate =
    capacity.forward === null ? 0 : (FULL_FRAME_BYTES * BITS_PER_BYTE * NS_PER_SEC) / capacity.forward.value;
  const known = [bySlope / 2, byRate].filter((ns) => ns > 0);
  return known.length > 0 ? known : [SLOW_PACKET_NS];
}

const SLOW_PACKET_NS = 6e6;

function describeStalls(stalls: Stalls, probability: number, address: string): Finding {
  const { share, medianNs, longestNs, count } = stalls;
  return {
    condition: 'slow-target',
    probability,
    severity: 'info',
    where: { kind: 'target', address },
    direction: 'unknown',
    evidence: [
      {
        text:
          `${formatPercent(share)} of the answers stopped for ${formatFigure(medianNs, TIME)} (median of ${count}) and more, ` +
          `${formatFigure(longestNs, TIME)} at most, one independently of the other; the rest came at once`,
        metric: 'target.stallP50Ns',
        value: medianNs,
        expected: 0,
      },
    ],
    advice:
      'Look at the load and at the power saving of the target, or test against another one behind the same path: its delay must be that of ' +
      'the path alone. A device on the way that stops would look the same.',
  };
}

function judgeStamps({ light, path }: Observations): Judgement | null {
  const times = sortAscending(light.flatMap(listResidences));
  if (times.length < LEAST_SAMPLES) return null;
  const medianNs = computePercentile(times, 0.5);
  if (medianNs >= SLOW_NS) return describeResidence(path.target.address, describeUsual(medianNs));
  const slow = times.filter((ns) => ns >= SLOW_NS);
  const isOften = computeWilsonInterval(slow.length, times.length).low > RARE_RATIO;
  return isOften ? describeResidence(path.target.address, describeSometimes(slow, times.length)) : null;
}

function describeUsual(medianNs: number): Evidence {
  return {
    text: `By its own stamps the target takes ${formatFigure(medianNs, TIME)} to answer (median), which is no delay of the path`,
    metric: 'target.residenceP50Ns',
    value: medianNs,
    expected: 0,
  };
}

/** `slow` ascending, not empty. */
function describeSometimes(slow: Float64Array, answers: number): Evidence {
  const longestNs = slow.at(-1) ?? 0;
  return {
    text:
      `By its own stamps the target took ${formatFigure(SLOW_NS, TIME)} and more over ${slow.length} of ${answers} answers, ` +
      `${formatFigure(longestNs, TIME)} at most, which is no delay of the path`,
    metric: 'target.residenceMaxNs',
    value: longestNs,
    expected: 0,
  };
}

function describeResidence(address: string, evidence: Evidence): Judgement {
  const finding: Finding = {
    condition: 'slow-target',
    probability: PROBABILITY,
    severity: 'info',
    where: { kind: 'target', address },
    direction: 'unknown',
    evidence: [evidence],
    advice:
      'Look at the load of the target, or test against another one behind the same path: its delay must be that of the path alone.',
  };
  return { condition: 'slow-target', probability: PROBABILITY, finding };
}

/** T3 − T2 of each answered row that has both, ns. */
function listResidences(trace: Trace): number[] {
  return Array.from(trace.farTxOffsetNs, (sentNs, row) => sentNs - (trace.farRxOffsetNs[row] ?? NaN)).filter(
    (ns, row) => ((trace.flags[row] ?? 0) & TRACE_FLAG.farStamps) !== 0 && Number.isFinite(ns),
  );
}
