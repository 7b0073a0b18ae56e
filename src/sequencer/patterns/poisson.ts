// Packets with independent exponential gaps (RFC 7680 section 3 asks for it): arrivals see time averages, and no
// periodic disturbance can hide between them.
import { createRandom } from '../../model/random.js';
import type { ExpandPattern, PatternOf } from './expansion.js';

export const expandPoisson: ExpandPattern<PatternOf<'poisson'>> = (
  { count, meanIntervalNs, sizeBytes, seed },
  emit,
) => {
  const random = createRandom(seed);
  let offsetNs = 0;
  for (let position = 0; position < count; position += 1) {
    emit({ offsetNs, sizeBytes, burst: 0, position });
    offsetNs += random.exponential(meanIntervalNs);
  }
};
