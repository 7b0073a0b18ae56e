// Whether a fault that explains the losses best shows where it must: scattered losses and spells in packets sent one by one, collisions in
// packets that met others. How probable the fault is, is decided elsewhere.
import { computeFaultyChance, countPathLoss, isLossClear } from '../loss-severity.js';
import type { LossCount } from '../loss-severity.js';
import type { LoadEvidence, LoadHypothesis, Overflow, Partition } from '../load-hypothesis.js';
import type { LoadRows } from '../rows/load-rows.js';
import { isHit } from '../collisions/collision-classes.js';

/**
 * What is left of the probability of a fault that explains the losses, 0-1: all where packets sent one by one show more of them than a healthy
 * path has; else the chance that they hide it, as losses of our own trains and experiments alone may be the work of a queue that was
 * nearly full. `otherwise`: of each row more than 0 where something else may have dropped it.
 */
export function computeShownShare(
  { needs, family }: LoadHypothesis,
  { rows, observations }: LoadEvidence,
  otherwise: Overflow,
): number {
  if (needs !== 'paced') return 1;
  const counts = family === 'scattered' ? countScattered(rows, otherwise) : [countPathLoss(observations.light)];
  return counts.some(isLossClear) ? 1 : Math.max(...counts.map(computeFaultyChance));
}

/** Collisions cost packets that no queue could have dropped, and far more of those that met others than of those that met none. */
export function isMetMore(rows: LoadRows, partition: Partition): boolean {
  const met = { sent: 0, lost: 0 };
  const alone = { sent: 0, lost: 0 };
  for (let i = 0; i < rows.count; i += 1) {
    if (rows.isSparse[i] !== 1) continue;
    const cell = isHit(partition.classOf[i] ?? 0) === true ? met : alone;
    cell.sent += 1;
    cell.lost += rows.isLost[i] ?? 0;
  }
  return met.lost >= LEAST_COLLISIONS && met.lost * alone.sent > LEAST_CONTRAST * alone.lost * met.sent;
}

/** Light packets, all that were sent one by one, or the large ones of them: bit errors hardly meet small ones. */
function countScattered(rows: LoadRows, otherwise: Overflow): readonly LossCount[] {
  const count = (isIn: (i: number) => boolean): LossCount => {
    let sent = 0;
    let lost = 0;
    for (let i = 0; i < rows.count; i += 1) {
      if (rows.isSparse[i] === 0 || rows.isMute[i] === 1 || otherwise[i] !== 0 || !isIn(i)) continue;
      sent += 1;
      lost += rows.isLost[i] ?? 0;
    }
    return { sent, lost };
  };
  const isLarge = (i: number): boolean => (rows.frameBytes[i] ?? 0) > LARGE_ABOVE_BYTES;
  return [(i: number) => rows.isLight[i] === 1, () => true, isLarge].map(count);
}

const LARGE_ABOVE_BYTES = 1000;

/** Fewer may be anything. */
const LEAST_COLLISIONS = 3;
/** Times as many lost of those that met others. */
const LEAST_CONTRAST = 3;
