// Trains with small packets in their pauses: what the path does while it is left alone shows in these.
import type { ExpandPattern, PatternOf } from './expansion.js';

export const expandWatchedTrain: ExpandPattern<PatternOf<'watched-train'>> = (pattern, emit) => {
  const { trains, packetsPerTrain, gapNs, spacingNs, sizeBytes, watchPackets, watchSizeBytes } = pattern;
  const lengthNs = (packetsPerTrain - 1) * gapNs;
  for (let train = 0; train < trains; train += 1) {
    const beginNs = train * (lengthNs + spacingNs);
    for (let position = 0; position < packetsPerTrain; position += 1) {
      emit({ offsetNs: beginNs + position * gapNs, sizeBytes, burst: train, position });
    }
    for (let position = 0; position < watchPackets; position += 1) {
      const offsetNs = beginNs + lengthNs + ((position + 0.5) * spacingNs) / watchPackets;
      emit({ offsetNs, sizeBytes: watchSizeBytes, burst: trains + train, position });
    }
  }
};
