// The Internet checksum: RFC 1071, pseudo headers of RFC 768/793/8200, incremental update of RFC 1624 (equation 3).
import { IPV4_BYTES } from './address.js';
import { uint16At } from './octets.js';

/**
 * Sum of 16-bit words in `bytes[start, end)`, an odd last octet padded with zero, added to `sum`. Not folded: 64 KB add less
 * than 2^32, so any number of packets' sums stays an exact double.
 */
function sumWords(bytes: Uint8Array, start = 0, end = bytes.length, sum = 0): number {
  let total = sum;
  const even = start + ((end - start) & ~1);
  for (let at = start; at < even; at += 2) total += uint16At(bytes, at);
  return even < end ? total + ((bytes[even] ?? 0) << 8) : total;
}

/** The checksum of a sum: its ones' complement, folded to 16 bits. */
export function foldChecksum(sum: number): number {
  let folded = sum;
  // Ends: each round keeps the low 16 bits and adds a carry that is 65,536 times smaller.
  while (folded > 0xffff) folded = (folded % 0x1_0000) + Math.floor(folded / 0x1_0000);
  return ~folded & 0xffff;
}

export function computeChecksum(bytes: Uint8Array, start = 0, end = bytes.length): number {
  return foldChecksum(sumWords(bytes, start, end));
}

export interface PseudoHeader {
  /** Both 4 or both 16 octets. */
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly protocol: number;
}

/** Unfolded sum of the pseudo header of a transport segment of `length` octets. */
export function sumPseudoHeader(pseudo: PseudoHeader, length: number): number {
  const addresses = sumWords(pseudo.destination, 0, pseudo.destination.length, sumWords(pseudo.source));
  // The length field is 32 bits wide with IPv6; its high half is a word of its own.
  return addresses + pseudo.protocol + (length & 0xffff) + Math.floor(length / 0x1_0000);
}

/** Checksum of a whole segment whose own checksum field is zero. ICMPv6 has a pseudo header, ICMP has none (null). */
export function computeTransportChecksum(segment: Uint8Array, pseudo: PseudoHeader | null): number {
  const start = pseudo === null ? 0 : sumPseudoHeader(pseudo, segment.length);
  return foldChecksum(sumWords(segment, 0, segment.length, start));
}

/** True if a segment with its checksum in place adds up. A UDP checksum of zero over IPv4 means "none" and is valid. */
export function isTransportChecksumValid(segment: Uint8Array, pseudo: PseudoHeader | null): boolean {
  const udpOverIpv4 = pseudo?.protocol === 17 && pseudo.source.length === IPV4_BYTES;
  if (udpOverIpv4 && uint16At(segment, 6) === 0) return true;
  return computeTransportChecksum(segment, pseudo) === 0;
}

/** HC' = ~(~HC + ~m + m') of RFC 1624 when one 16-bit word changes from `before` to `after`. */
export function updateChecksum(checksum: number, before: number, after: number): number {
  return foldChecksum((~checksum & 0xffff) + (~before & 0xffff) + after);
}
