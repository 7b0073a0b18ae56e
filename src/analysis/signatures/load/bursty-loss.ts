// Packets vanish in runs: a link that drops out, a route that flaps, interference. Spells by packets or by time, of which delay tells
// nothing; each row's class is how probable its loss was after all that came before it.
import { estimateLossRuns } from '../../estimators/loss/loss-runs.js';
import { computeLossDirection, describeLoss, judgeSeverity } from './loss-severity.js';
import type { Detail, LoadHypothesis, Partition } from './load-hypothesis.js';
import { CHAIN_CLASSES, computeSparseLoss, packChainRows, playChain, TRAIN_CLASSES } from './weighing/loss-chain.js';
import type { Chain, PlayedChain } from './weighing/loss-chain.js';
import { listWays } from './weighing/loss-grid.js';
import type { Ways } from './weighing/loss-grid.js';

/** Mean stay in the bad state, by packets or by time, and what is lost in it. */
const CHAINS: Readonly<Record<Detail, readonly Chain[]>> = {
  full: listChains([1.6, 3, 6, 15, 40], [1e6, 5e6, 25e6, 100e6, 400e6]),
  sketch: listChains([2, 10], [5e6, 100e6]),
};

function listChains(staysPackets: readonly number[], staysNs: readonly number[]): readonly Chain[] {
  return [
    ...staysPackets.map((badStay) => ({ unit: 'packets', badStay }) as const),
    ...staysNs.map((badStay) => ({ unit: 'ns', badStay }) as const),
  ].flatMap((stay) => [0.999, 0.5].map((badRatio) => ({ ...stay, badRatio, smallShare: 1 })));
}

/** ln of the share of its prior that a loss ratio found from the data holds: to about 15 % of two decades. */
const WEIGHT_OF_SHARE = -3.4;

export const BURSTY_LOSS: LoadHypothesis = {
  condition: 'bursty-loss',
  family: 'alone',
  needs: 'paced',
  heedsOverflow: true,
  prior: 0.04,
  partition: ({ rows, detail }, overflow) => {
    const chains = CHAINS[detail];
    const ways = listWays(rows);
    const share = computeSparseLoss(rows);
    const packed = packChainRows(rows, overflow);
    return chains.flatMap((chain) =>
      playChain(packed, chain, [null]).map((played) =>
        partitionByChain({ ways, share, chain, chains: chains.length, ...played }),
      ),
    );
  },
  expectLoss: ({ share = 0 }) => share,
  describe: ({ evidence: { observations }, reading }) => {
    const runs = estimateLossRuns(observations.light);
    const { stayNs = 0 } = reading.parameters;
    return {
      severity: judgeSeverity(observations),
      direction: computeLossDirection(observations),
      where: { kind: 'path' },
      evidence: [
        ...describeLoss(observations),
        ...(runs === null || stayNs === 0
          ? []
          : [
              {
                text: `A bad spell lasts about ${Math.round(stayNs / 1e6)} ms`,
                metric: 'badSpellNs',
                value: stayNs,
                expected: null,
              },
            ]),
      ],
      advice:
        'Look for what comes and goes: traffic peaks that fill a queue, a link that flaps in the logs of the switches, ' +
        'radio interference. Run this again at a quiet hour: if the loss is gone, the path is too small for its traffic.',
    };
  },
};

interface Played extends PlayedChain {
  readonly chain: Chain;
  /** So many are tried. */
  readonly chains: number;
  readonly ways: readonly Ways[];
  /** Of all packets sent one by one. */
  readonly share: number;
}

function partitionByChain({ classOf, lossRatios, chain, chains, ways, share }: Played): Partition {
  const parameters = { stayNs: chain.unit === 'ns' ? chain.badStay : 0, share };
  return {
    classOf,
    classes: lossRatios.length,
    trainClasses: TRAIN_CLASSES,
    firmness: 60,
    readings: ways.map(({ direction, ratioOn }) => ({
      lossRatios: lossRatios.map((ratio, cell) => Math.min(ratio, ratioOn(Math.floor(cell / CHAIN_CLASSES), ratio))),
      logWeight: WEIGHT_OF_SHARE - Math.log(chains * ways.length),
      direction,
      parameters,
    })),
  };
}
