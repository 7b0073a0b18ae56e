// What the probe's own port can show of a path at most: a capacity near that, or above it, is only a lower bound.
import type { PathDescription } from '../../../model/path.js';
import { BITS_PER_BYTE } from '../../../model/units.js';

/** In which direction trains were watched: `both` where the far end only echoes. */
export type Direction = 'forward' | 'reverse' | 'both';

/** How every sentence about it begins. */
export const OWN_PORT = "The probe's own port";
/** As near to what the port can do as its own rate varies from one moment to the next. */
const NEAR_SHARE = 0.9;
/** A link of the port's own speed is full at this share of it; beside its frame a packet takes 24 bytes on Ethernet. */
const PORT_FULL_ABOVE = 0.97;
const FRAME_OVERHEAD_BYTES = 24;

/**
 * Most bits a second of Ethernet frames, without FCS, of `frameBytes` that the port was measured to send (`forward`), to receive
 * (`reverse`) or to do both with; the packet rate counts as well as the bit rate. Infinity where it was never measured.
 */
export function computeOwnCeiling({ abilities }: PathDescription, frameBytes: number, direction: Direction): number {
  if (abilities === null) return Infinity;
  const frameBits = frameBytes * BITS_PER_BYTE;
  const sends = Math.min(abilities.sendBitsPerSec, abilities.sendPacketsPerSec * frameBits);
  const receives = Math.min(abilities.receiveBitsPerSec, abilities.receivePacketsPerSec * frameBits);
  if (direction === 'forward') return sends;
  return direction === 'reverse' ? receives : Math.min(sends, receives);
}

/**
 * Why a rate of such frames may be the port's and not the path's, as a sentence; null where it is well below what the port can do,
 * or where it fills the port's link, which is then a part of the path like any other.
 */
export function describeOwnCeiling(
  rateBitsPerSec: number,
  { path, frameBytes, direction }: { path: PathDescription; frameBytes: number; direction: Direction },
): string | null {
  const lineRate = ((path.port.speedBitsPerSec ?? Infinity) * frameBytes) / (frameBytes + FRAME_OVERHEAD_BYTES);
  if (rateBitsPerSec >= PORT_FULL_ABOVE * lineRate) return null;
  const sends = computeOwnCeiling(path, frameBytes, 'forward');
  const ceiling = computeOwnCeiling(path, frameBytes, direction);
  if (rateBitsPerSec < NEAR_SHARE * ceiling) return null;
  const does = direction !== 'reverse' && ceiling === sends ? 'sends' : 'receives';
  return `${OWN_PORT} ${does} no more than ${formatRate(ceiling)}`;
}

function formatRate(bitsPerSec: number): string {
  return bitsPerSec >= 1e9 ? `${(bitsPerSec / 1e9).toFixed(2)} Gb/s` : `${(bitsPerSec / 1e6).toPrecision(3)} Mb/s`;
}
