// The TLV by which a sender asks our reflector for a train of packets of its own, its answer, and the mark in the packets of the
// train (docs/protocol.md). Type 252 is for private use (RFC 8972 5.1): other reflectors return it unrecognised.
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +---------------+---------------+---------------+---------------+
// |   operation   |    status     | traffic class |       0       |  0
// |                              run                              |  4
// |                            cookie, 64                         |  8
// |   length of a packet          |               0               | 16  UDP payload
// |                             bursts                            | 20
// |                       packets of a burst                      | 24
// |                         spread factor                         | 28  units of 2^-22
// |                         first gap, 64                         | 32  units of 2^-24 ns
// |                          spacing, 64                          | 40  units of 2^-24 ns
// |                      packets handed over                      | 48
// |                               0                               | 52
// +---------------------------------------------------------------+
//
// In a packet of a train: operation 4, three octets of zero, run, index.
import { putUint16, putUint32, putUint64, requireRange, uint32At, uint64At } from './octets.js';
import { SENDER_TLV_FLAGS, type StampTlv } from './stamp-tlv.js';

const TRAIN_TLV = 252;
const VALUE_BYTES = 56;
const PACKET_VALUE_BYTES = 12;
const PACKET_OPERATION = 4;
/** STAMP packet, TLV header and mark: the shortest UDP payload of a train's packet. */
export const MIN_TRAIN_PACKET_BYTES = 60;
/** STAMP packet, TLV header and value: the UDP payload of a request and of its answer. */
export const TRAIN_REQUEST_BYTES = 104;
/** What the reflector plans packet by packet; a burst of equal gaps has no such bound. */
export const MAX_CHIRP_PACKETS = 4096;

const OPERATIONS = { hello: 1, run: 2, stop: 3 } as const;
export type TrainOperation = keyof typeof OPERATIONS;

export const TRAIN_STATUS = {
  /** Nothing is sent; also where the cookie was wrong or too old. */
  cookie: 1,
  running: 2,
  complete: 3,
  stopped: 4,
  overLimit: 5,
  busy: 6,
  failed: 7,
  unknown: 8,
} as const;

/** Bursts of packets; in a burst each gap is the one before divided by `spreadFactor`. As in a schedule, gaps are from start to start. */
export interface TrainShape {
  /** UDP payload. */
  readonly packetBytes: number;
  /** DSCP · 4. */
  readonly trafficClass: number;
  readonly bursts: number;
  readonly packets: number;
  /** 1 to 1,000; exact to 2^-22. */
  readonly spreadFactor: number;
  readonly firstGapNs: number;
  readonly spacingNs: number;
}

export interface TrainRequest {
  readonly operation: TrainOperation;
  /** Chosen by the sender, rising from run to run in 32 bits that wrap. */
  readonly run: number;
  /** 64 bits from the last answer; 0 in a hello. */
  readonly cookie: bigint;
  readonly shape: TrainShape;
}

/** What a TLV of this type says when it comes from the reflector. */
export type TrainWord =
  | {
      readonly kind: 'answer';
      readonly run: number;
      readonly cookie: bigint;
      /** Of TRAIN_STATUS. */
      readonly status: number;
      /** Packets of the train that left so far. */
      readonly handedOver: number;
    }
  | { readonly kind: 'packet'; readonly run: number; readonly index: number };

/** @throws InvariantError for values out of range. */
export function encodeTrainRequest({ operation, run, cookie, shape }: TrainRequest): StampTlv {
  requireRange(shape.packetBytes, 0xffff, 'length of a train packet');
  requireRange(shape.trafficClass, 0xff, 'traffic class of a train');
  requireRange(shape.bursts, 0xffff_ffff, 'bursts of a train');
  requireRange(shape.packets, 0xffff_ffff, 'packets of a burst');
  const data = new Uint8Array(VALUE_BYTES);
  data[0] = OPERATIONS[operation];
  data[2] = shape.trafficClass;
  putUint32(data, 4, run);
  putUint64(data, 8, cookie);
  putUint16(data, 16, shape.packetBytes);
  putUint32(data, 20, shape.bursts);
  putUint32(data, 24, shape.packets);
  putUint32(data, 28, Math.round(shape.spreadFactor * 2 ** 22));
  putUint64(data, 32, BigInt(Math.round(shape.firstGapNs * 2 ** 24)));
  putUint64(data, 40, BigInt(Math.round(shape.spacingNs * 2 ** 24)));
  return { kind: 'other', type: TRAIN_TLV, data, flags: SENDER_TLV_FLAGS };
}

/** null for other TLVs, and for one that the reflector did not understand. */
export function parseTrainWord(tlv: StampTlv): TrainWord | null {
  if (tlv.kind !== 'other' || tlv.type !== TRAIN_TLV || tlv.flags.unrecognized || tlv.flags.malformed) return null;
  const { data } = tlv;
  const run = uint32At(data, 4);
  if (data.length === PACKET_VALUE_BYTES && data[0] === PACKET_OPERATION) {
    return { kind: 'packet', run, index: uint32At(data, 8) };
  }
  const status = data[1] ?? 0;
  // 0 is what the request has: then it was sent back by somebody who cleared the flag of a TLV that he does not know.
  if (data.length !== VALUE_BYTES || status === 0) return null;
  return { kind: 'answer', run, cookie: uint64At(data, 8), status, handedOver: uint32At(data, 48) };
}
