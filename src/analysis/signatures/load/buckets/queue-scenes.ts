// What our own trains may have made a queue drop on the path as it is, whatever fault there is besides: nothing, or what a queue of the
// size and rate found, of the measured capacity, or of the waits that were seen would have.
import { computeLeastWait } from './brim.js';
import type { Brim } from './brim.js';
import { weighQueue, WEIGHT_OF_SHAPE } from './bucket-evidence.js';
import type { BucketPattern } from './played-bucket.js';
import type { LoadEvidence, Overflow } from '../load-hypothesis.js';

export interface Scene {
  readonly overflow: Overflow;
  /** ln of its prior and of the likelihood of the waits. */
  readonly logWeight: number;
}

/** ln of the probability that our own trains overflow a queue on a path, and that they do not. */
const LOG_OVERFLOWS = Math.log(0.3);
const LOG_KEEPS = Math.log(0.7);

/** That nothing overflowed comes first. */
export function listScenes(evidence: LoadEvidence): readonly Scene[] {
  const none = new Uint8Array(evidence.rows.count);
  return [
    { overflow: none, logWeight: LOG_KEEPS },
    ...selectQueues(evidence.buckets).map((bucket) => ({
      overflow: dropWhereFull(evidence, bucket),
      logWeight: LOG_OVERFLOWS + WEIGHT_OF_SHAPE + weighQueue(bucket),
    })),
    ...evidence.backlogs.map((backlog) => ({
      overflow: dropWhereFull(evidence, backlog),
      logWeight: LOG_OVERFLOWS - Math.log(evidence.backlogs.length) + weighQueue(backlog),
    })),
    ...describeBothQueues(evidence, selectQueues(evidence.buckets)),
    ...describeBrims(evidence.brims),
  ];
}

/** The best of each direction. */
function selectQueues(buckets: readonly BucketPattern[]): readonly BucketPattern[] {
  return (['forward', 'reverse'] as const).flatMap(
    (wanted) =>
      buckets.find(({ unit, way, isBesideQueue }) => unit === 'bytes' && way === wanted && !isBesideQueue) ?? [],
  );
}

/** A queue drops nothing where packets do not wait, if they wait long enough to be told where it is full. */
function dropWhereFull({ rows, fillNs }: LoadEvidence, { classOf, fullNs }: BucketPattern): Overflow {
  if (fullNs < computeLeastWait(rows)) return classOf;
  return classOf.map((found, i) => ((fillNs[i] ?? 0) < LEAST_FILL * fullNs ? 0 : found));
}

/** A queue that drops holds at least this share of what it can, as far as its size and rate are known. */
const LEAST_FILL = 0.35;

/** Trains both ways overflow a queue each: where directions are told apart, no row is in both. */
function describeBothQueues(evidence: LoadEvidence, queues: readonly BucketPattern[]): readonly Scene[] {
  const [there, back] = queues;
  if (there === undefined || back === undefined) return [];
  const backOverflow = dropWhereFull(evidence, back);
  return [
    {
      overflow: dropWhereFull(evidence, there).map((found, i) => Math.max(found, backOverflow[i] ?? 0)),
      logWeight: 2 * (LOG_OVERFLOWS + WEIGHT_OF_SHAPE) + weighQueue(there) + weighQueue(back),
    },
  ];
}

/** Trains overflow what was seen full, on each way. How full that is was found from the losses. */
function describeBrims(brims: readonly Brim[]): readonly Scene[] {
  if (brims.length === 0) return [];
  const overflow = new Uint8Array(brims[0]?.isFull.length ?? 0);
  for (const { isFull } of brims) isFull.forEach((full, i) => full === 1 && (overflow[i] = AT_BRIM));
  return [{ overflow, logWeight: brims.length * (LOG_OVERFLOWS + LOG_SHARE_OF_FILL) }];
}

/** Class, as of a bucket's, of a packet that found a queue nearly full. */
const AT_BRIM = 2;
/** ln of the prior share of a fill known to a quarter, of some three decades. */
const LOG_SHARE_OF_FILL = -3;
