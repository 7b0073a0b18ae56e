// How a true instant becomes a stamp.
import type { Random } from '../model/random.js';
import type { StampModel } from './path-model.js';

export type Stamper = (trueNs: number) => number;

export function createStamper({ noiseNs, granularityNs }: StampModel, random: Random): Stamper {
  return (trueNs) => {
    const noisyNs = noiseNs > 0 ? random.normal(trueNs, noiseNs) : trueNs;
    return granularityNs > 0 ? Math.round(noisyNs / granularityNs) * granularityNs : noisyNs;
  };
}

/** The stamp of an interrupt: whatever is told to have come at the same instant gets the same. */
export function createSharedStamper(stamper: Stamper): Stamper {
  let lastTrueNs = NaN;
  let lastStampNs = NaN;
  return (trueNs) => {
    if (trueNs !== lastTrueNs) [lastTrueNs, lastStampNs] = [trueNs, stamper(trueNs)];
    return lastStampNs;
  };
}
