// Packets sorted by what a replay of a suspect link made of them: hit by others or not, and lost in how many replays. The loss that is
// expected of each class, and what was seen of some.
import type { LoadRows } from '../rows/load-rows.js';

/** Of a link, as backoff is drawn. */
export const REPLAYS = 5;
/** Of each leg: hit by none, hit by none soon after such a one was lost, or hit and lost in so many replays. */
export const LEVELS = REPLAYS + 3;
export const AFTER_LOSS = 1;
const TRAIN_HIT_RATIO = 0.7;
export const SPARSE_CLASSES = 3 * LEVELS;
const MOST_TRACES = 60;
/** Those of packets of each leg, then two for each trace of a train: its packets that most replays leave alone, and the others. */
export const COLLISION_CLASSES = SPARSE_CLASSES + 2 * MOST_TRACES;

/** Whether a class is one of packets that other packets were in the way of; null of trains. */
export function isHit(found: number): boolean | null {
  return found < SPARSE_CLASSES ? found % LEVELS > AFTER_LOSS : null;
}

export function legOf(found: number): number | null {
  return found < SPARSE_CLASSES ? Math.floor(found / LEVELS) : null;
}

/**
 * Share lost of the packets of some classes that were sent one by one or in short bursts, from this frame size on; 0 where there are none.
 * What of trains a queue dropped is left out.
 */
export function computeClassRatio(
  { rows, classOf }: { readonly rows: LoadRows; readonly classOf: ArrayLike<number> },
  isWanted: (found: number) => boolean,
  leastFrameBytes = 0,
): number {
  let sent = 0;
  let lost = 0;
  for (let i = 0; i < rows.count; i += 1) {
    if (rows.isSparse[i] === 0 || rows.isMute[i] === 1 || (rows.frameBytes[i] ?? 0) < leastFrameBytes) continue;
    if (!isWanted(classOf[i] ?? 0)) continue;
    sent += 1;
    lost += rows.isLost[i] ?? 0;
  }
  return lost / Math.max(1, sent);
}

export interface UnmetLoss {
  /** Loss of packets that none of ours hits, by leg: packets of others do. */
  readonly alone: Readonly<Record<number, number>>;
  /** The same soon after one was lost, as others send in bursts. */
  readonly after: number;
  /**
   * Of packets of trains that few replays lose: where the full side sends without a pause, one frame of others is tried in every gap, and
   * each try breaks one of ours.
   */
  readonly train: number;
}

/** Of each class. A share of few replays is known as well as (k + ½)/(n + 1). */
export function listCollisionRatios({ alone, after, train }: UnmetLoss): readonly number[] {
  return Array.from({ length: COLLISION_CLASSES }, (_, found) => {
    if (found >= SPARSE_CLASSES) return (found - SPARSE_CLASSES) % 2 === 0 ? train : TRAIN_HIT_RATIO;
    const level = found % LEVELS;
    const ratio = alone[Math.floor(found / LEVELS)] ?? 0;
    if (level <= AFTER_LOSS) return level === 0 ? ratio : Math.max(ratio, after);
    return (level - AFTER_LOSS - 0.5) / (REPLAYS + 1);
  });
}

/** Of a train's packet that most replays leave alone; the others are in the next class. */
export function classOfTrain(trace: number): number {
  return SPARSE_CLASSES + 2 * Math.min(MOST_TRACES - 1, trace);
}

export const NO_CLASS = COLLISION_CLASSES;
