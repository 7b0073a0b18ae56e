// What each depth plans to send, figures only; the phases turn them into sequences. What it may cost the request says.
import type { Depth } from '../../../model/examination.js';
import { NS_PER_MS, NS_PER_SEC } from '../../../model/units.js';

export interface DepthPlan {
  /** Paced small packets, and how many more where some are lost. */
  readonly delayPackets: number;
  readonly delayIntervalNs: number;
  readonly extraLossPackets: number;
  /** Rounds of the size sweep. */
  readonly sweepRounds: number;
  /** Short bursts at each spacing, 636 bytes each; a quick examination has no time for them. */
  readonly spacingBursts: number;
  /** Bytes to push through the narrow link, so that a token bucket up to about that size is emptied. */
  readonly drainBytes: number;
  /** Where only capacity is asked for: bytes of its first load, none of it spared for other quantities. */
  readonly pushBytes: number;
  /** What it is then planned to end within, and how precise (as targetHalfWidth) it need be for that; a vaguer one gets more. */
  readonly planned: { readonly bytes: number; readonly seconds: number; readonly halfWidth: number };
  /** Most time that a single train takes the narrow link, and how many trains at most and at least. */
  readonly trainNs: number;
  readonly minTrains: number;
  readonly maxTrains: number;
  /** The streams for available bandwidth, all together; 0 leaves them out. */
  readonly streamBytes: number;
  readonly streamNs: number;
  /** A capacity this precise (half the interval as a share) is good enough to stop. */
  readonly targetHalfWidth: number;
}

/** normal: 424 paced packets, so that a loss-free path is known to lose less than 1 %. */
export const DEPTH_PLANS: Readonly<Record<Depth, DepthPlan>> = {
  quick: {
    delayPackets: 120,
    delayIntervalNs: 8 * NS_PER_MS,
    extraLossPackets: 100,
    sweepRounds: 5,
    spacingBursts: 0,
    drainBytes: 150e3,
    pushBytes: 0.75e6,
    planned: { bytes: 1e6, seconds: 2, halfWidth: 0.03 },
    trainNs: 0.6 * NS_PER_SEC,
    minTrains: 1,
    maxTrains: 3,
    streamBytes: 0,
    streamNs: 0,
    targetHalfWidth: 0.03,
  },
  normal: {
    delayPackets: 320,
    delayIntervalNs: 8 * NS_PER_MS,
    extraLossPackets: 600,
    sweepRounds: 14,
    spacingBursts: 20,
    drainBytes: 300e3,
    pushBytes: 1.6e6,
    planned: { bytes: 2e6, seconds: 2, halfWidth: 0.03 },
    trainNs: 1.2 * NS_PER_SEC,
    minTrains: 1,
    maxTrains: 4,
    streamBytes: 1.75e6,
    streamNs: 2.3 * NS_PER_SEC,
    targetHalfWidth: 0.02,
  },
  deep: {
    delayPackets: 1500,
    delayIntervalNs: 10 * NS_PER_MS,
    extraLossPackets: 1500,
    sweepRounds: 40,
    spacingBursts: 28,
    drainBytes: 1.1e6,
    pushBytes: 3.5e6,
    planned: { bytes: 20e6, seconds: 60, halfWidth: 0.006 },
    trainNs: 7 * NS_PER_SEC,
    minTrains: 3,
    maxTrains: 6,
    streamBytes: 4e6,
    streamNs: 8 * NS_PER_SEC,
    targetHalfWidth: 0.006,
  },
};
