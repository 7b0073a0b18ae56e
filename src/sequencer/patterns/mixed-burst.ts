// Back-to-back bursts of different sizes in a given order: which of them a queue or a collision spares tells the fault.
import type { PatternExpansion, PatternOf } from './expansion.js';

export const mixedBurst: PatternExpansion<PatternOf<'mixed-burst'>> = {
  cost({ bursts, sizesBytes }) {
    const burstBytes = sizesBytes.reduce((sum, size) => sum + size, 0);
    return { packets: bursts * sizesBytes.length, ipBytes: bursts * burstBytes };
  },
  expand({ bursts, sizesBytes, spacingNs }, emit) {
    for (let burst = 0; burst < bursts; burst += 1) {
      for (const [position, size] of sizesBytes.entries()) emit(burst * spacingNs, size, burst, position);
    }
  },
};
