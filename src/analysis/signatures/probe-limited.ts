// The probe, not the path, is what the figures show: replies it dropped itself, stamps it did not get, a clock that jumped.
import type { Trace } from '../../model/trace.js';
import { TRACE_FLAG } from '../../model/trace.js';
import type { Evidence } from '../../model/report.js';
import { countLoss } from '../estimators/loss-ratio.js';
import { computeRoundTrips } from '../estimators/round-trip-times.js';
import { formatPercent } from './observations.js';
import type { Judgement, Observations } from './observations.js';

/** Below this share a defect of the probe does not move any figure that is reported. */
export const TOLERABLE_SHARE = 0.05;

export function judgeProbeLimited({ light, all }: Observations): Judgement | null {
  const evidence = [...describeOwnLoss(light), ...describeStamps(light), ...describeUnsent(all)];
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
