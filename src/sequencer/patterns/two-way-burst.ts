// Bursts whose replies meet their last requests on the wire. As instants they are plain bursts; what makes them two-way is
// that packetsPerBurst outlasts the round trip, which only the examination can know.
import { expandEvenBursts } from './even-bursts.js';
import type { ExpandPattern, PatternOf } from './expansion.js';

export const expandTwoWayBurst: ExpandPattern<PatternOf<'two-way-burst'>> = expandEvenBursts;
