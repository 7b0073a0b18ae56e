// Packet pairs: trains of two, back to back.
import { costEvenBursts, expandEvenBursts } from './even-bursts.js';
import type { EvenBursts } from './even-bursts.js';
import type { PatternExpansion, PatternOf } from './expansion.js';

export const pair: PatternExpansion<PatternOf<'pair'>> = {
  cost: (pattern) => costEvenBursts(asBursts(pattern)),
  expand: (pattern, emit) => expandEvenBursts(asBursts(pattern), emit),
};

const asBursts = (pattern: PatternOf<'pair'>): EvenBursts => ({
  ...pattern,
  bursts: pattern.pairs,
  packetsPerBurst: 2,
  gapNs: 0,
});
