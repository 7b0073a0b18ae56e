// Packet pairs: trains of two, back to back.
import { expandEvenBursts } from './even-bursts.js';
import type { ExpandPattern, PatternOf } from './expansion.js';

export const expandPair: ExpandPattern<PatternOf<'pair'>> = ({ pairs, spacingNs, sizeBytes }, emit) =>
  expandEvenBursts({ bursts: pairs, packetsPerBurst: 2, gapNs: 0, spacingNs, sizeBytes }, emit);
