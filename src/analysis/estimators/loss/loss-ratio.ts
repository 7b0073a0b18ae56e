// How much is lost: ratio and interval over paced packets (RFC 7680). Loss inside our own bursts is not judged here.
import type { Estimate } from '../../../model/estimates.js';
import type { Trace } from '../../../model/trace.js';
import { computeWilsonInterval } from '../../statistics/wilson-interval.js';
import { computeRunEffect, countTransitions } from './loss-runs.js';
import { computeFates } from '../packet-fate.js';
import { judgeSampleCount } from '../ratio.js';

export interface LossCount {
  readonly sent: number;
  readonly lost: number;
  /** Of the lost, at most this many were dropped by the probe's own receiver. */
  readonly ownLoss: number;
}

export function countLoss(traces: readonly Trace[]): LossCount {
  let sent = 0;
  let lost = 0;
  let ownLoss = 0;
  for (const trace of traces) {
    let lostHere = 0;
    for (const fate of computeFates(trace)) {
      if (fate !== 'excluded') sent += 1;
      if (fate === 'lost') lostHere += 1;
    }
    lost += lostHere;
    ownLoss += Math.min(lostHere, Math.max(0, Math.floor(trace.receiveOverflows) || 0));
  }
  return { sent, lost, ownLoss };
}

/**
 * Ratio lost/sent with Wilson's interval, widened where losses come in runs; null when nothing was sent. Where the probe's
 * receiver overflowed, its own share is taken out of the value and of the lower bound, and left in the upper bound.
 */
export function estimateLossRatio(traces: readonly Trace[]): Estimate | null {
  const { sent, lost, ownLoss } = countLoss(traces);
  if (sent === 0) return null;
  const pathSent = Math.max(1, sent - ownLoss);
  const pathLost = lost - ownLoss;
  const effect = computeRunEffect(countTransitions(traces));
  const low = computeWilsonInterval(pathLost / effect, pathSent / effect).low;
  const high = computeWilsonInterval(lost / effect, sent / effect).high;
  return {
    value: pathLost / pathSent,
    low,
    high,
    method: 'paced packets without a reply, Wilson interval (RFC 7680), runs of losses counted as such',
    samples: sent,
    ...(ownLoss > 0 ? { quality: 'poor', limitedBy: 'probe' } : judgeSampleCount(sent / effect)),
  };
}
