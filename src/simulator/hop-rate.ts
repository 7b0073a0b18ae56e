// The rate that a hop keeps up, whatever it lets pass at first.
import { BITS_PER_BYTE, NS_PER_SEC } from '../model/units.js';
import type { HopModel } from './path-model.js';

/** What limits a hop in the long run. */
export type HopLimit = 'link' | 'token-bucket' | 'slots' | 'packet-rate';

/** Bits of frames a second, the hop's own overhead counted. */
export function computeLastingRate({
  rateBitsPerSec,
  slots,
  tokenBucket,
}: Pick<HopModel, 'rateBitsPerSec' | 'slots' | 'tokenBucket'>): {
  readonly rateBitsPerSec: number;
  readonly limit: HopLimit;
} {
  const slotted = slots === undefined ? Infinity : (slots.grantBytes * BITS_PER_BYTE * NS_PER_SEC) / slots.periodNs;
  const link =
    slotted < rateBitsPerSec
      ? ({ rateBitsPerSec: slotted, limit: 'slots' } as const)
      : ({ rateBitsPerSec, limit: 'link' } as const);
  return tokenBucket !== undefined && tokenBucket.rateBitsPerSec < link.rateBitsPerSec
    ? { rateBitsPerSec: tokenBucket.rateBitsPerSec, limit: 'token-bucket' }
    : link;
}
