// Rounds of packets of every traffic class, each round in another order: what the path does to a mark, not to a moment.
// A burst is a round; positions are places in the shuffled order.
import { createRandom } from '../../model/random.js';
import type { ExpandPattern, PatternOf } from './expansion.js';

export const expandClassSweep: ExpandPattern<PatternOf<'class-sweep'>> = (pattern, emit) => {
  const { trafficClasses, repeats, intervalNs, sizeBytes, seed } = pattern;
  const random = createRandom(seed);
  let sent = 0;
  for (let round = 0; round < repeats; round += 1) {
    for (const [position, trafficClass] of random.shuffle(trafficClasses).entries()) {
      emit({ offsetNs: sent * intervalNs, sizeBytes, burst: round, position, trafficClass });
      sent += 1;
    }
  }
};
