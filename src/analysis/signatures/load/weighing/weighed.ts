// A load fault, or two at once, with the likelihood of every packet's fate under each of its settings.
import { computeLogSum } from '../../../statistics/beta-binomial.js';
import type { Scene } from '../buckets/queue-scenes.js';
import type { LoadHypothesis, Partition, Reading } from '../load-hypothesis.js';
import type { RowBlocks, WeighedReading } from './loss-cells.js';

export interface PackedScene extends Scene {
  readonly blocks: RowBlocks;
}

/** One hypothesis, or two at once, with all its settings summed over; `parts` hold the most probable setting of each. */
export interface Weighed {
  /** ln of prior and scene, and of the first of two faults. */
  readonly logOutside: number;
  /** All settings. */
  readonly weighed: readonly WeighedReading[];
  readonly parts: readonly WeighedPart[];
}

export interface WeighedPart {
  readonly hypothesis: LoadHypothesis;
  readonly partition: Partition;
  readonly reading: Reading;
  readonly rivals: readonly { readonly reading: Reading; readonly log: number }[];
}

/** ln of the weight where the likelihood of all rows counts to this power, 0-1. */
export function computeLogWeight({ logOutside, weighed }: Weighed, exponent: number): number {
  return (
    logOutside +
    computeLogSum(weighed.map(({ reading, log }) => reading.logWeight + exponent * (log - reading.logWeight)))
  );
}

export function selectBest(weighed: readonly WeighedReading[]): WeighedReading | null {
  return weighed.reduce<WeighedReading | null>((best, one) => (best === null || one.log > best.log ? one : best), null);
}
