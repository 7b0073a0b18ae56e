// A received frame -> what it is to a prober (reply.ts), with the fields that match it to a packet sent. Built for 400,000
// frames a second: flat objects, views, no text. Checksums are not judged: a local peer's frames leave them to the NIC.
import { ProtocolError } from '../model/errors.js';
import { MAC_BYTES } from './address.js';
import { ARP_ETHERNET_IPV4_BYTES, ARP_OPERATION, isEthernetIpv4Arp } from './arp.js';
import { isVlanTpid } from './ethernet.js';
import { ICMP_CODE_FRAGMENTATION_NEEDED, ICMP_HEADER_BYTES, ICMP_TYPE } from './icmp.js';
import { ICMPV6_TYPE, LINK_ADDRESS_OPTION, parseIcmpv6 } from './icmpv6.js';
import { locateIp } from './ip-layout.js';
import { requireOctets, uint16At, uint32At } from './octets.js';
import { PAYLOAD_TAG_BYTES } from './payload-tag.js';
import { ETHER_TYPE, IP_PROTOCOL } from './protocol-numbers.js';
import { parseQuotedPacket } from './quoted-packet.js';
import { STAMP_PORTS, TWAMP_REFLECTOR_BYTES } from './stamp.js';
import { timestampAt } from './stamp-timestamp.js';
import { TCP_HEADER_BYTES } from './tcp.js';
import { UDP_HEADER_BYTES } from './udp.js';
import type { IpLayout } from './ip-layout.js';
import type { IcmpErrorReply, NeighbourReply, OtherReply, Reply, StampReply, TcpReply, UdpReply } from './reply.js';

/** What stands before the IP header: an Ethernet header, or nothing (tun, ppp). */
export type LinkLayer = 'ethernet' | 'none';

/** As ethernet.ts: more tags are an attack on parsers. */
const MAX_TAGS = 4;

/**
 * `frame` may be cut off after the headers (a snap length). UDP from one of `stampPorts` with at least 41 octets is read as STAMP.
 * @throws ProtocolError for anything malformed, and for frames that are neither ARP nor IP.
 */
export function parseReply(
  frame: Uint8Array,
  linkLayer: LinkLayer,
  stampPorts: readonly number[] = STAMP_PORTS,
): Reply {
  let at = 0;
  if (linkLayer === 'ethernet') {
    at = locateEthernetPayload(frame);
    const etherType = uint16At(frame, at - 2);
    if (etherType === ETHER_TYPE.arp) return parseArpReply(frame, at);
    if (etherType !== ETHER_TYPE.ipv4 && etherType !== ETHER_TYPE.ipv6) {
      throw new ProtocolError(`Ethernet: type 0x${etherType.toString(16)} is neither ARP nor IP`);
    }
  }
  const ip = locateIp(frame, at);
  if (ip.laterFragment) return describeOther(frame, ip);
  switch (ip.protocol) {
    case IP_PROTOCOL.icmp:
      return ip.addressBytes === 4 ? parseIcmpReply(frame, ip, stampPorts) : describeOther(frame, ip);
    case IP_PROTOCOL.icmpv6:
      return ip.addressBytes === 16 ? parseIcmpv6Reply(frame, ip, stampPorts) : describeOther(frame, ip);
    case IP_PROTOCOL.udp:
      return parseUdpReply(frame, ip, stampPorts);
    case IP_PROTOCOL.tcp:
      return parseTcpReply(frame, ip);
    default:
      return describeOther(frame, ip);
  }
}

function locateEthernetPayload(frame: Uint8Array): number {
  requireOctets(frame, 0, 14, 'Ethernet header');
  let at = 14;
  // Ends: each round consumes a tag, and MAX_TAGS bounds them.
  for (let tags = 0; isVlanTpid(uint16At(frame, at - 2)); tags++) {
    if (tags === MAX_TAGS) throw new ProtocolError(`Ethernet: more than ${MAX_TAGS} VLAN tags`);
    at += 4;
    requireOctets(frame, at - 2, 2, 'VLAN tag');
  }
  return at;
}

function requireTransport(ip: IpLayout, count: number, what: string): void {
  if (ip.transportAt + count > ip.end) throw new ProtocolError(`${what}: cut off`);
}

function sourceOf(frame: Uint8Array, ip: IpLayout): Uint8Array {
  return frame.subarray(ip.sourceAt, ip.sourceAt + ip.addressBytes);
}

function destinationOf(frame: Uint8Array, ip: IpLayout): Uint8Array {
  return frame.subarray(ip.destinationAt, ip.destinationAt + ip.addressBytes);
}

function describeOther(frame: Uint8Array, ip: IpLayout): OtherReply {
  return {
    kind: 'other',
    source: sourceOf(frame, ip),
    destination: destinationOf(frame, ip),
    ttl: ip.ttl,
    trafficClass: ip.trafficClass,
    sizeBytes: ip.sizeBytes,
    protocol: ip.protocol,
  };
}

function describeEchoReply(frame: Uint8Array, ip: IpLayout): Reply {
  const tagAt = ip.transportAt + ICMP_HEADER_BYTES;
  const tagged = tagAt + PAYLOAD_TAG_BYTES <= ip.end;
  return {
    kind: 'echo-reply',
    source: sourceOf(frame, ip),
    destination: destinationOf(frame, ip),
    ttl: ip.ttl,
    trafficClass: ip.trafficClass,
    sizeBytes: ip.sizeBytes,
    identifier: uint16At(frame, ip.transportAt + 4),
    sequence: uint16At(frame, ip.transportAt + 6),
    runTag: tagged ? uint32At(frame, tagAt) : null,
    payloadIndex: tagged ? uint32At(frame, tagAt + 4) : null,
  };
}

function parseIcmpReply(frame: Uint8Array, ip: IpLayout, stampPorts: readonly number[]): Reply {
  requireTransport(ip, ICMP_HEADER_BYTES, 'ICMP message');
  const at = ip.transportAt;
  const code = frame[at + 1] ?? 0;
  switch (frame[at]) {
    case ICMP_TYPE.echoReply:
      return describeEchoReply(frame, ip);
    case ICMP_TYPE.unreachable: {
      if (code !== ICMP_CODE_FRAGMENTATION_NEEDED) {
        return parseErrorReply(frame, ip, { errorKind: 'unreachable', mtuBytes: null, stampPorts });
      }
      const mtuBytes = uint16At(frame, at + 6);
      const known = mtuBytes === 0 ? null : mtuBytes;
      return parseErrorReply(frame, ip, { errorKind: 'packet-too-big', mtuBytes: known, stampPorts });
    }
    case ICMP_TYPE.timeExceeded:
      return parseErrorReply(frame, ip, { errorKind: 'time-exceeded', mtuBytes: null, stampPorts });
    case ICMP_TYPE.parameterProblem:
      return parseErrorReply(frame, ip, { errorKind: 'other', mtuBytes: null, stampPorts });
    default:
      return describeOther(frame, ip);
  }
}

function parseIcmpv6Reply(frame: Uint8Array, ip: IpLayout, stampPorts: readonly number[]): Reply {
  requireTransport(ip, ICMP_HEADER_BYTES, 'ICMPv6 message');
  const at = ip.transportAt;
  switch (frame[at]) {
    case ICMPV6_TYPE.echoReply:
      return describeEchoReply(frame, ip);
    case ICMPV6_TYPE.unreachable:
      return parseErrorReply(frame, ip, { errorKind: 'unreachable', mtuBytes: null, stampPorts });
    case ICMPV6_TYPE.packetTooBig: {
      const mtuBytes = uint32At(frame, at + 4);
      return parseErrorReply(frame, ip, { errorKind: 'packet-too-big', mtuBytes, stampPorts });
    }
    case ICMPV6_TYPE.timeExceeded:
      return parseErrorReply(frame, ip, { errorKind: 'time-exceeded', mtuBytes: null, stampPorts });
    case ICMPV6_TYPE.parameterProblem:
      return parseErrorReply(frame, ip, { errorKind: 'other', mtuBytes: null, stampPorts });
    case ICMPV6_TYPE.neighbourAdvertisement:
      return parseAdvertisement(frame, ip);
    default:
      return describeOther(frame, ip);
  }
}

interface ErrorMeaning {
  readonly errorKind: IcmpErrorReply['errorKind'];
  readonly mtuBytes: number | null;
  readonly stampPorts: readonly number[];
}

function parseErrorReply(frame: Uint8Array, ip: IpLayout, meaning: ErrorMeaning): IcmpErrorReply {
  // The quote ends with the message, not with the padding of a short frame.
  const message = ip.end < frame.length ? frame.subarray(0, ip.end) : frame;
  return {
    kind: 'icmp-error',
    source: sourceOf(frame, ip),
    destination: destinationOf(frame, ip),
    ttl: ip.ttl,
    trafficClass: ip.trafficClass,
    sizeBytes: ip.sizeBytes,
    errorKind: meaning.errorKind,
    type: frame[ip.transportAt] ?? 0,
    code: frame[ip.transportAt + 1] ?? 0,
    mtuBytes: meaning.mtuBytes,
    quoted: parseQuotedPacket(message, ip.transportAt + ICMP_HEADER_BYTES, meaning.stampPorts),
  };
}

function parseUdpReply(frame: Uint8Array, ip: IpLayout, stampPorts: readonly number[]): UdpReply | StampReply {
  requireTransport(ip, UDP_HEADER_BYTES, 'UDP header');
  const length = uint16At(frame, ip.transportAt + 4);
  if (length < UDP_HEADER_BYTES) throw new ProtocolError(`UDP: length ${length}`);
  const payloadAt = ip.transportAt + UDP_HEADER_BYTES;
  const payloadLength = Math.min(ip.end, ip.transportAt + length) - payloadAt;
  const sourcePort = uint16At(frame, ip.transportAt);
  if (payloadLength >= TWAMP_REFLECTOR_BYTES && stampPorts.includes(sourcePort)) {
    return describeStampReply(frame, ip, payloadLength);
  }
  const tagged = payloadLength >= PAYLOAD_TAG_BYTES;
  return {
    kind: 'udp',
    source: sourceOf(frame, ip),
    destination: destinationOf(frame, ip),
    ttl: ip.ttl,
    trafficClass: ip.trafficClass,
    sizeBytes: ip.sizeBytes,
    sourcePort,
    destinationPort: uint16At(frame, ip.transportAt + 2),
    runTag: tagged ? uint32At(frame, payloadAt) : null,
    payloadIndex: tagged ? uint32At(frame, payloadAt + 4) : null,
    payloadAt,
    payloadLength,
  };
}

/** Offsets as in stamp.ts, unauthenticated reflector packet. */
function describeStampReply(frame: Uint8Array, ip: IpLayout, payloadLength: number): StampReply {
  const at = ip.transportAt + UDP_HEADER_BYTES;
  const format = ((frame[at + 12] ?? 0) & 0x40) === 0 ? 'ntp' : 'ptp';
  return {
    kind: 'stamp',
    source: sourceOf(frame, ip),
    destination: destinationOf(frame, ip),
    ttl: ip.ttl,
    trafficClass: ip.trafficClass,
    sizeBytes: ip.sizeBytes,
    sourcePort: uint16At(frame, ip.transportAt),
    destinationPort: uint16At(frame, ip.transportAt + 2),
    payloadIndex: uint32At(frame, at + 24),
    sequence: uint32At(frame, at),
    ssid: uint16At(frame, at + 14),
    receiveTimestampNs: timestampAt(frame, at + 16, format),
    transmitTimestampNs: timestampAt(frame, at + 4, format),
    senderTtl: frame[at + 40] ?? 0,
    payloadAt: at,
    payloadLength,
  };
}

function parseTcpReply(frame: Uint8Array, ip: IpLayout): TcpReply {
  requireTransport(ip, TCP_HEADER_BYTES, 'TCP header');
  const at = ip.transportAt;
  return {
    kind: 'tcp',
    source: sourceOf(frame, ip),
    destination: destinationOf(frame, ip),
    ttl: ip.ttl,
    trafficClass: ip.trafficClass,
    sizeBytes: ip.sizeBytes,
    sourcePort: uint16At(frame, at),
    destinationPort: uint16At(frame, at + 2),
    sequence: uint32At(frame, at + 4),
    acknowledgment: uint32At(frame, at + 8),
    flags: frame[at + 13] ?? 0,
  };
}

/** RFC 826 for IPv4 over Ethernet: operation at 6, sender's MAC at 8 and address at 14, target's address at 24. */
function parseArpReply(frame: Uint8Array, at: number): NeighbourReply | OtherReply {
  requireOctets(frame, at, ARP_ETHERNET_IPV4_BYTES, 'ARP packet');
  const address = frame.subarray(at + 14, at + 18);
  const common = {
    source: address,
    destination: frame.subarray(at + 24, at + 28),
    ttl: 0,
    trafficClass: 0,
    sizeBytes: 0,
  };
  if (!isEthernetIpv4Arp(frame, at) || uint16At(frame, at + 6) !== ARP_OPERATION.reply) {
    return { kind: 'other', ...common, protocol: 0 };
  }
  return { kind: 'arp-reply', ...common, address, mac: frame.subarray(at + 8, at + 8 + MAC_BYTES), overrides: true };
}

function parseAdvertisement(frame: Uint8Array, ip: IpLayout): NeighbourReply | OtherReply {
  const message = parseIcmpv6(frame.subarray(ip.transportAt, ip.end));
  if (message.kind !== 'neighbour-advertisement') return describeOther(frame, ip);
  const option = message.options.find(({ type }) => type === LINK_ADDRESS_OPTION.target);
  return {
    kind: 'neighbour-advertisement',
    source: sourceOf(frame, ip),
    destination: destinationOf(frame, ip),
    ttl: ip.ttl,
    trafficClass: ip.trafficClass,
    sizeBytes: ip.sizeBytes,
    address: message.target,
    mac: option?.data.length === MAC_BYTES ? option.data : null,
    overrides: message.override,
  };
}
