// IPv4 packets, RFC 791 with DSCP (RFC 2474) and ECN (RFC 3168). Fragments are seen, not reassembled.
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-------+-------+-----------+---+-------------------------------+
// |   4   |  IHL  |   DSCP    |ECN|         total length          |  0
// +-------+-------+-----------+---+-+-+-+-------------------------+
// |         identification        |0|D|M|     fragment offset     |  4
// +---------------+---------------+-+-+-+-------------------------+
// |      TTL      |   protocol    |        header checksum        |  8
// +---------------+---------------+-------------------------------+
// |                             source                            | 12
// |                          destination                          | 16
// |              options, 0-40 octets, whole words                | 20
// +---------------------------------------------------------------+
import { ProtocolError } from '../model/errors.js';
import { IPV4_BYTES } from './address.js';
import { computeChecksum } from './checksum.js';
import { concatOctets, putUint16, requireLength, requireOctets, requireRange, uint16At } from './octets.js';

export const IPV4_HEADER_BYTES = 20;

export interface Ipv4Header {
  /** 0-63 */
  readonly dscp: number;
  /** 0-3 */
  readonly ecn: number;
  readonly identification: number;
  readonly dontFragment: boolean;
  readonly moreFragments: boolean;
  /** Multiple of 8, 0-65528. */
  readonly fragmentOffsetBytes: number;
  readonly ttl: number;
  readonly protocol: number;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** Raw, padded to whole words. */
  readonly options: Uint8Array;
}

export interface Ipv4Packet extends Ipv4Header {
  readonly payload: Uint8Array;
}

export interface ParsedIpv4Packet extends Ipv4Packet {
  /** As the header says; the payload is shorter where the capture was cut off. */
  readonly totalLength: number;
  readonly checksumValid: boolean;
}

/** Octets after the total length are link padding and dropped. Views, not copies. @throws ProtocolError */
export function parseIpv4(bytes: Uint8Array): ParsedIpv4Packet {
  requireOctets(bytes, 0, IPV4_HEADER_BYTES, 'IPv4 header');
  const first = bytes[0] ?? 0;
  const headerLength = 4 * (first & 0x0f);
  const totalLength = uint16At(bytes, 2);
  if (first >> 4 !== 4) throw new ProtocolError(`IPv4: version ${first >> 4}`);
  if (headerLength < IPV4_HEADER_BYTES || headerLength > totalLength) {
    throw new ProtocolError(`IPv4: header of ${headerLength} in a packet of ${totalLength} bytes`);
  }
  requireOctets(bytes, 0, headerLength, 'IPv4 header');
  const fragment = uint16At(bytes, 6);
  const trafficClass = bytes[1] ?? 0;
  return {
    dscp: trafficClass >> 2,
    ecn: trafficClass & 3,
    identification: uint16At(bytes, 4),
    dontFragment: (fragment & 0x4000) !== 0,
    moreFragments: (fragment & 0x2000) !== 0,
    fragmentOffsetBytes: 8 * (fragment & 0x1fff),
    ttl: bytes[8] ?? 0,
    protocol: bytes[9] ?? 0,
    source: bytes.subarray(12, 16),
    destination: bytes.subarray(16, 20),
    options: bytes.subarray(IPV4_HEADER_BYTES, headerLength),
    payload: bytes.subarray(headerLength, totalLength),
    totalLength,
    checksumValid: computeChecksum(bytes, 0, headerLength) === 0,
  };
}

export function encodeIpv4(packet: Ipv4Packet): Uint8Array {
  return concatOctets([encodeIpv4Header(packet, packet.payload.length), packet.payload]);
}

/** Header with its checksum for a payload of `payloadLength` octets. @throws InvariantError for values out of range. */
export function encodeIpv4Header(header: Ipv4Header, payloadLength: number): Uint8Array {
  requireHeader(header);
  const headerLength = IPV4_HEADER_BYTES + header.options.length;
  requireRange(headerLength + payloadLength, 0xffff, 'IPv4 total length');
  const bytes = new Uint8Array(headerLength);
  bytes[0] = 0x40 | (headerLength / 4);
  bytes[1] = (header.dscp << 2) | header.ecn;
  putUint16(bytes, 2, headerLength + payloadLength);
  putUint16(bytes, 4, header.identification);
  const flags = (header.dontFragment ? 0x4000 : 0) | (header.moreFragments ? 0x2000 : 0);
  putUint16(bytes, 6, flags | (header.fragmentOffsetBytes / 8));
  bytes[8] = header.ttl;
  bytes[9] = header.protocol;
  bytes.set(header.source, 12);
  bytes.set(header.destination, 16);
  bytes.set(header.options, IPV4_HEADER_BYTES);
  putUint16(bytes, 10, computeChecksum(bytes));
  return bytes;
}

function requireHeader(header: Ipv4Header): void {
  requireRange(header.dscp, 63, 'DSCP');
  requireRange(header.ecn, 3, 'ECN');
  requireRange(header.identification, 0xffff, 'IPv4 identification');
  requireRange(header.fragmentOffsetBytes / 8, 0x1fff, 'IPv4 fragment offset in words of 8');
  requireRange(header.ttl, 255, 'TTL');
  requireRange(header.protocol, 255, 'IP protocol');
  requireRange(header.options.length / 4, 10, 'IPv4 options in words of 4');
  requireLength(header.source, IPV4_BYTES, 'IPv4 source');
  requireLength(header.destination, IPV4_BYTES, 'IPv4 destination');
}
