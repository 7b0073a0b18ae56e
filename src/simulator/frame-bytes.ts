// How many bytes a packet takes on a link, in one frame or in fragments. Fragments travel together, as one frame of their summed
// length.
import type { HopModel } from './path-model.js';

const IP_HEADER_BYTES = 20;

interface Sized {
  readonly sizeBytes: number;
  /** As in `Packet`. */
  readonly partBytes: number;
}

/**
 * Length of the largest part in which a packet goes over a link; null where it is too long and may not be, or is not, fragmented
 * there. Without an MTU any length passes.
 */
export function computePartBytes(
  { partBytes, dontFragment }: Sized & { readonly dontFragment: boolean },
  mtu: HopModel['mtu'],
): number | null {
  if (mtu === undefined || partBytes <= mtu.bytes) return partBytes;
  return dontFragment || mtu.dropsWhole === true ? null : mtu.bytes;
}

/** Packets that carry it: 1 where it is whole. */
export function countFragments({ sizeBytes, partBytes }: Sized): number {
  if (sizeBytes <= partBytes) return 1;
  // RFC 791: all fragments but the last carry a multiple of 8 bytes.
  const payloadPerFragment = Math.floor((partBytes - IP_HEADER_BYTES) / 8) * 8;
  return Math.ceil((sizeBytes - IP_HEADER_BYTES) / payloadPerFragment);
}

/** `overheadBytes` is what each frame takes beside its IP length. */
export function computeFrameBytes(sizeBytes: number, fragments: number, overheadBytes: number): number {
  return sizeBytes + (fragments - 1) * IP_HEADER_BYTES + fragments * overheadBytes;
}
