// How bad a loss ratio of paced packets is, and the evidence that all losses share. Which fault it is, is decided elsewhere.
import type { Evidence, Finding, Severity } from '../../../model/report.js';
import type { Trace } from '../../../model/trace.js';
import { computeWilsonInterval } from '../../statistics/wilson-interval.js';
import { countLoss } from '../../estimators/loss/loss-ratio.js';
import { estimateLossRuns } from '../../estimators/loss/loss-runs.js';
import { estimateDirectionalLoss } from '../../estimators/loss/directional-loss.js';
import { computeFates } from '../../estimators/packet-fate.js';
import { findReleasedRows } from '../../estimators/load/released-answers.js';
import { formatPercent, LEAST_PACKETS } from '../observations.js';
import type { Observations } from '../observations.js';

/**
 * 0.1 %: the bound of IP packet loss in classes 0-4 of ITU-T Y.1541; below it TCP over 50 ms still reaches some 9 Mb/s a
 * connection (Mathis 1997: 1.22·MSS/(rtt·√p)) and voice is not hurt. A path below it is healthy.
 */
export const WARNING_RATIO = 0.001;
/** 2.5 %: G.711 voice loses 10 points of R (30·ln(1 + 15 e)), a whole class of user satisfaction; TCP falls below 2 Mb/s. */
const CRITICAL_RATIO = 0.025;

/** Of a loss fault that was found. */
export function judgeSeverity({ light }: Observations): Severity {
  const { sent, lost } = countPathLoss(light);
  return lost / Math.max(1, sent) >= CRITICAL_RATIO ? 'critical' : 'warning';
}

/** Whether packets sent one by one show more loss than a healthy path has: the 95 % interval is above it. */
export function isLossClear({ sent, lost }: LossCount): boolean {
  if (sent < LEAST_PACKETS) return false;
  return computeWilsonInterval(lost, sent).low > WARNING_RATIO;
}

/** Loss ratios that a path may have, evenly by logarithm: from none to tell to half of all packets. */
const RATIOS: readonly number[] = Array.from({ length: 61 }, (_, i) => 1e-5 * (0.5 / 1e-5) ** (i / 60));

/** Probability that the path loses more than a healthy one does, 0-1, by the packets sent one by one. */
export function computeFaultyChance({ sent, lost }: LossCount): number {
  const weights = RATIOS.map((ratio) => lost * Math.log(ratio) + (sent - lost) * Math.log1p(-ratio));
  const most = Math.max(...weights);
  const sumOf = (isIn: (ratio: number) => boolean): number =>
    weights.reduce((sum, log, i) => sum + (isIn(RATIOS[i] ?? 0) ? Math.exp(log - most) : 0), 0);
  return sumOf((ratio) => ratio > WARNING_RATIO) / sumOf(() => true);
}

export function describeLoss({ light }: Observations): Evidence[] {
  const { sent, lost } = countPathLoss(light);
  const ratio = lost / Math.max(1, sent);
  const evidence: Evidence[] = [
    {
      text: `${lost} of ${sent} packets sent one at a time were lost: ${formatPercent(ratio)}`,
      metric: 'loss.roundTrip',
      value: ratio,
      expected: 0,
    },
  ];
  const runs = estimateLossRuns(light);
  if (runs === null) return evidence;
  const atRandom = 1 / (1 - ratio);
  const text =
    `Losses come ${runs.meanLength.toFixed(2)} in a row on average, ${runs.maxLength} at most ` +
    `(at random it would be ${atRandom.toFixed(2)})`;
  return [...evidence, { text, metric: 'lossRuns.meanLength', value: runs.meanLength, expected: atRandom }];
}

/** The direction that loses at least three times the other's ratio, where the far end tells them apart. */
export function computeLossDirection({ light }: Observations): Finding['direction'] {
  const { forward, reverse } = estimateDirectionalLoss(light);
  if (forward === null || reverse === null) return 'unknown';
  if (forward.value > 3 * reverse.value) return 'forward';
  if (reverse.value > 3 * forward.value) return 'reverse';
  return 'both';
}

export interface LossCount {
  readonly sent: number;
  readonly lost: number;
}

/** Without what this machine itself lost, and without answers that a far end sent all at once: those were not sent one by one. */
export function countPathLoss(light: Observations['light']): LossCount {
  const { sent, lost, ownLoss } = countLoss(light);
  const released = light.reduce((sum, trace) => sum + countReleasedLosses(trace), 0);
  const others = Math.max(ownLoss, released);
  return { sent: sent - others, lost: lost - others };
}

function countReleasedLosses(trace: Trace): number {
  const released = findReleasedRows(trace);
  if (released.size === 0) return 0;
  return computeFates(trace).filter((fate, row) => fate === 'lost' && released.has(row)).length;
}
