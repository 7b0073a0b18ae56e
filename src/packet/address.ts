// Text of IPv4, IPv6 and MAC addresses and of prefixes <-> their bytes. Whether an address may be used is decided elsewhere.
// Read: RFC 4291 2.2 (every IPv6 form), RFC 4007 11 (zones). Written: RFC 5952.
import { InvariantError, ProtocolError } from '../model/errors.js';
import { equalOctets, putUint16, requireLength, uint16At } from './octets.js';

export const IPV4_BYTES = 4;
export const IPV6_BYTES = 16;
export const MAC_BYTES = 6;

export interface Address {
  readonly family: 4 | 6;
  /** 4 or 16 octets. */
  readonly bytes: Uint8Array;
  /** Interface name or index after `%`, only with IPv6. */
  readonly zone: string | null;
}

/** A network: `bits` leading bits of `bytes` count, the others are zero. */
export interface Prefix {
  readonly family: 4 | 6;
  readonly bytes: Uint8Array;
  readonly bits: number;
}

/** @throws ProtocolError for anything but an IPv4 or IPv6 address; IPv4 with leading zeros is refused as ambiguous. */
export function parseAddress(text: string): Address {
  if (!text.includes(':')) return { family: 4, bytes: parseIpv4Address(text), zone: null };
  const percent = text.indexOf('%');
  if (percent < 0) return { family: 6, bytes: parseIpv6Address(text), zone: null };
  const zone = text.slice(percent + 1);
  // Linux interface names: up to 15 characters, neither slash nor space.
  if (!/^[^\s/%]{1,15}$/.test(zone)) throw malformed(text, 'zone');
  return { family: 6, bytes: parseIpv6Address(text.slice(0, percent)), zone };
}

/** Four decimal octets. @throws ProtocolError */
export function parseIpv4Address(text: string): Uint8Array {
  const parts = text.length <= 15 ? text.split('.') : [];
  if (parts.length !== IPV4_BYTES) throw malformed(text, 'IPv4 address');
  return Uint8Array.from(parts, (part) => {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) throw malformed(text, 'IPv4 address');
    return Number(part);
  });
}

/** Without zone; the last 32 bits may stand in dotted form. @throws ProtocolError */
function parseIpv6Address(text: string): Uint8Array {
  // Longest form: 0000:0000:0000:0000:0000:0000:255.255.255.255
  if (text.length > 45) throw malformed(text, 'IPv6 address');
  const halves = text.split('::');
  if (halves.length > 2) throw malformed(text, 'IPv6 address');
  const tail = halves[1];
  const headGroups = parseGroups(halves[0] ?? '', text, tail === undefined);
  const tailGroups = tail === undefined ? [] : parseGroups(tail, text, true);
  const groups = headGroups.length + tailGroups.length;
  if (tail === undefined ? groups !== 8 : groups > 7) throw malformed(text, 'IPv6 address');
  const bytes = new Uint8Array(IPV6_BYTES);
  headGroups.forEach((group, i) => putUint16(bytes, 2 * i, group));
  tailGroups.forEach((group, i) => putUint16(bytes, 2 * (8 - tailGroups.length + i), group));
  return bytes;
}

/** The 16-bit groups on one side of `::`; a dotted IPv4 address may only end the whole. */
function parseGroups(side: string, text: string, endsAddress: boolean): number[] {
  if (side === '') return [];
  const parts = side.split(':');
  const groups: number[] = [];
  parts.forEach((part, i) => {
    if (endsAddress && i === parts.length - 1 && part.includes('.')) {
      const dotted = parseIpv4Address(part);
      groups.push(uint16At(dotted, 0), uint16At(dotted, 2));
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) throw malformed(text, 'IPv6 address');
      groups.push(Number.parseInt(part, 16));
    }
  });
  return groups;
}

/** Canonical text of 4 or 16 octets, with `%zone` if given. @throws InvariantError for another length. */
export function formatAddress(bytes: Uint8Array, zone: string | null = null): string {
  if (bytes.length === IPV4_BYTES) return bytes.join('.');
  requireLength(bytes, IPV6_BYTES, 'IP address');
  const text = isIpv4Mapped(bytes) ? `::ffff:${bytes.subarray(12).join('.')}` : formatGroups(bytes);
  return zone === null ? text : `${text}%${zone}`;
}

function formatGroups(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => uint16At(bytes, 2 * i));
  const { start, length } = findLongestZeroRun(groups);
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  // RFC 5952 4.2.2: a single zero group is not shortened.
  if (length < 2) return hex(groups);
  return `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

/** RFC 5952 4.2.3: the longest run, the first of equals. */
function findLongestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  groups.forEach((group, i) => {
    if (group !== 0) start = i + 1;
    else if (i + 1 - start > best.length) best = { start, length: i + 1 - start };
  });
  return best;
}

const MAPPED_HEAD = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff);

/** ::ffff:0:0/96, how a dual-stack socket shows IPv4 (RFC 4291 2.5.5.2). */
export function isIpv4Mapped(bytes: Uint8Array): boolean {
  return bytes.length === IPV6_BYTES && equalOctets(bytes.subarray(0, 12), MAPPED_HEAD);
}

/** 16 octets of any address, IPv4 as ::ffff:a.b.c.d. */
export function mapToIpv6(bytes: Uint8Array): Uint8Array {
  if (bytes.length === IPV6_BYTES) return bytes;
  requireLength(bytes, IPV4_BYTES, 'IP address');
  const mapped = new Uint8Array(IPV6_BYTES);
  mapped.set(MAPPED_HEAD);
  mapped.set(bytes, 12);
  return mapped;
}

/** `address/bits`, or an address alone for all its bits. Bits beyond the prefix are cleared. @throws ProtocolError */
export function parsePrefix(text: string): Prefix {
  const slash = text.indexOf('/');
  const { family, bytes, zone } = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (zone !== null) throw malformed(text, 'prefix');
  const most = 8 * bytes.length;
  const bitsText = slash < 0 ? String(most) : text.slice(slash + 1);
  const bits = /^(0|[1-9]\d{0,2})$/.test(bitsText) ? Number(bitsText) : most + 1;
  if (bits > most) throw malformed(text, 'prefix');
  return { family, bytes: bytes.map((octet, i) => octet & prefixMask(bits, i)), bits };
}

/** IPv4 and IPv4-mapped IPv6 addresses are the same address here. A shorter prefix of IPv6, as ::/0, holds no IPv4. */
export function prefixContains(prefix: Prefix, address: Uint8Array): boolean {
  const wanted = mapToIpv6(prefix.bytes);
  const bits = computeMappedBits(prefix);
  const sought = mapToIpv6(address);
  if (bits < 96 && isIpv4Mapped(sought)) return false;
  return sought.every((octet, i) => ((octet ^ (wanted[i] ?? 0)) & prefixMask(bits, i)) === 0);
}

/** 17 octets: the address as IPv6 (IPv4 mapped) and the prefix length out of 128, as the native reflector takes it. */
export function encodePrefix(prefix: Prefix): Uint8Array {
  const encoded = new Uint8Array(IPV6_BYTES + 1);
  encoded.set(mapToIpv6(prefix.bytes));
  encoded[IPV6_BYTES] = computeMappedBits(prefix);
  return encoded;
}

function computeMappedBits(prefix: Prefix): number {
  return prefix.family === 4 ? prefix.bits + 96 : prefix.bits;
}

/** The part of octet `i` that a prefix of `bits` covers, as a mask. */
function prefixMask(bits: number, i: number): number {
  const covered = Math.max(0, Math.min(8, bits - 8 * i));
  return (0xff00 >> covered) & 0xff;
}

/** `aa:bb:cc:dd:ee:ff`, or with dashes. @throws ProtocolError */
export function parseMac(text: string): Uint8Array {
  if (!/^[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}$/.test(text)) throw malformed(text, 'MAC address');
  return Uint8Array.from(text.split(/[:-]/), (part) => Number.parseInt(part, 16));
}

/** Lower case with colons. @throws InvariantError unless 6 octets. */
export function formatMac(bytes: Uint8Array): string {
  requireLength(bytes, MAC_BYTES, 'MAC address');
  return Array.from(bytes, (octet) => octet.toString(16).padStart(2, '0')).join(':');
}

/** 4 or 6, from the number of octets. @throws InvariantError for another length. */
export function addressFamily(bytes: Uint8Array): 4 | 6 {
  if (bytes.length === IPV4_BYTES) return 4;
  if (bytes.length === IPV6_BYTES) return 6;
  throw new InvariantError(`IP address has ${bytes.length} bytes, must have 4 or 16`);
}

function malformed(text: string, what: string): ProtocolError {
  return new ProtocolError(`not an ${what}: ${JSON.stringify(text.slice(0, 60))}`);
}
