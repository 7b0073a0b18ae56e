// None of the known faults: each sequence of packets has a loss ratio of its own, and nothing says why. Wins only where no other
// hypothesis predicts what was seen better than that.
import { describeLoss, judgeSeverity } from './loss-severity.js';
import type { LoadHypothesis } from './load-hypothesis.js';

const MOST_CLASSES = 60;

export const UNEXPLAINED: LoadHypothesis = {
  condition: 'unknown',
  family: 'alone',
  needs: 'paced',
  prior: 0.02,
  partition: ({ rows }) => [
    {
      classOf: rows.trace.reduce((classes, trace, i) => {
        classes[i] = Math.min(MOST_CLASSES - 1, trace);
        return classes;
      }, new Uint8Array(rows.count)),
      classes: MOST_CLASSES,
      firmness: 1,
      readings: [
        {
          lossRatios: Array.from({ length: MOST_CLASSES }, () => 0.5),
          logWeight: 0,
          direction: 'unknown',
          parameters: {},
        },
      ],
    },
  ],
  expectLoss: () => 0.1,
  describe: ({ evidence: { observations } }) => ({
    severity: judgeSeverity(observations),
    where: { kind: 'path' },
    evidence: describeLoss(observations),
    advice:
      'The losses fit none of the faults that this program knows. Test hop by hop to see from where on packets are missing, and look at the ' +
      'counters of the devices there.',
  }),
};
