// Packets vanish in runs: a queue that overflows now and then, a link that drops out, a route that flaps, interference.
import { computeLossDirection, computeLossOnPath, describeLoss } from './loss-severity.js';
import type { Judgement, Observations } from './observations.js';

export function judgeBurstyLoss(observations: Observations): Judgement | null {
  const loss = computeLossOnPath(observations);
  if (loss === null) return null;
  const probability = loss.faultProbability * (loss.model?.burstyProbability ?? 0.5);
  if (loss.severity === null) return { condition: 'bursty-loss', probability, finding: null };
  return {
    condition: 'bursty-loss',
    probability,
    finding: {
      condition: 'bursty-loss',
      probability,
      severity: loss.severity,
      where: { kind: 'path' },
      direction: computeLossDirection(observations),
      evidence: describeLoss(loss, observations),
      advice:
        'Look for what comes and goes: traffic peaks that fill a queue, a link that flaps in the logs of the switches, ' +
        'radio interference. Run this again at a quiet hour: if the loss is gone, the path is too small for its traffic.',
    },
  };
}
