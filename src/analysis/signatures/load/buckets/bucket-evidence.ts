// What the delay of the packets that passed says of a bucket that fits the losses: did they wait as in a queue, or not at all?
import { computeLogLossLikelihood } from '../../../statistics/beta-binomial.js';
import type { Brim } from './brim.js';
import type { BucketPattern, BucketUnit } from './played-bucket.js';
import type { LoadEvidence, Parameters, Partition } from '../load-hypothesis.js';

/** Loss ratio of each class of packets where the bucket is all that loses any. */
const OWN_RATIOS: readonly number[] = [3e-4, 0.04, 0.45, 0.92, 0.98];
/** The same where others take tokens, too: it is empty sooner or later than our own packets tell. */
const SHARED_RATIOS: readonly number[] = [0.01, 0.15, 0.4, 0.6, 0.75];
/** What each is worth beforehand, and for how many packets' worth its ratios count. */
const USES = [
  { lossRatios: OWN_RATIOS, logShare: Math.log(0.7), firmness: 8 },
  { lossRatios: SHARED_RATIOS, logShare: Math.log(0.3), firmness: 3 },
] as const;
/**
 * ln of the share of its prior that a bucket found from the data holds: rate to about 3 % of five decades, depth to 10 % of three.
 */
export const WEIGHT_OF_SHAPE = -10;
/** Packets of one burst wait together: so many votes at most. */
const MOST_VOTES = 14;
const IN_QUEUE = 0.93;
const WITHOUT_QUEUE = 0.05;
const FIRMNESS = 10;

/** ln likelihood of the waits in a queue of this size and rate. */
export function weighQueue(bucket: BucketPattern): number {
  return weighWaits(bucket, IN_QUEUE);
}

/** The same where nothing waits. */
export function weighNoQueue(bucket: BucketPattern): number {
  return weighWaits(bucket, WITHOUT_QUEUE);
}

function weighWaits({ watched, waited }: BucketPattern, ratio: number): number {
  const votes = Math.min(MOST_VOTES, watched);
  return computeLogLossLikelihood(watched > 0 ? (votes * waited) / watched : 0, votes, ratio, FIRMNESS);
}

/** What drops all that exceeds a bucket, of each bucket found, and of one there with one back. */
export function partitionByBuckets(
  evidence: LoadEvidence,
  unit: BucketUnit,
  tell: (bucket: BucketPattern) => Parameters,
): readonly Partition[] {
  const ofUnit = selectDropping(evidence).filter((bucket) => bucket.unit === unit);
  const singles = ofUnit.map((bucket) => ({
    classOf: bucket.classOf,
    direction: bucket.way,
    parameters: tell(bucket),
    logWeight: WEIGHT_OF_SHAPE + weighNoQueue(bucket),
  }));
  const there = singles.filter(({ direction }) => direction === 'forward');
  const back = singles.filter(({ direction }) => direction === 'reverse');
  const both = there.flatMap((one) =>
    back.map((other) => ({
      ...one,
      direction: 'both' as const,
      classOf: one.classOf.map((found, i) => Math.max(found, other.classOf[i] ?? 0)),
      logWeight: one.logWeight + other.logWeight,
    })),
  );
  return [...singles, ...both].flatMap(({ classOf, direction, parameters, logWeight }) =>
    USES.map(({ lossRatios, logShare, firmness }) => ({
      classOf,
      classes: lossRatios.length,
      firmness,
      readings: [{ lossRatios, logWeight: logWeight + logShare, direction, parameters }],
    })),
  );
}

/**
 * Who loses next to nothing but what found a queue full limits no rate; nor does a bucket that loses hardly more of what exceeds it than of what
 * does not, or whose packets waited before it dropped any.
 */
function selectDropping({ rows, buckets, brims }: LoadEvidence): readonly BucketPattern[] {
  return buckets.filter((bucket) => {
    const brim = brims.find((one) => one.way === bucket.way);
    const isQueue =
      brim !== undefined && countElsewhere(brim, bucket) < Math.max(LEAST_DROPPED, LEAST_SHARE * brim.lostAtBrim);
    const heldBack = bucket.unit === 'bytes' && bucket.waited > MOST_WAITED * bucket.watched;
    return !isQueue && !heldBack && computeContrast(rows, bucket) >= LEAST_CONTRAST;
  });
}

/**
 * Of trains, and of packets that left one by one where a counter of packets had none left: those fill no queue. Not where as many were lost that it
 * would have let pass.
 */
function countElsewhere({ lostElsewhere, lostAlone }: Brim, { unit, classOf }: BucketPattern): number {
  const dropped = lostAlone.reduce((sum, i) => sum + ((classOf[i] ?? 0) >= NEARLY_SHORT ? 1 : 0), 0);
  const isCounter = unit === 'packets' && dropped >= LEAST_EXPLAINED * lostAlone.length;
  return isCounter ? lostElsewhere + dropped : lostElsewhere;
}

/** How many times as many are lost of the packets that find no tokens as of those that find enough; 0 where most of the former pass. */
function computeContrast(rows: LoadEvidence['rows'], { classOf }: BucketPattern): number {
  const sent = new Array<number>(OWN_RATIOS.length).fill(0);
  const lost = new Array<number>(OWN_RATIOS.length).fill(0);
  for (let i = 0; i < rows.count; i += 1) {
    if (rows.isMute[i] === 1) continue;
    const found = classOf[i] ?? 0;
    sent[found] = (sent[found] ?? 0) + 1;
    lost[found] = (lost[found] ?? 0) + (rows.isLost[i] ?? 0);
  }
  const ratioOf = (found: number): number => (lost[found] ?? 0) / Math.max(1, sent[found] ?? 0);
  const beyond = ratioOf(OWN_RATIOS.length - 1);
  return beyond < LEAST_BEYOND ? 0 : beyond / Math.max(ratioOf(0), Number.MIN_VALUE);
}

/** Packets that no queue dropped, and as a share of those that one may have dropped. */
const LEAST_DROPPED = 3;
const LEAST_SHARE = 0.1;
/** Share of the packets shortly before the losses that waited as long as in a full queue of that size and rate. */
const MOST_WAITED = 0.8;
const LEAST_CONTRAST = 3;
/** What our own packets have emptied passes hardly any, whoever takes tokens beside them. */
const LEAST_BEYOND = 0.35;
/** From this class on packets find hardly enough tokens or too few; so many of those lost one by one do, or something else takes them. */
const NEARLY_SHORT = 1;
const LEAST_EXPLAINED = 0.8;
