// STAMP test packets, RFC 8762 with the session identifier and TLVs of RFC 8972. Whether a reflector is stateful shows only
// in `sequence`. Packets of TWAMP-Light (RFC 5357) that are shorter are filled with zeros. No HMAC is computed here.
//
// Sender, 44 octets                                Reflector, 44 octets
// +-----------------------------------+            +-----------------------------------+
// |          sequence number          |  0         |          sequence number          |  0
// |          timestamp T1, 64         |  4         |          timestamp T3, 64         |  4
// |  error estimate |      SSID       | 12         |  error estimate |      SSID       | 12
// |    must be zero, 28 octets        | 16         |       receive timestamp T2, 64    | 16
// +-----------------------------------+            |      sender's sequence number     | 24
// |              TLVs ...             | 44         |       sender's timestamp T1, 64   | 28
//                                                  | sender's error e.|      zero      | 36
//                                                  | sender's TTL |       zero         | 40
//                                                  |              TLVs ...             | 44
// Authenticated, 112 octets: each field in 16 octets of its own -
// sender: sequence 0, T1 16, error 24, SSID 26, HMAC 96;
// reflector: sequence 0, T3 16, error 24, SSID 26, T2 32, sender's sequence 48, T1 64, error 72, TTL 80, HMAC 96.
import { concatOctets, putUint16, putUint32, putUint64, requireLength, requireOctets, requireRange } from './octets.js';
import { uint16At, uint32At } from './octets.js';
import { encodeTimestamp, errorEstimateAt, putErrorEstimate, timestampAt } from './stamp-timestamp.js';
import { encodeStampTlvs, parseStampTlvs } from './stamp-tlv.js';
import type { ErrorEstimate, TimestampFormat } from './stamp-timestamp.js';
import type { StampTlvs } from './stamp-tlv.js';

export const STAMP_BYTES = 44;
const STAMP_AUTHENTICATED_BYTES = 112;
/** UDP ports of STAMP reflectors: the assigned one and our own. */
export const STAMP_PORTS: readonly number[] = [862, 3237];
/** Where T1 stands in an unauthenticated sender packet. */
export const STAMP_TIMESTAMP_AT = 4;
/** The shortest of TWAMP (RFC 5357 4.1.2, 4.2.1): a sender's packet and a reflector's. */
export const TWAMP_SENDER_BYTES = 14;
export const TWAMP_REFLECTOR_BYTES = 41;
const HMAC_BYTES = 16;

export interface StampSenderPacket extends StampTlvs {
  readonly sequence: number;
  /** T1 in ns since 1970 on the sender's clock, null for none. */
  readonly timestampNs: bigint | null;
  readonly errorEstimate: ErrorEstimate;
  /** Session identifier, 0 for none. */
  readonly ssid: number;
  /** Only in authenticated packets. */
  readonly hmac: Uint8Array | null;
}

export interface StampReflectorPacket extends StampSenderPacket {
  /** T2 in ns since 1970 on the reflector's clock; `timestampNs` is T3. */
  readonly receiveTimestampNs: bigint | null;
  readonly senderSequence: number;
  readonly senderTimestampNs: bigint | null;
  readonly senderErrorEstimate: ErrorEstimate;
  /** TTL with which the sender's packet arrived at the reflector. */
  readonly senderTtl: number;
}

export type StampMode = 'unauthenticated' | 'authenticated';

interface Layout {
  readonly bytes: number;
  readonly timestamp: number;
  readonly error: number;
  readonly ssid: number;
  readonly receive: number;
  readonly senderSequence: number;
  readonly senderTimestamp: number;
  readonly senderError: number;
  readonly senderTtl: number;
}

const LAYOUT: Record<StampMode, Layout> = {
  unauthenticated: {
    bytes: STAMP_BYTES,
    timestamp: STAMP_TIMESTAMP_AT,
    error: 12,
    ssid: 14,
    receive: 16,
    senderSequence: 24,
    senderTimestamp: 28,
    senderError: 36,
    senderTtl: 40,
  },
  authenticated: {
    bytes: STAMP_AUTHENTICATED_BYTES,
    timestamp: 16,
    error: 24,
    ssid: 26,
    receive: 32,
    senderSequence: 48,
    senderTimestamp: 64,
    senderError: 72,
    senderTtl: 80,
  },
};

/** @throws ProtocolError below 14 octets (unauthenticated) or 112 (authenticated). */
export function parseStampSender(bytes: Uint8Array, mode: StampMode = 'unauthenticated'): StampSenderPacket {
  return parseFixed(fillUp(bytes, mode, TWAMP_SENDER_BYTES), mode);
}

/** @throws ProtocolError below 41 octets (unauthenticated) or 112 (authenticated). */
export function parseStampReflector(bytes: Uint8Array, mode: StampMode = 'unauthenticated'): StampReflectorPacket {
  const filled = fillUp(bytes, mode, TWAMP_REFLECTOR_BYTES);
  const layout = LAYOUT[mode];
  const fixed = parseFixed(filled, mode);
  const senderErrorEstimate = errorEstimateAt(filled, layout.senderError);
  return {
    ...fixed,
    receiveTimestampNs: timestampAt(filled, layout.receive, fixed.errorEstimate.format),
    senderSequence: uint32At(filled, layout.senderSequence),
    senderTimestampNs: timestampAt(filled, layout.senderTimestamp, senderErrorEstimate.format),
    senderErrorEstimate,
    senderTtl: filled[layout.senderTtl] ?? 0,
  };
}

/**
 * Only the TLVs of an unauthenticated reflector packet, and the format of its times: where a reply was described already, reading all
 * of it again is half of the work of a run. Packets without TLVs, also short ones of TWAMP-Light, have none.
 */
export function parseReflectorTlvs(bytes: Uint8Array): StampTlvs & { readonly format: TimestampFormat } {
  const { format } = errorEstimateAt(bytes, LAYOUT.unauthenticated.error);
  return { format, ...parseStampTlvs(bytes.subarray(STAMP_BYTES)) };
}

function fillUp(bytes: Uint8Array, mode: StampMode, least: number): Uint8Array {
  requireOctets(bytes, 0, mode === 'authenticated' ? STAMP_AUTHENTICATED_BYTES : least, 'STAMP test packet');
  if (bytes.length >= STAMP_BYTES) return bytes;
  const filled = new Uint8Array(STAMP_BYTES);
  filled.set(bytes);
  return filled;
}

/** What both packets share, TLVs included. */
function parseFixed(bytes: Uint8Array, mode: StampMode): StampSenderPacket {
  const layout = LAYOUT[mode];
  const errorEstimate = errorEstimateAt(bytes, layout.error);
  return {
    sequence: uint32At(bytes, 0),
    timestampNs: timestampAt(bytes, layout.timestamp, errorEstimate.format),
    errorEstimate,
    ssid: uint16At(bytes, layout.ssid),
    hmac: mode === 'authenticated' ? bytes.subarray(layout.bytes - HMAC_BYTES, layout.bytes) : null,
    ...parseStampTlvs(bytes.subarray(layout.bytes)),
  };
}

/** Authenticated if `hmac` is given. @throws InvariantError for values out of range. */
export function encodeStampSender(packet: StampSenderPacket): Uint8Array {
  return concatOctets([encodeFixed(packet), encodeStampTlvs(packet)]);
}

/** Authenticated if `hmac` is given. @throws InvariantError for values out of range. */
export function encodeStampReflector(packet: StampReflectorPacket): Uint8Array {
  const layout = LAYOUT[packet.hmac === null ? 'unauthenticated' : 'authenticated'];
  const bytes = encodeFixed(packet);
  requireRange(packet.senderSequence, 0xffff_ffff, "sender's STAMP sequence");
  requireRange(packet.senderTtl, 255, "sender's TTL");
  putTimestamp(bytes, layout.receive, packet.receiveTimestampNs, packet.errorEstimate);
  putUint32(bytes, layout.senderSequence, packet.senderSequence);
  putTimestamp(bytes, layout.senderTimestamp, packet.senderTimestampNs, packet.senderErrorEstimate);
  putErrorEstimate(bytes, layout.senderError, packet.senderErrorEstimate);
  bytes[layout.senderTtl] = packet.senderTtl;
  return concatOctets([bytes, encodeStampTlvs(packet)]);
}

function encodeFixed(packet: StampSenderPacket): Uint8Array {
  const layout = LAYOUT[packet.hmac === null ? 'unauthenticated' : 'authenticated'];
  requireRange(packet.sequence, 0xffff_ffff, 'STAMP sequence');
  requireRange(packet.ssid, 0xffff, 'STAMP session identifier');
  const bytes = new Uint8Array(layout.bytes);
  putUint32(bytes, 0, packet.sequence);
  putTimestamp(bytes, layout.timestamp, packet.timestampNs, packet.errorEstimate);
  putErrorEstimate(bytes, layout.error, packet.errorEstimate);
  putUint16(bytes, layout.ssid, packet.ssid);
  if (packet.hmac !== null) {
    requireLength(packet.hmac, HMAC_BYTES, 'STAMP HMAC');
    bytes.set(packet.hmac, layout.bytes - HMAC_BYTES);
  }
  return bytes;
}

function putTimestamp(bytes: Uint8Array, at: number, unixNs: bigint | null, estimate: ErrorEstimate): void {
  putUint64(bytes, at, unixNs === null ? 0n : encodeTimestamp(unixNs, estimate.format));
}
