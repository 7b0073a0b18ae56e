// Packets at a constant interval: one burst, so that positions count through.
import type { ExpandPattern, PatternOf } from './expansion.js';

export const expandIsochronous: ExpandPattern<PatternOf<'isochronous'>> = ({ count, intervalNs, sizeBytes }, emit) => {
  for (let position = 0; position < count; position += 1)
    emit({ offsetNs: position * intervalNs, sizeBytes, burst: 0, position });
};
