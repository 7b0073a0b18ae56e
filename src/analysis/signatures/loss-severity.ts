// How bad a loss ratio is, and what random and bursty loss have in common. Which of the two it is, is decided elsewhere.
import type { Evidence, Finding, Severity } from '../../model/report.js';
import { computeBetaCdf } from '../statistics/log-beta.js';
import { computeWilsonInterval } from '../statistics/wilson-interval.js';
import { countLoss } from '../estimators/loss-ratio.js';
import { countTransitions, estimateLossRuns } from '../estimators/loss-runs.js';
import { estimateLossModel } from '../estimators/loss-model.js';
import type { LossModel } from '../estimators/loss-model.js';
import { estimateDirectionalLoss } from '../estimators/directional-loss.js';
import { formatPercent, LEAST_PACKETS } from './observations.js';
import type { Observations } from './observations.js';

/**
 * 0.1 %: the bound of IP packet loss in classes 0-4 of ITU-T Y.1541; below it TCP over 50 ms still reaches some 9 Mb/s a
 * connection (Mathis 1997: 1.22·MSS/(rtt·√p)) and voice is not hurt. A path below it is healthy.
 */
export const WARNING_RATIO = 0.001;
/** 2.5 %: G.711 voice loses 10 points of R (30·ln(1 + 15 e)), a whole class of user satisfaction; TCP falls below 2 Mb/s. */
export const CRITICAL_RATIO = 0.025;

export interface LossOnPath {
  readonly sent: number;
  readonly lost: number;
  readonly ratio: number;
  /** Posterior probability that more than WARNING_RATIO is lost, Jeffreys prior. */
  readonly faultProbability: number;
  /** null where the interval still holds a healthy path, or stands on too few packets. */
  readonly severity: Severity | null;
  /** null where the losses seen say nothing of their structure. */
  readonly model: LossModel | null;
}

/** null where nothing, or everything, is lost: neither is a matter of structure. Losses of our own receiver are left out. */
export function computeLossOnPath({ light }: Observations): LossOnPath | null {
  const count = countLoss(light);
  const lost = count.lost - count.ownLoss;
  const sent = count.sent - count.ownLoss;
  if (lost <= 0 || count.lost === count.sent) return null;
  const { low } = computeWilsonInterval(lost, sent);
  const ratio = lost / sent;
  return {
    sent,
    lost,
    ratio,
    faultProbability: 1 - computeBetaCdf(WARNING_RATIO, lost + 0.5, sent - lost + 0.5),
    severity: computeSeverity({ ratio, low, sent }),
    model: estimateLossModel(countTransitions(light)),
  };
}

function computeSeverity({ ratio, low, sent }: { ratio: number; low: number; sent: number }): Severity | null {
  if (sent < LEAST_PACKETS || low <= WARNING_RATIO) return null;
  return ratio >= CRITICAL_RATIO ? 'critical' : 'warning';
}

export function describeLoss(loss: LossOnPath, { light }: Observations): Evidence[] {
  const evidence: Evidence[] = [
    {
      text: `${loss.lost} of ${loss.sent} packets sent one at a time were lost: ${formatPercent(loss.ratio)}`,
      metric: 'loss.roundTrip',
      value: loss.ratio,
      expected: 0,
    },
  ];
  const runs = estimateLossRuns(light);
  if (runs === null) return evidence;
  const atRandom = 1 / (1 - loss.ratio);
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
