// Do losses come one by one or in bursts? Bernoulli against Gilbert, by the marginal likelihood of the transitions seen.
import { computeLogBeta } from '../statistics/log-beta.js';
import type { LossTransitions } from './loss-runs.js';

export interface LossModel {
  /** Gilbert's p: probability that a loss follows an answered packet. */
  readonly enterRatio: number;
  /** Gilbert's r: probability that an answered packet follows a loss; its inverse is the mean run. */
  readonly leaveRatio: number;
  /** Posterior probability of the Gilbert chain, both being equally likely before. */
  readonly burstyProbability: number;
}

/**
 * Prior of r under "bursty": mean 0.4, a mean run of 2.5 packets. Under "random" r is 1 − p and has no prior of its own.
 */
const LEAVE_PRIOR = { successes: 2, failures: 3 };

/**
 * Both hypotheses integrate over their parameters with conjugate Beta priors (uniform for p), so the one with more parameters is
 * not favoured. null without a transition out of a loss: the structure is then unseen.
 */
export function estimateLossModel(transitions: LossTransitions): LossModel | null {
  const { answeredToAnswered: n00, answeredToLost: n01, lostToAnswered: n10, lostToLost: n11 } = transitions;
  if (n10 + n11 === 0) return null;
  const logRandom = computeLogBeta(1 + n01 + n11, 1 + n00 + n10) - computeLogBeta(1, 1);
  const logBursty =
    computeLogBeta(1 + n01, 1 + n00) -
    computeLogBeta(1, 1) +
    computeLogBeta(LEAVE_PRIOR.successes + n10, LEAVE_PRIOR.failures + n11) -
    computeLogBeta(LEAVE_PRIOR.successes, LEAVE_PRIOR.failures);
  return {
    enterRatio: n00 + n01 > 0 ? n01 / (n00 + n01) : 1,
    leaveRatio: n10 / (n10 + n11),
    burstyProbability: 1 / (1 + Math.exp(logRandom - logBursty)),
  };
}
