// Chirps: packets whose gaps shrink by a constant factor, so that one chirp sweeps a range of rates
// (Ribeiro et al., "pathChirp: Efficient Available Bandwidth Estimation for Network Paths", PAM 2003).
import type { ExpandPattern, PatternOf } from './expansion.js';

export const expandChirp: ExpandPattern<PatternOf<'chirp'>> = (pattern, emit) => {
  const { chirps, packetsPerChirp, firstGapNs, spreadFactor, spacingNs, sizeBytes } = pattern;
  let offsetNs = 0;
  for (let burst = 0; burst < chirps; burst += 1) {
    let gapNs = firstGapNs;
    for (let position = 0; position < packetsPerChirp; position += 1) {
      emit({ offsetNs, sizeBytes, burst, position });
      offsetNs += position < packetsPerChirp - 1 ? gapNs : spacingNs;
      gapNs /= spreadFactor;
    }
  }
};
