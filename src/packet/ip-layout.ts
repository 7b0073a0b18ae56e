// Where the parts of a received or quoted IP packet stand, without building objects for them: the fast way past the IP header
// for reply-match.ts. ipv4.ts and ipv6.ts are the complete codecs and hold the octet diagrams.
import { ProtocolError } from '../model/errors.js';
import { IPV4_BYTES, IPV6_BYTES } from './address.js';
import { IPV4_HEADER_BYTES } from './ipv4.js';
import { IPV6_HEADER_BYTES, MAX_EXTENSION_HEADERS, extensionHeaderBytes, isExtensionHeader } from './ipv6.js';
import { requireOctets, uint16At } from './octets.js';
import { IP_PROTOCOL } from './protocol-numbers.js';

export interface IpLayout {
  /** DSCP · 4 + ECN. */
  readonly trafficClass: number;
  /** TTL or hop limit. */
  readonly ttl: number;
  /** Length of the IP packet as its header says. */
  readonly sizeBytes: number;
  /** Identification of IPv4, 0 for IPv6. */
  readonly ipId: number;
  /** What stands at `transportAt`, after all extension headers. */
  readonly protocol: number;
  readonly sourceAt: number;
  readonly destinationAt: number;
  readonly addressBytes: 4 | 16;
  readonly transportAt: number;
  /** End of the packet or of what was kept of it. */
  readonly end: number;
  /** A fragment that is not the first: no transport header stands at `transportAt`. */
  readonly laterFragment: boolean;
}

/** The IP packet at `at`, by the version in its first octet. @throws ProtocolError */
export function locateIp(bytes: Uint8Array, at: number): IpLayout {
  requireOctets(bytes, at, IPV4_HEADER_BYTES, 'IP header');
  const version = (bytes[at] ?? 0) >> 4;
  if (version === 4) return locateIpv4(bytes, at);
  if (version === 6) return locateIpv6(bytes, at);
  throw new ProtocolError(`IP: version ${version}`);
}

function locateIpv4(bytes: Uint8Array, at: number): IpLayout {
  const headerLength = 4 * ((bytes[at] ?? 0) & 0x0f);
  const sizeBytes = uint16At(bytes, at + 2);
  if (headerLength < IPV4_HEADER_BYTES || headerLength > sizeBytes) {
    throw new ProtocolError(`IPv4: header of ${headerLength} in a packet of ${sizeBytes} bytes`);
  }
  requireOctets(bytes, at, headerLength, 'IPv4 header');
  return {
    trafficClass: bytes[at + 1] ?? 0,
    ttl: bytes[at + 8] ?? 0,
    sizeBytes,
    ipId: uint16At(bytes, at + 4),
    protocol: bytes[at + 9] ?? 0,
    sourceAt: at + 12,
    destinationAt: at + 16,
    addressBytes: IPV4_BYTES,
    transportAt: at + headerLength,
    end: Math.min(at + sizeBytes, bytes.length),
    laterFragment: (uint16At(bytes, at + 6) & 0x1fff) !== 0,
  };
}

function locateIpv6(bytes: Uint8Array, at: number): IpLayout {
  requireOctets(bytes, at, IPV6_HEADER_BYTES, 'IPv6 header');
  const sizeBytes = IPV6_HEADER_BYTES + uint16At(bytes, at + 4);
  const end = Math.min(at + sizeBytes, bytes.length);
  let protocol = bytes[at + 6] ?? 0;
  let transportAt = at + IPV6_HEADER_BYTES;
  let laterFragment = false;
  // Ends: at most MAX_EXTENSION_HEADERS rounds.
  for (let headers = 0; isExtensionHeader(protocol) && !laterFragment; headers++) {
    if (headers === MAX_EXTENSION_HEADERS) throw new ProtocolError('IPv6: too many extension headers');
    const length = extensionHeaderBytes(protocol, bytes[transportAt + 1] ?? 0);
    if (transportAt + length > end) throw new ProtocolError('IPv6: extension header cut off');
    laterFragment = protocol === IP_PROTOCOL.fragment && (uint16At(bytes, transportAt + 2) & 0xfff8) !== 0;
    protocol = bytes[transportAt] ?? 0;
    transportAt += length;
  }
  return {
    trafficClass: (uint16At(bytes, at) >> 4) & 0xff,
    ttl: bytes[at + 7] ?? 0,
    sizeBytes,
    ipId: 0,
    protocol,
    sourceAt: at + 8,
    destinationAt: at + 24,
    addressBytes: IPV6_BYTES,
    transportAt,
    end,
    laterFragment,
  };
}
