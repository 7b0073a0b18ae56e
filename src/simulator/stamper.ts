// How a true instant becomes a stamp.
import type { Random } from '../model/random.js';
import type { StampModel } from './path-model.js';

/** NaN: there was none to be had. */
export type Stamper = (trueNs: number) => number;

export function createStamper({ noiseNs, granularityNs, readoutNs = 0 }: StampModel, random: Random): Stamper {
  const stamp = (trueNs: number): number => {
    const noisyNs = noiseNs > 0 ? random.normal(trueNs, noiseNs) : trueNs;
    return granularityNs > 0 ? Math.round(noisyNs / granularityNs) * granularityNs : noisyNs;
  };
  if (readoutNs === 0) return stamp;
  let isReadNs = -Infinity;
  return (trueNs) => {
    if (trueNs < isReadNs) return NaN;
    isReadNs = trueNs + readoutNs;
    return stamp(trueNs);
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
