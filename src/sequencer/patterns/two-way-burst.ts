// Bursts whose replies meet their last requests on the wire. As instants they are plain bursts; what makes them two-way is
// that packetsPerBurst outlasts the round trip, which only the examination can know.
import { costEvenBursts, expandEvenBursts } from './even-bursts.js';
import type { PatternExpansion, PatternOf } from './expansion.js';

export const twoWayBurst: PatternExpansion<PatternOf<'two-way-burst'>> = {
  cost: costEvenBursts,
  expand: expandEvenBursts,
};
