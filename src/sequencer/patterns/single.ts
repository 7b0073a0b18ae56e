// One packet.
import type { ExpandPattern, PatternOf } from './expansion.js';

export const expandSingle: ExpandPattern<PatternOf<'single'>> = ({ sizeBytes }, emit) => emit(0, sizeBytes, 0, 0);
