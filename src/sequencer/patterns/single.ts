// One packet.
import type { PatternExpansion, PatternOf } from './expansion.js';

export const single: PatternExpansion<PatternOf<'single'>> = {
  cost: ({ sizeBytes }) => ({ packets: 1, ipBytes: sizeBytes }),
  expand: ({ sizeBytes }, emit) => emit(0, sizeBytes, 0, 0),
};
