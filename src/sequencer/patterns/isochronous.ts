// Packets at a constant interval: one burst, so that positions count through.
import type { PatternExpansion, PatternOf } from './expansion.js';

export const isochronous: PatternExpansion<PatternOf<'isochronous'>> = {
  cost: ({ count, sizeBytes }) => ({ packets: count, ipBytes: count * sizeBytes }),
  expand({ count, intervalNs, sizeBytes }, emit) {
    for (let position = 0; position < count; position += 1) emit(position * intervalNs, sizeBytes, 0, position);
  },
};
