// Packets vanish one by one, without memory: noise on a line or a radio, a bad plug, a light queue that overflows.
import { computeLossDirection, computeLossOnPath, describeLoss } from './loss-severity.js';
import type { Judgement, Observations } from './observations.js';

export function judgeRandomLoss(observations: Observations): Judgement | null {
  const loss = computeLossOnPath(observations);
  if (loss === null) return null;
  const probability = loss.faultProbability * (1 - (loss.model?.burstyProbability ?? 0.5));
  if (loss.severity === null) return { condition: 'random-loss', probability, finding: null };
  return {
    condition: 'random-loss',
    probability,
    finding: {
      condition: 'random-loss',
      probability,
      severity: loss.severity,
      where: { kind: 'path' },
      direction: computeLossDirection(observations),
      evidence: describeLoss(loss, observations),
      advice:
        'Look for errors counted on the ports along the path (cable, plug, optics, radio signal); replace the cable next to ' +
        'the port that counts them. Then run this again: expected loss 0.',
    },
  };
}
