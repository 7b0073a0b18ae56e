// How many packets a train and its bulks need for the noise and the batches of the stamps. What a path can bear is not known here.
import { serialisationNs } from '../../../model/units.js';
import type { TrainRate } from '../../estimators/capacity/train-rate.js';
import type { Knowledge } from '../knowledge.js';
import { readTrainRates } from '../readings/train-readings.js';

/** What is known of the stamps that a train will get. */
export interface StampLimits {
  /** Standard deviation of one stamp, σ. */
  readonly noiseNs: number;
  /** Time between interrupts that packets share; 0 where they do not. */
  readonly coalescingNs: number;
}

/** A rate that rests on so many interrupts is off by less than a tenth for the one that came early or late. */
const INTERRUPTS = 10;

/**
 * Packets of a train whose rate is off by no more than `targetHalfWidth` for noise: the dispersion of k gaps has the relative error
 * √2·σ·C/(k·8L), both ends being off by σ, so k = √2·σ/(g·target) with g = 8L/C, the time of a frame.
 */
export function computeLeastPackets(
  { noiseNs }: StampLimits,
  { frameBytes, rateBitsPerSec }: Pick<TrainRate, 'frameBytes' | 'rateBitsPerSec'>,
  targetHalfWidth: number,
): number {
  return 1 + Math.ceil((Math.SQRT2 * noiseNs) / serialisationNs(frameBytes, rateBitsPerSec) / targetHalfWidth);
}

/** Packets of a bulk that spans ten interrupts, where pathload lengthens its trains likewise (Jain and Dovrolis 2002). */
export function computeLeastBulk(
  { coalescingNs }: StampLimits,
  { frameBytes, rateBitsPerSec }: Pick<TrainRate, 'frameBytes' | 'rateBitsPerSec'>,
): number {
  return 1 + Math.ceil((INTERRUPTS * coalescingNs) / serialisationNs(frameBytes, rateBitsPerSec));
}

/**
 * What the port was measured to do, or what the first train shows where that is worse: a far port may gather packets, too. Loads leave in
 * bulks, whose distance behind a bucket looks like that of interrupts.
 */
export function readStampLimits({ path, traces }: Pick<Knowledge, 'path' | 'traces'>): StampLimits {
  const first = readTrainRates({ ...traces, capacity: [] });
  const seenNs = first.map(({ sharesStamps, batchNs }) => (sharesStamps ? batchNs : 0));
  return {
    noiseNs: path.abilities?.stampNoiseNs ?? 0,
    coalescingNs: Math.max(path.abilities?.coalescingNs ?? 0, ...seenNs),
  };
}
