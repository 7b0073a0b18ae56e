// A packet of a recording, going either way: who sent it to whom, and the fields by which requests and answers belong together.
// Flat objects without views, because a recording reuses its buffer and may hold a million of them.
import { ProtocolError } from '../model/errors.js';
import { formatAddress } from './address.js';
import { ICMP_HEADER_BYTES, ICMP_TYPE } from './icmp.js';
import { ICMPV6_TYPE } from './icmpv6.js';
import { locateIp } from './ip-layout.js';
import type { IpLayout } from './ip-layout.js';
import { uint16At, uint32At } from './octets.js';
import { PAYLOAD_TAG_BYTES } from './payload-tag.js';
import { IP_PROTOCOL } from './protocol-numbers.js';
import type { QuotedProbe } from './reply.js';
import { parseReply } from './reply-match.js';
import { STAMP_PORTS } from './stamp.js';
import { parseTcp } from './tcp.js';
import type { TcpOption } from './tcp.js';
import { UDP_HEADER_BYTES } from './udp.js';

interface CapturedBase {
  readonly source: string;
  readonly destination: string;
  /** Length of the IP packet, also where less of it was recorded. */
  readonly sizeBytes: number;
  readonly ttl: number;
  /** DSCP · 4 + ECN. */
  readonly trafficClass: number;
  /** null with IPv6, which has no such bit. */
  readonly dontFragment: boolean | null;
  /** Identification of IPv4, 0 for IPv6. */
  readonly ipId: number;
}

export interface CapturedEcho extends CapturedBase {
  readonly kind: 'echo-request' | 'echo-reply';
  readonly identifier: number;
  readonly sequence: number;
  /** The first and second 4 octets of the data; in our own probes those of payload-tag.ts. null where there are none. */
  readonly runTag: number | null;
  readonly payloadIndex: number | null;
}

export interface CapturedUdp extends CapturedBase {
  readonly kind: 'udp';
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Start of the payload, at most UDP_KEPT_BYTES. */
  readonly payload: Uint8Array;
  /** Length on the wire: more than `payload` has where the recording cut the frame. */
  readonly payloadBytes: number;
}

export interface CapturedTcp extends CapturedBase {
  readonly kind: 'tcp';
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  /** TCP_FLAG bits. */
  readonly flags: number;
  readonly payloadBytes: number;
  /** Option of a SYN, else null. */
  readonly maximumSegmentBytes: number | null;
  /** TSval and TSecr of RFC 7323, null without the option. */
  readonly stampValue: number | null;
  readonly stampEcho: number | null;
}

export interface CapturedError extends CapturedBase {
  readonly kind: 'icmp-error';
  readonly errorKind: 'unreachable' | 'packet-too-big' | 'time-exceeded' | 'other';
  readonly code: number;
  readonly mtuBytes: number | null;
  /** The packet that caused it, and its addresses as text. */
  readonly quoted: QuotedProbe;
  readonly quotedSource: string;
  readonly quotedDestination: string;
}

export interface CapturedOther extends CapturedBase {
  readonly kind: 'other';
}

export type CapturedPacket = CapturedEcho | CapturedUdp | CapturedTcp | CapturedError | CapturedOther;

/** A STAMP packet with the TLVs that we ask for. */
const UDP_KEPT_BYTES = 128;

/** The IP packet at `at`. Checksums are not judged: a sender's own recording leaves them to its card. @throws ProtocolError */
export function parseCapturedPacket(frame: Uint8Array, at: number): CapturedPacket {
  const packet = at === 0 ? frame : frame.subarray(at);
  const ip = locateIp(packet, 0);
  const base: CapturedBase = {
    source: formatAddress(packet.subarray(ip.sourceAt, ip.sourceAt + ip.addressBytes)),
    destination: formatAddress(packet.subarray(ip.destinationAt, ip.destinationAt + ip.addressBytes)),
    sizeBytes: ip.sizeBytes,
    ttl: ip.ttl,
    trafficClass: ip.trafficClass,
    dontFragment: ip.addressBytes === 4 ? (uint16At(packet, 6) & 0x4000) !== 0 : null,
    ipId: ip.ipId,
  };
  if (ip.laterFragment) return { kind: 'other', ...base };
  const isIcmp = ip.protocol === (ip.addressBytes === 4 ? IP_PROTOCOL.icmp : IP_PROTOCOL.icmpv6);
  if (isIcmp) return parseIcmpPacket(packet, ip, base);
  if (ip.protocol === IP_PROTOCOL.udp) return parseUdpPacket(packet, ip, base);
  if (ip.protocol === IP_PROTOCOL.tcp) return parseTcpPacket(packet, ip, base);
  return { kind: 'other', ...base };
}

function parseIcmpPacket(packet: Uint8Array, ip: IpLayout, base: CapturedBase): CapturedPacket {
  requireTransport(ip, ICMP_HEADER_BYTES, 'ICMP message');
  const type = packet[ip.transportAt] ?? 0;
  const [request, reply] =
    ip.addressBytes === 4
      ? [ICMP_TYPE.echoRequest, ICMP_TYPE.echoReply]
      : [ICMPV6_TYPE.echoRequest, ICMPV6_TYPE.echoReply];
  if (type === request || type === reply) {
    const tagAt = ip.transportAt + ICMP_HEADER_BYTES;
    const isTagged = tagAt + PAYLOAD_TAG_BYTES <= ip.end;
    return {
      kind: type === request ? 'echo-request' : 'echo-reply',
      ...base,
      identifier: uint16At(packet, ip.transportAt + 4),
      sequence: uint16At(packet, ip.transportAt + 6),
      runTag: isTagged ? uint32At(packet, tagAt) : null,
      payloadIndex: isTagged ? uint32At(packet, tagAt + 4) : null,
    };
  }
  const message = parseReply(packet, 'none', STAMP_PORTS);
  if (message.kind !== 'icmp-error') return { kind: 'other', ...base };
  const { errorKind, code, mtuBytes, quoted } = message;
  const source = Uint8Array.from(quoted.source);
  const destination = Uint8Array.from(quoted.destination);
  return {
    kind: 'icmp-error',
    ...base,
    errorKind,
    code,
    mtuBytes,
    quoted: { ...quoted, source, destination },
    quotedSource: formatAddress(source),
    quotedDestination: formatAddress(destination),
  };
}

function parseUdpPacket(packet: Uint8Array, ip: IpLayout, base: CapturedBase): CapturedUdp {
  requireTransport(ip, UDP_HEADER_BYTES, 'UDP header');
  const at = ip.transportAt;
  const end = Math.min(ip.end, at + uint16At(packet, at + 4), at + UDP_HEADER_BYTES + UDP_KEPT_BYTES);
  return {
    kind: 'udp',
    ...base,
    sourcePort: uint16At(packet, at),
    destinationPort: uint16At(packet, at + 2),
    payload: packet.slice(at + UDP_HEADER_BYTES, Math.max(end, at + UDP_HEADER_BYTES)),
    payloadBytes: Math.max(0, uint16At(packet, at + 4) - UDP_HEADER_BYTES),
  };
}

function parseTcpPacket(packet: Uint8Array, ip: IpLayout, base: CapturedBase): CapturedTcp {
  const segment = parseTcp(packet.subarray(ip.transportAt, ip.end));
  const headerBytes = 4 * ((packet[ip.transportAt + 12] ?? 0) >> 4);
  const mss = findOption(segment.options, 'maximum-segment-size');
  const stamps = findOption(segment.options, 'timestamps');
  return {
    kind: 'tcp',
    ...base,
    sourcePort: segment.sourcePort,
    destinationPort: segment.destinationPort,
    sequence: segment.sequence,
    acknowledgment: segment.acknowledgment,
    flags: segment.flags,
    payloadBytes: Math.max(0, ip.sizeBytes - ip.transportAt - headerBytes),
    maximumSegmentBytes: mss?.sizeBytes ?? null,
    stampValue: stamps?.value ?? null,
    stampEcho: stamps?.echo ?? null,
  };
}

function findOption<K extends TcpOption['kind']>(options: readonly TcpOption[], kind: K) {
  return options.find((option): option is Extract<TcpOption, { readonly kind: K }> => option.kind === kind);
}

function requireTransport(ip: IpLayout, count: number, what: string): void {
  if (ip.transportAt + count > ip.end) throw new ProtocolError(`${what}: cut off`);
}
