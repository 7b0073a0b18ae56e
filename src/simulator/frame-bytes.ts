// How many bytes a packet takes on a link, in one frame or in fragments.

const IP_HEADER_BYTES = 20;

interface Sized {
  readonly sizeBytes: number;
  readonly dontFragment: boolean;
}

/**
 * Null: too large and may not be fragmented. Fragments travel together, as one frame of their summed length.
 * `overheadBytes` is what each frame takes beside its IP length; without an MTU any size passes.
 */
export function computeFrameBytes(
  { sizeBytes, dontFragment }: Sized,
  mtuBytes: number | undefined,
  overheadBytes: number,
): number | null {
  if (mtuBytes === undefined || sizeBytes <= mtuBytes) return sizeBytes + overheadBytes;
  if (dontFragment) return null;
  // RFC 791: all fragments but the last carry a multiple of 8 bytes.
  const payloadPerFragment = Math.floor((mtuBytes - IP_HEADER_BYTES) / 8) * 8;
  const fragments = Math.ceil((sizeBytes - IP_HEADER_BYTES) / payloadPerFragment);
  return sizeBytes + (fragments - 1) * IP_HEADER_BYTES + fragments * overheadBytes;
}
