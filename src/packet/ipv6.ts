// IPv6 packets and their extension headers, RFC 8200. Fragments are seen, not reassembled; ESP and AH end the walk.
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-------+-----------+---+---------------------------------------+
// |   6   |   DSCP    |ECN|              flow label               |  0
// +-------+-----------+---+-------+---------------+---------------+
// |        payload length         |  next header  |   hop limit   |  4
// +-------------------------------+---------------+---------------+
// |                     source, 16 octets                         |  8
// |                   destination, 16 octets                      | 24
// +---------------+---------------+-------------------------------+
// |  next header  | length/8 - 1  |  options or routing data ...  | 40  hop-by-hop, routing, destination options
// +---------------+---------------+-------------------------+---+-+
// |  next header  |   reserved    |     fragment offset     | 0 |M|     fragment
// |                        identification                         |
// +---------------------------------------------------------------+
import { ProtocolError } from '../model/errors.js';
import { IPV6_BYTES } from './address.js';
import {
  concatOctets,
  putUint16,
  putUint32,
  requireLength,
  requireOctets,
  requireRange,
  uint16At,
  uint32At,
} from './octets.js';
import { IP_PROTOCOL } from './protocol-numbers.js';

export const IPV6_HEADER_BYTES = 40;
const FRAGMENT_HEADER_BYTES = 8;
/** RFC 8200 4.1 orders seven; more in one packet are an attack on parsers. */
export const MAX_EXTENSION_HEADERS = 8;

export type Ipv6Extension =
  | {
      readonly kind: 'options' | 'routing';
      /** IP_PROTOCOL.hopByHop, .destinationOptions or .routing. */
      readonly protocol: number;
      /** What follows the length octet; 6 octets or 8 more each time. */
      readonly body: Uint8Array;
    }
  | {
      readonly kind: 'fragment';
      readonly offsetBytes: number;
      readonly moreFragments: boolean;
      readonly identification: number;
    };

export interface Ipv6Header {
  readonly dscp: number;
  readonly ecn: number;
  /** 20 bits. */
  readonly flowLabel: number;
  readonly hopLimit: number;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly extensions: readonly Ipv6Extension[];
  /** What the payload is, after all extension headers. */
  readonly protocol: number;
}

export interface Ipv6Packet extends Ipv6Header {
  readonly payload: Uint8Array;
}

export interface ParsedIpv6Packet extends Ipv6Packet {
  /** As the header says, 40 octets included; the payload is shorter where the capture was cut off. */
  readonly totalLength: number;
}

export function isExtensionHeader(protocol: number): boolean {
  return (
    protocol === IP_PROTOCOL.hopByHop ||
    protocol === IP_PROTOCOL.routing ||
    protocol === IP_PROTOCOL.fragment ||
    protocol === IP_PROTOCOL.destinationOptions
  );
}

/** Length in octets of the extension header `protocol` whose second octet is `lengthOctet`. */
export function extensionHeaderBytes(protocol: number, lengthOctet: number): number {
  return protocol === IP_PROTOCOL.fragment ? FRAGMENT_HEADER_BYTES : 8 * (lengthOctet + 1);
}

/** Octets after the payload length are link padding and dropped. Views, not copies. @throws ProtocolError */
export function parseIpv6(bytes: Uint8Array): ParsedIpv6Packet {
  requireOctets(bytes, 0, IPV6_HEADER_BYTES, 'IPv6 header');
  const first = uint32At(bytes, 0);
  if (first >>> 28 !== 6) throw new ProtocolError(`IPv6: version ${first >>> 28}`);
  const totalLength = IPV6_HEADER_BYTES + uint16At(bytes, 4);
  const { extensions, protocol, payload } = parseExtensions(bytes.subarray(0, totalLength));
  return {
    dscp: (first >>> 22) & 0x3f,
    ecn: (first >>> 20) & 3,
    flowLabel: first & 0xf_ffff,
    hopLimit: bytes[7] ?? 0,
    source: bytes.subarray(8, 24),
    destination: bytes.subarray(24, 40),
    extensions,
    protocol,
    payload,
    totalLength,
  };
}

function parseExtensions(packet: Uint8Array): Pick<Ipv6Packet, 'extensions' | 'protocol' | 'payload'> {
  const extensions: Ipv6Extension[] = [];
  let protocol = packet[6] ?? 0;
  let at = IPV6_HEADER_BYTES;
  // Ends: each round consumes a header of at least 8 octets, at most MAX_EXTENSION_HEADERS of them.
  while (isExtensionHeader(protocol)) {
    if (extensions.length === MAX_EXTENSION_HEADERS) throw new ProtocolError('IPv6: too many extension headers');
    requireOctets(packet, at, 8, 'IPv6 extension header');
    const length = extensionHeaderBytes(protocol, packet[at + 1] ?? 0);
    requireOctets(packet, at, length, 'IPv6 extension header');
    const extension = parseExtension(protocol, packet.subarray(at, at + length));
    extensions.push(extension);
    protocol = packet[at] ?? 0;
    at += length;
    // What follows in a later fragment is the middle of something, whatever it is called.
    if (extension.kind === 'fragment' && extension.offsetBytes > 0) break;
  }
  return { extensions, protocol, payload: packet.subarray(at) };
}

function parseExtension(protocol: number, header: Uint8Array): Ipv6Extension {
  if (protocol !== IP_PROTOCOL.fragment) {
    return { kind: protocol === IP_PROTOCOL.routing ? 'routing' : 'options', protocol, body: header.subarray(2) };
  }
  const word = uint16At(header, 2);
  return {
    kind: 'fragment',
    offsetBytes: word & 0xfff8,
    moreFragments: (word & 1) !== 0,
    identification: uint32At(header, 4),
  };
}

export function encodeIpv6(packet: Ipv6Packet): Uint8Array {
  return concatOctets([encodeIpv6Header(packet, packet.payload.length), packet.payload]);
}

/** Header and extensions for a payload of `payloadLength` octets. @throws InvariantError for values out of range. */
export function encodeIpv6Header(header: Ipv6Header, payloadLength: number): Uint8Array {
  requireHeader(header);
  const extensions = header.extensions.map((extension, i) => {
    const next = header.extensions[i + 1];
    return encodeExtension(extension, next === undefined ? header.protocol : extensionProtocol(next));
  });
  const extensionBytes = extensions.reduce((sum, extension) => sum + extension.length, 0);
  requireRange(extensionBytes + payloadLength, 0xffff, 'IPv6 payload length');
  const fixed = new Uint8Array(IPV6_HEADER_BYTES);
  putUint32(fixed, 0, 0x6000_0000 + (((header.dscp << 2) | header.ecn) << 20) + header.flowLabel);
  putUint16(fixed, 4, extensionBytes + payloadLength);
  const first = header.extensions[0];
  fixed[6] = first === undefined ? header.protocol : extensionProtocol(first);
  fixed[7] = header.hopLimit;
  fixed.set(header.source, 8);
  fixed.set(header.destination, 24);
  return extensions.length === 0 ? fixed : concatOctets([fixed, ...extensions]);
}

function extensionProtocol(extension: Ipv6Extension): number {
  return extension.kind === 'fragment' ? IP_PROTOCOL.fragment : extension.protocol;
}

function encodeExtension(extension: Ipv6Extension, nextHeader: number): Uint8Array {
  if (extension.kind === 'fragment') {
    requireRange(extension.offsetBytes / 8, 0x1fff, 'IPv6 fragment offset in words of 8');
    const fragment = new Uint8Array(FRAGMENT_HEADER_BYTES);
    fragment[0] = nextHeader;
    putUint16(fragment, 2, extension.offsetBytes | (extension.moreFragments ? 1 : 0));
    putUint32(fragment, 4, extension.identification);
    return fragment;
  }
  const words = (extension.body.length + 2) / 8;
  requireRange(words - 1, 255, 'IPv6 extension header in words of 8');
  return concatOctets([Uint8Array.of(nextHeader, words - 1), extension.body]);
}

function requireHeader(header: Ipv6Header): void {
  requireRange(header.dscp, 63, 'DSCP');
  requireRange(header.ecn, 3, 'ECN');
  requireRange(header.flowLabel, 0xf_ffff, 'IPv6 flow label');
  requireRange(header.hopLimit, 255, 'IPv6 hop limit');
  requireRange(header.protocol, 255, 'IP protocol');
  requireRange(header.extensions.length, MAX_EXTENSION_HEADERS, 'number of IPv6 extension headers');
  requireLength(header.source, IPV6_BYTES, 'IPv6 source');
  requireLength(header.destination, IPV6_BYTES, 'IPv6 destination');
}
