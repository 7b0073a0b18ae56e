// Bits are damaged, each by itself: a frame of n bits is lost with 1 − (1 − BER)^n, so that large packets are lost more often than
// small ones, alone as in bursts.
import { formatPercent } from '../observations.js';
import { describeLoss, judgeSeverity } from './loss-severity.js';
import { FAULTY_RATIOS, listWays } from './weighing/loss-grid.js';
import type { Explained, LoadHypothesis, Overflow, Parameters, Partition } from './load-hypothesis.js';
import type { LoadRows } from './rows/load-rows.js';

/** The frame check sequence, which is not in `frameBytes`. */
const FCS_BYTES = 4;
/** Sizes told apart, so that there are at most 63 classes. */
const MOST_SIZES = 21;
/** The grid of bit error ratios is that of the loss of frames this large. */
const FULL_BYTES = 1518;

export const MEDIA_ERRORS: LoadHypothesis = {
  condition: 'media-errors',
  family: 'scattered',
  needs: 'paced',
  prior: 0.03,
  partition: ({ rows }) => [partitionBySize(rows)],
  expectLoss: ({ bitErrorRatio = 0 }, { sizeBytes }) => -Math.expm1(8 * sizeBytes * Math.log1p(-bitErrorRatio)),
  describe: ({ evidence: { observations, rows }, reading, otherwise }: Explained) => ({
    severity: judgeSeverity(observations),
    where: { kind: 'path' },
    evidence: [...describeLoss(observations), describeBySize(rows, otherwise), describeBits(reading.parameters)],
    advice:
      'Replace the cable first, then look at connectors, optics and levels, and at sources of interference beside copper. The port ' +
      'with rising FCS or CRC errors names the link: the damage is on the wire that leads to it.',
  }),
};

function describeBits({ bitErrorRatio = 0 }: Parameters) {
  return {
    text: `That is one damaged bit in ${(1 / bitErrorRatio).toExponential(0).replace('e+', '·10^')}`,
    metric: 'bitErrorRatio',
    value: bitErrorRatio,
    expected: 0,
  };
}

function partitionBySize(rows: LoadRows): Partition {
  const sizes = listSizes(rows);
  const classOf = rows.leg.map((leg, i) => 3 * indexOfSize(sizes, rows.frameBytes[i] ?? 0) + leg);
  const ways = listWays(rows);
  const readings = ways.flatMap(({ direction, ratioOn }) =>
    FAULTY_RATIOS.map((fullRatio) => {
      const logPassedBit = Math.log1p(-fullRatio) / (8 * FULL_BYTES);
      const ratioOf = (bytes: number): number => -Math.expm1(8 * (bytes + FCS_BYTES) * logPassedBit);
      return {
        lossRatios: sizes.flatMap((bytes) => [0, 1, 2].map((leg) => ratioOn(leg, ratioOf(bytes)))),
        logWeight: -Math.log(FAULTY_RATIOS.length * ways.length),
        direction,
        parameters: { bitErrorRatio: -Math.expm1(logPassedBit) },
      };
    }),
  );
  return { classOf, classes: 3 * sizes.length, firmness: Infinity, readings };
}

/** Ascending; neighbours are joined where there are too many. */
function listSizes(rows: LoadRows): readonly number[] {
  const sizes = [...new Set(rows.frameBytes)].sort((a, b) => a - b);
  if (sizes.length <= MOST_SIZES) return sizes;
  return Array.from({ length: MOST_SIZES }, (_, i) => sizes[Math.floor((i * sizes.length) / MOST_SIZES)] ?? 0);
}

/** The largest size listed that is not above it. */
function indexOfSize(sizes: readonly number[], bytes: number): number {
  let index = 0;
  while (index + 1 < sizes.length && (sizes[index + 1] ?? Infinity) <= bytes) index += 1;
  return index;
}

const SMALL_BELOW = 400;
const LARGE_ABOVE = 1000;

/** Of packets sent one by one that nothing else can have dropped. */
function describeBySize(rows: LoadRows, otherwise: Overflow) {
  const count = (isIn: (bytes: number) => boolean): { sent: number; lost: number } => {
    let sent = 0;
    let lost = 0;
    for (let i = 0; i < rows.count; i += 1) {
      if (rows.isSparse[i] !== 1 || rows.isMute[i] === 1 || otherwise[i] !== 0) continue;
      if (!isIn(rows.frameBytes[i] ?? 0)) continue;
      sent += 1;
      lost += rows.isLost[i] ?? 0;
    }
    return { sent, lost };
  };
  const large = count((bytes) => bytes > LARGE_ABOVE);
  const small = count((bytes) => bytes < SMALL_BELOW);
  const ratioOf = ({ sent, lost }: { sent: number; lost: number }): number => lost / Math.max(1, sent);
  return {
    text:
      `${formatPercent(ratioOf(large))} of the large packets sent one at a time were lost and ${formatPercent(ratioOf(small))} of the small ones; ` +
      'loss that grows with the length of a packet is damage on a wire, a full queue would not make this difference to packets sent alone',
    metric: 'loss.largePackets',
    value: ratioOf(large),
    expected: ratioOf(small),
  };
}
