// From the traces of a calibration to what the port can do. A figure that the path may have limited is the least it can do.
import type { PortAbilities } from '../../model/path.js';
import type { Trace } from '../../model/trace.js';
import { BITS_PER_BYTE, ETHERNET_HEADER_BYTES, NS_PER_SEC, NS_PER_US } from '../../model/units.js';
import { computeRoundTrips } from '../estimators/round-trip-times.js';
import { computeMedian, computePercentile, sortAscending } from '../statistics/quantile.js';
import { BATCH_GAP_NS } from './calibration-plan.js';
import type { CalibrationPart } from './calibration-plan.js';

export type MeasuredAbilities = Omit<PortAbilities, 'measuredAt'>;

/** Distance of the 10th percentile of a normal distribution from its median, in standard deviations. */
const Z_10 = 1.2816;
/** Gaps that short were made by an interrupt, not by the path (pathload: 60 % of them show batching). */
const BATCHED_GAP_NS = 7 * NS_PER_US;
const BATCHED_SHARE = 0.6;
/** The first and last tenth of a flood are its start and its end. */
const STEADY = { from: 0.1, to: 0.9 };

/** null where too little came back to tell. */
export function estimatePortAbilities(traces: Readonly<Record<CalibrationPart, Trace>>): MeasuredAbilities | null {
  const noiseNs = estimateStampNoise(traces.noise);
  const small = readFlood(traces['flood-small']);
  const large = readFlood(traces['flood-large']);
  if (noiseNs === null || small === null || large === null) return null;
  return {
    stampNoiseNs: noiseNs,
    sendPacketsPerSec: small.sentPerSec,
    sendBitsPerSec: large.sentPerSec * large.frameBits,
    receivePacketsPerSec: small.receivedPerSec,
    receiveBitsPerSec: large.receivedPerSec * large.frameBits,
    coalescingNs: estimateCoalescing(traces.batches),
  };
}

/**
 * σ of one stamp, ns. The lower half of the round trips is used: queues and stalls only ever add time. Two stamps make a round
 * trip, hence the root of two.
 */
function estimateStampNoise(trace: Trace): number | null {
  const { rttNs } = computeRoundTrips(trace);
  if (rttNs.length < 50) return null;
  const ascending = sortAscending(rttNs);
  return Math.max(1, (computePercentile(ascending, 0.5) - computePercentile(ascending, 0.1)) / Z_10 / Math.SQRT2);
}

interface Flood {
  readonly sentPerSec: number;
  readonly receivedPerSec: number;
  readonly frameBits: number;
}

function readFlood(trace: Trace): Flood | null {
  const sentPerSec = computeSteadyRate(trace.txOffsetNs);
  const receivedPerSec = computeSteadyRate(trace.rxOffsetNs);
  if (sentPerSec === null || receivedPerSec === null) return null;
  const frameBits = ((trace.sizeBytes[0] ?? 0) + ETHERNET_HEADER_BYTES) * BITS_PER_BYTE;
  return { sentPerSec, receivedPerSec, frameBits };
}

/** Events a second between the first and the last tenth; null with too few of them. */
function computeSteadyRate(offsetsNs: Float64Array): number | null {
  const ascending = sortAscending(offsetsNs.filter(Number.isFinite));
  const from = Math.floor(ascending.length * STEADY.from);
  const to = Math.floor(ascending.length * STEADY.to);
  const spanNs = (ascending[to] ?? 0) - (ascending[from] ?? 0);
  return to - from >= 20 && spanNs > 0 ? ((to - from) * NS_PER_SEC) / spanNs : null;
}

/** Time between interrupts where most replies share one, else 0. */
function estimateCoalescing(trace: Trace): number {
  const gapsNs: number[] = [];
  for (let row = 1; row < trace.count; row += 1) {
    const gapNs = (trace.rxOffsetNs[row] ?? NaN) - (trace.rxOffsetNs[row - 1] ?? NaN);
    if (trace.burst[row] === trace.burst[row - 1] && Number.isFinite(gapNs)) gapsNs.push(Math.abs(gapNs));
  }
  const short = gapsNs.filter((gap) => gap <= BATCHED_GAP_NS);
  if (short.length <= BATCHED_SHARE * gapsNs.length) return 0;
  const between = gapsNs.filter((gap) => gap > BATCHED_GAP_NS);
  return between.length > 0 ? computeMedian(between) : BATCH_GAP_NS;
}
