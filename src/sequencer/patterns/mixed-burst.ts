// Back-to-back bursts of different sizes in a given order: which of them a queue or a collision spares tells the fault.
import type { ExpandPattern, PatternOf } from './expansion.js';

export const expandMixedBurst: ExpandPattern<PatternOf<'mixed-burst'>> = ({ bursts, sizesBytes, spacingNs }, emit) => {
  for (let burst = 0; burst < bursts; burst += 1) {
    for (const [position, sizeBytes] of sizesBytes.entries()) {
      emit({ offsetNs: burst * spacingNs, sizeBytes, burst, position });
    }
  }
};
