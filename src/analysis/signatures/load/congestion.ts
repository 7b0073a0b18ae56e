// More traffic than the narrow link carries: its queue is full now and then, whoever comes then is lost, and those just before and
// after waited as long as a full queue makes them. Losses come in spells, as in `bursty-loss`; here delay tells when.
import { estimateBusyShare } from '../../estimators/available/busy-look.js';
import { computeLogBeta } from '../../statistics/log-beta.js';
import { formatFigure, TIME } from '../../../model/figures.js';
import { formatPercent } from '../observations.js';
import type { Observations } from '../observations.js';
import { HEIGHT_QUANTILES, measureNeighbours, weighMoments } from './buckets/full-queue.js';
import type { QueueGuess, QueueHeights } from './buckets/full-queue.js';
import { describeLoss, judgeSeverity } from './loss-severity.js';
import type { Detail, Explained, LoadEvidence, LoadHypothesis, Partition } from './load-hypothesis.js';
import {
  CHAIN_CLASSES,
  computeSparseLoss,
  packChainRows,
  playChain,
  TRAIN_CLASS,
  TRAIN_CLASSES,
} from './weighing/loss-chain.js';
import type { Chain, PlayedChain } from './weighing/loss-chain.js';
import type { LoadRows } from './rows/load-rows.js';
import { listWays, NEXT_TO_NOTHING } from './weighing/loss-grid.js';
import type { Ways } from './weighing/loss-grid.js';

/**
 * How long a queue stays full, what is lost then, and how much less of small packets, which find room where large ones do not. By packets as
 * well: those that are sent closer meet a queue that is filled in bursts as often as those further apart.
 */
const STAYS = [
  ...[
    { badStay: 1.6, badRatio: 0.95 },
    { badStay: 3, badRatio: 0.85 },
    { badStay: 15, badRatio: 0.5 },
  ].map((stay) => ({ unit: 'packets', ...stay }) as const),
  ...[
    { badStay: 8e6, badRatio: 0.85 },
    { badStay: 25e6, badRatio: 0.7 },
    { badStay: 200e6, badRatio: 0.5 },
  ].map((stay) => ({ unit: 'ns', ...stay }) as const),
];
const CHAINS: Readonly<Record<Detail, readonly Chain[]>> = {
  full: STAYS.flatMap((stay) => [1, 0.3].map((smallShare) => ({ ...stay, smallShare }))),
  sketch: STAYS.map((stay) => ({ ...stay, smallShare: 0.6 })),
};
/** ln of the share of its prior that a loss ratio and a height found from the data hold. */
const WEIGHT_OF_FIT = -5;
/** Our own trains meet the same full queue now and then, and fill it further. */
const TRAIN_RATIOS = [0.05, 0.35] as const;
/** A queue that others fill holds at least so many full packets. */
const LEAST_PACKETS_QUEUED = 2;
const LEAST_HEIGHT_NS = 200e3;
const FULL_FRAME_BYTES = 1514;
/** How busy an overloaded link is found (Beta), and any other. */
const BUSY = { a: 8, b: 1.2 } as const;
const ORDINARY = { a: 1, b: 2.2 } as const;
/** A line that is overloaded only in peaks may be found idle on average. */
const PEAKS = 0.3;

export const CONGESTION: LoadHypothesis = {
  condition: 'congestion',
  family: 'alone',
  needs: 'paced',
  prior: 0.06,
  heedsOverflow: true,
  partition: (evidence, overflow) => {
    const standing = describeStanding(evidence);
    const packed = packChainRows(evidence.rows, overflow);
    const ways = listWays(evidence.rows);
    const odds = standing.queues.map((queue) => queue.odds);
    const chains = CHAINS[evidence.detail];
    return chains.flatMap((chain) =>
      playChain(packed, chain, odds).map((played, i) =>
        partitionByQueue(played, standing.queues[i]?.heightNs ?? [], { standing, ways, chains: chains.length }),
      ),
    );
  },
  expectLoss: ({ share = 0 }) => share,
  describe: (explained) => ({
    severity: judgeSeverity(explained.evidence.observations),
    where: { kind: 'path' },
    evidence: [...describeLoss(explained.evidence.observations), ...describeWaits(explained)],
    advice:
      'Find out whose traffic fills the link: look at the counters of the router before it, at backups and updates. Move what can ' +
      'wait to the night, give the rest its share by queueing, or get a larger link. Run this again at a quiet hour: loss and delay must be gone.',
  }),
};

/** What does not depend on what our own trains made a queue drop. */
interface Standing {
  /** Of heights at which some of the lost packets may have met a full queue. */
  readonly queues: readonly QueueHeights[];
  readonly logBusy: number;
  /** Of packets sent one by one, the share that was lost. */
  readonly share: number;
}

const described = new WeakMap<LoadRows, Standing>();

function describeStanding(evidence: LoadEvidence): Standing {
  const { rows, observations } = evidence;
  const known = described.get(rows);
  if (known !== undefined) return known;
  const neighbours = measureNeighbours(rows);
  const queues = HEIGHT_QUANTILES.map((quantile) =>
    weighMoments(rows, neighbours, guessQueue(evidence, quantile)),
  ).filter(({ heightNs }) => !heightNs.every(Number.isNaN));
  const standing = { queues, logBusy: weighBusy(observations), share: computeSparseLoss(rows) };
  described.set(rows, standing);
  return standing;
}

/** What a full packet costs by its size alone bounds how exactly the height of a queue of packets is met. */
function guessQueue({ rows: { floor }, observations }: LoadEvidence, quantile: number): QueueGuess {
  const nsPerByte = Math.min(floor.nsPerByte, observations.estimates.serialisation?.value ?? Infinity);
  const packetNs = Math.max(0, nsPerByte) * FULL_FRAME_BYTES;
  return {
    quantile,
    leastNs: Math.max(LEAST_HEIGHT_NS, LEAST_PACKETS_QUEUED * packetNs),
    toleranceNs: packetNs,
  };
}

interface Weighing {
  readonly standing: Standing;
  readonly ways: readonly Ways[];
  /** So many are tried. */
  readonly chains: number;
}

function partitionByQueue(
  { classOf, lossRatios }: PlayedChain,
  heightNs: readonly number[],
  { standing: { logBusy, share }, ways, chains }: Weighing,
): Partition {
  const count = ways.length * chains * HEIGHT_QUANTILES.length * TRAIN_RATIOS.length;
  const logWeight = logBusy + WEIGHT_OF_FIT - Math.log(count);
  const readings = TRAIN_RATIOS.flatMap((ofTrains) =>
    ways.map(({ direction, ratioOn }) => ({
      lossRatios: lossRatios.map((ratio, cell) => {
        const leg = Math.floor(cell / CHAIN_CLASSES);
        const there = cell % CHAIN_CLASSES === TRAIN_CLASS ? ofTrains : ratio;
        return Math.max(NEXT_TO_NOTHING, Math.min(there, ratioOn(leg, there)));
      }),
      logWeight,
      direction,
      parameters: { share, heightNs: heightNs.find((height) => !Number.isNaN(height)) ?? 0 },
    })),
  );
  return { classOf, classes: lossRatios.length, trainClasses: TRAIN_CLASSES, firmness: 40, readings };
}

/** ln of how much more the share of time that the line was busy is to be expected of an overloaded line than of another. */
function weighBusy({ estimates, light }: Observations): number {
  const measured = Math.max(estimates.utilization.forward?.value ?? 0, estimates.utilization.reverse?.value ?? 0);
  const seen = estimateBusyShare(light)?.share ?? 0;
  const busy = Math.min(0.98, Math.max(0.02, measured, seen));
  const densityOf = ({ a, b }: { a: number; b: number }): number =>
    Math.exp((a - 1) * Math.log(busy) + (b - 1) * Math.log1p(-busy) - computeLogBeta(a, b));
  const overloaded = (1 - PEAKS) * densityOf(BUSY) + PEAKS * densityOf(ORDINARY) * (busy > 0.15 ? 1 : 0.05);
  return Math.log(overloaded / densityOf(ORDINARY));
}

/** Beside lost packets and beside all that came: how many waited as long as in a full queue. */
function describeWaits({ evidence: { rows }, reading }: Explained) {
  const { heightNs = 0 } = reading.parameters;
  const near = measureNeighbours(rows);
  const counts = { lost: 0, lostHigh: 0, came: 0, cameHigh: 0 };
  for (let i = 0; i < rows.count; i += 1) {
    if (rows.isSparse[i] === 0 || rows.isMute[i] === 1) continue;
    const waitNs = Math.max(near.beforeWaitNs[i] || 0, near.afterWaitNs[i] || 0);
    const isHigh = waitNs >= 0.9 * heightNs ? 1 : 0;
    counts.lost += rows.isLost[i] ?? 0;
    counts.lostHigh += isHigh * (rows.isLost[i] ?? 0);
    counts.came += 1 - (rows.isLost[i] ?? 0);
    counts.cameHigh += isHigh * (1 - (rows.isLost[i] ?? 0));
  }
  const most = counts.lostHigh / Math.max(1, counts.lost);
  const least = counts.cameHigh / Math.max(1, counts.came);
  return [
    {
      text:
        `Beside ${formatPercent(most)} of the lost packets others waited ${formatFigure(heightNs, TIME)} and more, beside ` +
        `${formatPercent(least)} of those that came: a queue of that length overflows`,
      metric: 'congestion.lostBesideFullQueue',
      value: most,
      expected: least,
    },
  ];
}
