// Rounds of single packets of every size, each round in another order, so that a slow change of the path does not
// look like an effect of size. A burst is a round; positions are places in the shuffled order.
import { createRandom } from '../../model/random.js';
import type { ExpandPattern, PatternOf } from './expansion.js';

export const expandSizeSweep: ExpandPattern<PatternOf<'size-sweep'>> = (pattern, emit) => {
  const { sizesBytes, repeats, intervalNs, seed } = pattern;
  const random = createRandom(seed);
  let sent = 0;
  for (let round = 0; round < repeats; round += 1) {
    for (const [position, sizeBytes] of random.shuffle(sizesBytes).entries()) {
      emit({ offsetNs: sent * intervalNs, sizeBytes, burst: round, position });
      sent += 1;
    }
  }
};
