// MPLS labels that a router attaches to its error message, RFC 4950: what our packet carried when it came there.
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-------+-----------------------+-------------------------------+
// | ver 2 |       reserved        |           checksum            |  0  extension header, RFC 4884 7
// +-------+-----------------------+---------------+---------------+
// |            length             | class 1 MPLS  |  c-type 1     |  4  object header
// +---------------------------------------+-----+-+---------------+
// |                 label                 | exp |S|      TTL      |  8  one entry or more
// +---------------------------------------+-----+-+---------------+
import { ProtocolError } from '../model/errors.js';
import { computeChecksum } from './checksum.js';
import { parseIcmp } from './icmp.js';
import { parseIcmpv6 } from './icmpv6.js';
import { locateIp } from './ip-layout.js';
import { uint16At, uint32At } from './octets.js';
import { IP_PROTOCOL } from './protocol-numbers.js';

export interface MplsLabel {
  /** 20 bits. */
  readonly label: number;
  readonly trafficClass: number;
  readonly isBottom: boolean;
  readonly ttl: number;
}

const EXTENSION_VERSION = 2;
const EXTENSION_HEADER_BYTES = 4;
const OBJECT_HEADER_BYTES = 4;
const ENTRY_BYTES = 4;
const MPLS_STACK = { classNumber: 1, cType: 1 } as const;
/** Where routers older than RFC 4884 put extensions without announcing them (RFC 4884 5.5). */
const UNANNOUNCED_AT = 128;

/** `packet` is a received IP packet. Empty where it is no error message, carries no labels, or what it carries does not parse. */
export function parseMplsLabels(packet: Uint8Array): MplsLabel[] {
  try {
    return readStack(findExtensions(packet));
  } catch (error) {
    if (error instanceof ProtocolError) return [];
    throw error;
  }
}

function findExtensions(packet: Uint8Array): Uint8Array {
  const ip = locateIp(packet, 0);
  const message = packet.subarray(ip.transportAt, ip.end);
  const parsed =
    ip.protocol === IP_PROTOCOL.icmpv6 && ip.addressBytes === 16 ? parseIcmpv6(message) : parseIcmp(message);
  if (parsed.kind !== 'unreachable' && parsed.kind !== 'time-exceeded') return packet.subarray(0, 0);
  const { extensions, quoted } = parsed;
  return extensions.length > 0 ? extensions : quoted.subarray(UNANNOUNCED_AT);
}

function readStack(bytes: Uint8Array): MplsLabel[] {
  if (bytes.length < EXTENSION_HEADER_BYTES || (bytes[0] ?? 0) >> 4 !== EXTENSION_VERSION) return [];
  // A checksum of zero was not computed. Anything else at that place is not an extension but the quoted packet.
  if (uint16At(bytes, 2) !== 0 && computeChecksum(bytes) !== 0) return [];
  let at = EXTENSION_HEADER_BYTES;
  // Ends: each object takes at least its header.
  while (at + OBJECT_HEADER_BYTES <= bytes.length) {
    const length = uint16At(bytes, at);
    if (length < OBJECT_HEADER_BYTES || at + length > bytes.length) return [];
    const isStack = bytes[at + 2] === MPLS_STACK.classNumber && bytes[at + 3] === MPLS_STACK.cType;
    if (isStack) return readEntries(bytes.subarray(at + OBJECT_HEADER_BYTES, at + length));
    at += length;
  }
  return [];
}

function readEntries(bytes: Uint8Array): MplsLabel[] {
  const labels: MplsLabel[] = [];
  for (let at = 0; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
    const entry = uint32At(bytes, at);
    labels.push({
      label: entry >>> 12,
      trafficClass: (entry >>> 9) & 7,
      isBottom: ((entry >>> 8) & 1) === 1,
      ttl: entry & 0xff,
    });
  }
  return labels;
}
