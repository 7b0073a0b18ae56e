// Packet trains: their dispersion behind the narrow link gives its capacity.
import { costEvenBursts, expandEvenBursts } from './even-bursts.js';
import type { EvenBursts } from './even-bursts.js';
import type { PatternExpansion, PatternOf } from './expansion.js';

export const train: PatternExpansion<PatternOf<'train'>> = {
  cost: (pattern) => costEvenBursts(asBursts(pattern)),
  expand: (pattern, emit) => expandEvenBursts(asBursts(pattern), emit),
};

const asBursts = (pattern: PatternOf<'train'>): EvenBursts => ({
  ...pattern,
  bursts: pattern.trains,
  packetsPerBurst: pattern.packetsPerTrain,
});
