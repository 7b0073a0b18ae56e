// The probe, not the path, is what the figures show: replies it dropped itself, stamps it did not get, a clock that jumped.
import type { Trace } from '../../model/trace.js';
import { TRACE_FLAG } from '../../model/trace.js';
import { formatFigure, RATE } from '../../model/figures.js';
import type { PathDescription } from '../../model/path.js';
import type { Evidence } from '../../model/report.js';
import { BITS_PER_BYTE, ETHERNET_HEADER_BYTES, NS_PER_SEC } from '../../model/units.js';
import { countLoss } from '../estimators/loss/loss-ratio.js';
import { computeRoundTrips } from '../estimators/round-trip-times.js';
import { formatCount, formatPercent } from './observations.js';
import type { Judgement, Observations } from './observations.js';

/** Below this share a defect of the probe does not move any figure that is reported. */
export const TOLERABLE_SHARE = 0.05;
/** A machine that fills its port leaves only the gaps between frames empty; the rest is for virtual ports that name any speed. */
const SLOW_SHARE = 0.5;
const SAME_PACE = 0.95;
const LEAST_TRAIN = 15;

export function judgeProbeLimited({ light, all, byPhase, path }: Observations): Judgement | null {
  const evidence = [
    ...describeOwnLoss(light),
    ...describeStamps(light),
    ...describeUnsent(all),
    ...describeSlowSending([...byPhase.rate, ...byPhase.capacity], path),
    ...describeFullRing(Object.values(byPhase).flat()),
  ];
  if (evidence.length === 0) return null;
  const probability = 0.9;
  return {
    condition: 'probe-limited',
    probability,
    finding: {
      condition: 'probe-limited',
      probability,
      severity: 'info',
      where: { kind: 'probe' },
      direction: 'unknown',
      evidence,
      advice: 'Take other load off this machine, or use a port and driver that stamp packets, and run this again.',
    },
  };
}

function describeOwnLoss(light: readonly Trace[]): Evidence[] {
  const { lost, ownLoss } = countLoss(light);
  if (ownLoss === 0 || ownLoss < TOLERABLE_SHARE * lost) return [];
  const text = `${ownLoss} of ${lost} missing replies may have been dropped by this machine's own receiver`;
  return [{ text, metric: 'receiveOverflows', value: ownLoss, expected: 0 }];
}

function describeStamps(light: readonly Trace[]): Evidence[] {
  const trips = light.map(computeRoundTrips);
  const unusable = trips.reduce((sum, { unusable: count }) => sum + count, 0);
  const answered = trips.reduce((sum, { rows }) => sum + rows.length, unusable);
  if (answered === 0 || unusable <= TOLERABLE_SHARE * answered) return [];
  const share = unusable / answered;
  const text = `${formatPercent(share)} of the replies have no usable pair of stamps`;
  return [{ text, metric: 'stamps.unusable', value: share, expected: 0 }];
}

/** Packets the local queue refused; inside a train that is the load's own doing, so only light traces would count fully. */
function describeUnsent(all: readonly Trace[]): Evidence[] {
  const light = all.filter((trace) => !trace.sequenceId.startsWith('train'));
  const rows = light.reduce((sum, trace) => sum + trace.count, 0);
  const refused = light.reduce(
    (sum, trace) => sum + trace.flags.filter((flags) => (flags & TRACE_FLAG.localDrop) !== 0).length,
    0,
  );
  if (rows === 0 || refused <= TOLERABLE_SHARE * rows) return [];
  const text = `${refused} of ${rows} packets were refused by this machine's own send queue`;
  return [{ text, metric: 'localDrops', value: refused, expected: 0 }];
}

/** A train back to back that left much slower than the port could, and came as fast as it left: no link of the path was filled. */
function describeSlowSending(trains: readonly Trace[], { port }: PathDescription): Evidence[] {
  const speed = port.speedBitsPerSec;
  if (speed === null) return [];
  const paces = trains.flatMap((trace) => {
    const left = computePace(trace, trace.txOffsetNs);
    const came = computePace(trace, trace.rxOffsetNs);
    return left !== null && came !== null && came > SAME_PACE * left ? [left] : [];
  });
  const fastest = Math.max(...paces);
  if (paces.length === 0 || fastest > SLOW_SHARE * speed) return [];
  const text =
    `Packets back to back left at ${formatFigure(fastest, RATE)} from a port of ${formatFigure(speed, RATE)}, and came as fast as ` +
    'they left';
  return [{ text, metric: 'send.bitsPerSec', value: Math.round(fastest), expected: speed }];
}

/** Of trains without gaps, bits of frames per second; null for others. */
function computePace(trace: Trace, offsetNs: Float64Array): number | null {
  const planned = trace.plannedOffsetNs;
  const last = trace.count - 1;
  if (trace.count < LEAST_TRAIN || planned[last] !== planned[0]) return null;
  const spanNs = (offsetNs[last] ?? Number.NaN) - (offsetNs[0] ?? Number.NaN);
  const bits = last * ((trace.sizeBytes[0] ?? 0) + ETHERNET_HEADER_BYTES) * BITS_PER_BYTE;
  return spanNs > 0 ? (bits * NS_PER_SEC) / spanNs : null;
}

/** Frames that the NIC had no room for: lost here, whatever the path did. */
function describeFullRing(traces: readonly Trace[]): Evidence[] {
  const count = traces.reduce(
    (sum, { portErrors }) =>
      sum + Math.max(0, portErrors?.receiveOverruns ?? 0) + Math.max(0, portErrors?.receiveMissed ?? 0),
    0,
  );
  if (count === 0) return [];
  const text = `The port had no room for ${formatCount(count, 'frame')} that came in during the test`;
  return [{ text, metric: 'portErrors.receiveMissed', value: count, expected: 0 }];
}
