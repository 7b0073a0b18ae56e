// Packet trains: their dispersion behind the narrow link gives its capacity.
import { expandEvenBursts } from './even-bursts.js';
import type { ExpandPattern, PatternOf } from './expansion.js';

export const expandTrain: ExpandPattern<PatternOf<'train'>> = (pattern, emit) =>
  expandEvenBursts({ ...pattern, bursts: pattern.trains, packetsPerBurst: pattern.packetsPerTrain }, emit);
