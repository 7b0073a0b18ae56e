// One packet.
import type { ExpandPattern, PatternOf } from './expansion.js';

export const expandSingle: ExpandPattern<PatternOf<'single'>> = ({ sizeBytes }, emit) =>
  emit({ offsetNs: 0, sizeBytes, burst: 0, position: 0 });
