// Each packet is lost by itself, with one probability for all: a bad radio link, a faulty port, a policer of somebody else's making.
import { describeLoss, judgeSeverity } from './loss-severity.js';
import { FAULTY_RATIOS, listWays } from './weighing/loss-grid.js';
import type { LoadHypothesis } from './load-hypothesis.js';
import { LEG } from './rows/load-rows.js';

export const RANDOM_LOSS: LoadHypothesis = {
  condition: 'random-loss',
  family: 'scattered',
  needs: 'paced',
  prior: 0.05,
  partition: ({ rows }) => {
    const ways = listWays(rows);
    const readings = ways.flatMap(({ direction, ratioOn }) =>
      FAULTY_RATIOS.map((ratio) => ({
        lossRatios: [LEG.round, LEG.forward, LEG.reverse].map((leg) => ratioOn(leg, ratio)),
        logWeight: -Math.log(FAULTY_RATIOS.length * ways.length),
        direction,
        parameters: { ratio },
      })),
    );
    return [{ classOf: rows.leg, classes: 3, firmness: Infinity, readings }];
  },
  expectLoss: ({ ratio = 0 }) => ratio,
  describe: ({ evidence: { observations } }) => ({
    severity: judgeSeverity(observations),
    where: { kind: 'path' },
    evidence: describeLoss(observations),
    advice:
      'Look for what damages single packets whatever their size: a radio link at its limit, a worn connector, a port or card that ' +
      'is about to fail. The error counters of the ports along the path tell which link it is; a test to each hop in turn tells ' +
      'from where on packets are missing.',
  }),
};
