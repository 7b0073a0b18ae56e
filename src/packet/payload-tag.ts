// The first 8 payload octets of our probes, so that a reply is matched although 16-bit sequence numbers wrap.
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +---------------------------------------------------------------+
// |                            run tag                            |  0  chosen at random for each run
// |                         payload index                         |  4  of the packet in the run's schedule
// +---------------------------------------------------------------+
import { putUint32 } from './octets.js';

export const PAYLOAD_TAG_BYTES = 8;
export const PAYLOAD_TAG_INDEX_AT = 4;

export interface PayloadTag {
  /** 32 bits. */
  readonly runTag: number;
  /** 32 bits. */
  readonly payloadIndex: number;
}

/** Puts the tag at `at` if it fits before the end of `bytes`, else nothing. */
export function putPayloadTag(bytes: Uint8Array, at: number, tag: PayloadTag): void {
  if (at + PAYLOAD_TAG_BYTES > bytes.length) return;
  putUint32(bytes, at, tag.runTag);
  putUint32(bytes, at + PAYLOAD_TAG_INDEX_AT, tag.payloadIndex);
}
