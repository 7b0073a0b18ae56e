// The TLVs that may follow a STAMP test packet, RFC 8972 4. Which ones to send and how to answer them is the reflector's business.
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+---------+---------------+-------------------------------+
// |U|M|I| reserved|     type      |            length             |  0
// +-+-+-+---------+---------------+-------------------------------+
// |                            value ...                          |  4
//
// 2 location              destination port 16 | source port 16 | sub-TLVs
// 3 timestamp information sync source in 8 | stamp in 8 | sync source out 8 | stamp out 8 | sub-TLVs
// 4 class of service      DSCP1 6 | DSCP2 6 | ECN 2 | reverse path 2 | reserved 16
// 5 direct measurement    sender's TX 32 | reflector's RX 32 | reflector's TX 32
// 7 follow-up telemetry   sequence 32 | timestamp 64 | stamp mode 8 | reserved 24
// 8 HMAC                  16 octets
import { concatOctets, putUint16, putUint32, putUint64, requireLength, requireRange } from './octets.js';
import { uint16At, uint32At, uint64At } from './octets.js';

export const STAMP_TLV_HEADER_BYTES = 4;

const STAMP_TLV = {
  extraPadding: 1,
  location: 2,
  timestampInformation: 3,
  classOfService: 4,
  directMeasurement: 5,
  followUpTelemetry: 7,
  hmac: 8,
} as const;

export interface StampTlvFlags {
  /** U: set by the sender, cleared by a reflector that understood the TLV. */
  readonly unrecognized: boolean;
  /** M: the reflector found the length wrong. */
  readonly malformed: boolean;
  /** I: the reflector could not verify the HMAC. */
  readonly integrityFailed: boolean;
}

/** As a sender must set them (RFC 8972 4). */
export const SENDER_TLV_FLAGS: StampTlvFlags = { unrecognized: true, malformed: false, integrityFailed: false };

export type StampTlvValue =
  | { readonly kind: 'extra-padding'; readonly data: Uint8Array }
  | {
      readonly kind: 'location';
      readonly destinationPort: number;
      readonly sourcePort: number;
      readonly subTlvs: Uint8Array;
    }
  | {
      readonly kind: 'timestamp-information';
      /** IANA's STAMP synchronization sources (1 NTP, 2 PTP, 3 SSU/BITS, 4 GNSS, 5 local) and timestamping methods. */
      readonly syncSourceIn: number;
      readonly stampMethodIn: number;
      readonly syncSourceOut: number;
      readonly stampMethodOut: number;
      readonly subTlvs: Uint8Array;
    }
  | {
      readonly kind: 'class-of-service';
      /** DSCP1: what the sender asks the reflector to reply with. */
      readonly wantedDscp: number;
      /** DSCP2: what the reflector received. */
      readonly receivedDscp: number;
      /** What the reflector received. */
      readonly receivedEcn: number;
      /** 0, or why the reflector did not use DSCP1. */
      readonly reversePath: number;
    }
  | {
      readonly kind: 'direct-measurement';
      readonly senderTxCount: number;
      readonly reflectorRxCount: number;
      readonly reflectorTxCount: number;
    }
  | {
      readonly kind: 'follow-up-telemetry';
      /** Of the reflector's previous packet. */
      readonly sequence: number;
      /** Raw 64 bits in the format of the reflector's error estimate; 0 for none. */
      readonly timestamp: bigint;
      readonly stampMethod: number;
    }
  | { readonly kind: 'hmac'; readonly hmac: Uint8Array }
  | { readonly kind: 'other'; readonly type: number; readonly data: Uint8Array };

export type StampTlv = StampTlvValue & { readonly flags: StampTlvFlags };

export interface StampTlvs {
  readonly tlvs: readonly StampTlv[];
  /** Octets after the last whole TLV: zeros of an old padding, or a TLV cut short. Kept, so that a mirror is exact. */
  readonly rest: Uint8Array;
}

/** Never throws: a TLV whose length overruns ends the list, one of a wrong length for its type is `other` (RFC 8972 4: M flag). */
export function parseStampTlvs(bytes: Uint8Array): StampTlvs {
  const tlvs: StampTlv[] = [];
  let at = 0;
  // Ends: each TLV takes at least its header of 4 octets.
  while (at + STAMP_TLV_HEADER_BYTES <= bytes.length) {
    const type = bytes[at + 1] ?? 0;
    const end = at + STAMP_TLV_HEADER_BYTES + uint16At(bytes, at + 2);
    // Type 0 is reserved: zero-filled padding of TWAMP-Light, not a TLV.
    if (type === 0 || end > bytes.length) break;
    const flags = bytes[at] ?? 0;
    tlvs.push({
      ...parseValue(type, bytes.subarray(at + STAMP_TLV_HEADER_BYTES, end)),
      flags: {
        unrecognized: (flags & 0x80) !== 0,
        malformed: (flags & 0x40) !== 0,
        integrityFailed: (flags & 0x20) !== 0,
      },
    });
    at = end;
  }
  return { tlvs, rest: bytes.subarray(at) };
}

function parseValue(type: number, value: Uint8Array): StampTlvValue {
  if (type === STAMP_TLV.extraPadding) return { kind: 'extra-padding', data: value };
  if (type === STAMP_TLV.hmac && value.length === 16) return { kind: 'hmac', hmac: value };
  if (type === STAMP_TLV.location && value.length >= 4) {
    const destinationPort = uint16At(value, 0);
    return { kind: 'location', destinationPort, sourcePort: uint16At(value, 2), subTlvs: value.subarray(4) };
  }
  if (type === STAMP_TLV.timestampInformation && value.length >= 4) {
    return {
      kind: 'timestamp-information',
      syncSourceIn: value[0] ?? 0,
      stampMethodIn: value[1] ?? 0,
      syncSourceOut: value[2] ?? 0,
      stampMethodOut: value[3] ?? 0,
      subTlvs: value.subarray(4),
    };
  }
  return parseFixedValue(type, value);
}

function parseFixedValue(type: number, value: Uint8Array): StampTlvValue {
  if (type === STAMP_TLV.classOfService && value.length === 4) {
    const word = uint16At(value, 0);
    return {
      kind: 'class-of-service',
      wantedDscp: word >> 10,
      receivedDscp: (word >> 4) & 0x3f,
      receivedEcn: (word >> 2) & 3,
      reversePath: word & 3,
    };
  }
  if (type === STAMP_TLV.directMeasurement && value.length === 12) {
    return {
      kind: 'direct-measurement',
      senderTxCount: uint32At(value, 0),
      reflectorRxCount: uint32At(value, 4),
      reflectorTxCount: uint32At(value, 8),
    };
  }
  if (type === STAMP_TLV.followUpTelemetry && value.length === 16) {
    return {
      kind: 'follow-up-telemetry',
      sequence: uint32At(value, 0),
      timestamp: uint64At(value, 4),
      stampMethod: value[12] ?? 0,
    };
  }
  return { kind: 'other', type, data: value };
}

/** @throws InvariantError for values out of range. */
export function encodeStampTlvs({ tlvs, rest }: StampTlvs): Uint8Array {
  return concatOctets([...tlvs.map(encodeStampTlv), rest]);
}

export function encodeStampTlv(tlv: StampTlv): Uint8Array {
  const value = encodeValue(tlv);
  requireRange(value.length, 0xffff, 'STAMP TLV length');
  const header = new Uint8Array(STAMP_TLV_HEADER_BYTES);
  const { unrecognized, malformed, integrityFailed } = tlv.flags;
  header[0] = (unrecognized ? 0x80 : 0) | (malformed ? 0x40 : 0) | (integrityFailed ? 0x20 : 0);
  header[1] = stampTlvType(tlv);
  putUint16(header, 2, value.length);
  return concatOctets([header, value]);
}

function stampTlvType(tlv: StampTlvValue): number {
  switch (tlv.kind) {
    case 'extra-padding':
      return STAMP_TLV.extraPadding;
    case 'location':
      return STAMP_TLV.location;
    case 'timestamp-information':
      return STAMP_TLV.timestampInformation;
    case 'class-of-service':
      return STAMP_TLV.classOfService;
    case 'direct-measurement':
      return STAMP_TLV.directMeasurement;
    case 'follow-up-telemetry':
      return STAMP_TLV.followUpTelemetry;
    case 'hmac':
      return STAMP_TLV.hmac;
    case 'other':
      return tlv.type;
  }
}

function encodeValue(tlv: StampTlvValue): Uint8Array {
  switch (tlv.kind) {
    case 'extra-padding':
    case 'other':
      return tlv.data;
    case 'hmac':
      requireLength(tlv.hmac, 16, 'HMAC of a STAMP TLV');
      return tlv.hmac;
    case 'location': {
      const ports = new Uint8Array(4);
      putUint16(ports, 0, tlv.destinationPort);
      putUint16(ports, 2, tlv.sourcePort);
      return concatOctets([ports, tlv.subTlvs]);
    }
    case 'timestamp-information':
      return concatOctets([
        Uint8Array.of(tlv.syncSourceIn, tlv.stampMethodIn, tlv.syncSourceOut, tlv.stampMethodOut),
        tlv.subTlvs,
      ]);
    case 'class-of-service':
    case 'direct-measurement':
    case 'follow-up-telemetry':
      return encodeFixedValue(tlv);
  }
}

type FixedValue = Extract<StampTlvValue, { kind: 'class-of-service' | 'direct-measurement' | 'follow-up-telemetry' }>;

function encodeFixedValue(tlv: FixedValue): Uint8Array {
  switch (tlv.kind) {
    case 'class-of-service': {
      requireRange(tlv.wantedDscp, 63, 'DSCP');
      requireRange(tlv.receivedDscp, 63, 'DSCP');
      requireRange(tlv.receivedEcn, 3, 'ECN');
      requireRange(tlv.reversePath, 3, 'reverse path');
      const value = new Uint8Array(4);
      putUint16(value, 0, (tlv.wantedDscp << 10) | (tlv.receivedDscp << 4) | (tlv.receivedEcn << 2) | tlv.reversePath);
      return value;
    }
    case 'direct-measurement': {
      const value = new Uint8Array(12);
      putUint32(value, 0, tlv.senderTxCount);
      putUint32(value, 4, tlv.reflectorRxCount);
      putUint32(value, 8, tlv.reflectorTxCount);
      return value;
    }
    case 'follow-up-telemetry': {
      const value = new Uint8Array(16);
      putUint32(value, 0, tlv.sequence);
      putUint64(value, 4, tlv.timestamp);
      value[12] = tlv.stampMethod;
      return value;
    }
  }
}
