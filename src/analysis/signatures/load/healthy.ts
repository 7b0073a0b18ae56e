// Nothing is wrong: fewer than one packet in a thousand is lost, whatever it is. What our own trains make a queue drop is
// no fault, and is added to every hypothesis alike.
import { buildGrid } from './weighing/loss-grid.js';
import type { LoadHypothesis } from './load-hypothesis.js';
import { LEG } from './rows/load-rows.js';

const RATIOS = buildGrid(2e-6, 7e-4);

export const HEALTHY: LoadHypothesis = {
  condition: 'healthy',
  family: 'alone',
  needs: 'any',
  prior: 0.6,
  partition: ({ rows }) => [
    {
      classOf: rows.leg,
      classes: 3,
      firmness: Infinity,
      readings: RATIOS.map((ratio) => ({
        lossRatios: [LEG.round, LEG.forward, LEG.reverse].map(() => ratio),
        logWeight: -Math.log(RATIOS.length),
        direction: 'unknown',
        parameters: { ratio },
      })),
    },
  ],
  expectLoss: ({ ratio = 0 }) => ratio,
  describe: null,
};
