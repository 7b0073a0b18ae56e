// A probe as the engine sends it: a whole Ethernet frame, or a bare IP packet for ports without a link header.
// Decides how a size is filled and where the index stands; what to send and when is the sequencer's.
//
//   icmp     ICMP(v6) echo request, payload tag (see payload-tag.ts), zeros
//   udp      payload tag, zeros
//   tcp-syn  SYN whose sequence number carries the index, zeros as data
//   stamp    STAMP sender packet whose sequence number is the index, TLVs asked for, extra padding TLV
import { InvariantError } from '../model/errors.js';
import { IPV6_BYTES, addressFamily } from './address.js';
import { encodeEthernetHeader } from './ethernet.js';
import { ICMP_HEADER_BYTES, encodeIcmp } from './icmp.js';
import { encodeIcmpv6 } from './icmpv6.js';
import { IPV4_HEADER_BYTES, encodeIpv4Header } from './ipv4.js';
import { IPV6_HEADER_BYTES, encodeIpv6Header } from './ipv6.js';
import { NO_OCTETS, concatOctets } from './octets.js';
import { putPayloadTag } from './payload-tag.js';
import { ETHER_TYPE, IP_PROTOCOL } from './protocol-numbers.js';
import { STAMP_BYTES, STAMP_TIMESTAMP_AT, encodeStampSender } from './stamp.js';
import { SENDER_TLV_FLAGS, STAMP_TLV_HEADER_BYTES, encodeStampTlv } from './stamp-tlv.js';
import { TCP_FLAG, TCP_HEADER_BYTES, encodeTcp } from './tcp.js';
import { UDP_CHECKSUM_AT, UDP_HEADER_BYTES, encodeUdp } from './udp.js';
import type { VlanTag } from './ethernet.js';
import type { IcmpEcho } from './icmp.js';
import type { PayloadTag } from './payload-tag.js';
import type { ErrorEstimate } from './stamp-timestamp.js';
import type { StampTlv, StampTlvs } from './stamp-tlv.js';

export interface ProbeLink {
  readonly sourceMac: Uint8Array;
  readonly destinationMac: Uint8Array;
  readonly vlan?: VlanTag;
}

export interface ProbeEnvelope {
  /** null for a bare IP packet. */
  readonly link: ProbeLink | null;
  /** Both 4 or both 16 octets. */
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly ttl: number;
  /** DSCP · 4 + ECN, 0-255. */
  readonly trafficClass: number;
  /** IPv4 only; IPv6 is never fragmented on its way. */
  readonly dontFragment: boolean;
  /** Identification field of IPv4; IPv6 has none. */
  readonly ipId: number;
  /** Length of the IP packet, at least computeMinProbeBytes. */
  readonly sizeBytes: number;
}

export type ProbeBody =
  | { readonly kind: 'icmp'; readonly identifier: number; readonly sequence: number; readonly tag: PayloadTag }
  | { readonly kind: 'udp'; readonly sourcePort: number; readonly destinationPort: number; readonly tag: PayloadTag }
  | {
      readonly kind: 'tcp-syn';
      readonly sourcePort: number;
      readonly destinationPort: number;
      /** 32 bits; a reply acknowledges it plus one, plus the data for some resets. */
      readonly sequence: number;
    }
  | {
      readonly kind: 'stamp';
      readonly sourcePort: number;
      readonly destinationPort: number;
      readonly payloadIndex: number;
      readonly ssid: number;
      /** Its format is NTP: the engine patches NTP time. */
      readonly errorEstimate: Omit<ErrorEstimate, 'format'>;
      /** In this order before the padding, as far as the size has room. */
      readonly tlvs: readonly StampTlv[];
    };

export type ProbeKind = ProbeBody['kind'];

export interface EncodedProbe {
  readonly bytes: Uint8Array;
  /** Where the engine patches the time of sending (8 octets, NTP) and the UDP checksum that covers it; −1 where it does not. */
  readonly timestampAt: number;
  readonly checksumAt: number;
}

const TRANSPORT_BYTES: Record<ProbeKind, number> = {
  icmp: ICMP_HEADER_BYTES,
  udp: UDP_HEADER_BYTES,
  'tcp-syn': TCP_HEADER_BYTES,
  stamp: UDP_HEADER_BYTES + STAMP_BYTES,
};

/** Length of the smallest IP packet for this kind of probe. */
export function computeMinProbeBytes(kind: ProbeKind, family: 4 | 6): number {
  return ipHeaderBytes(family) + TRANSPORT_BYTES[kind];
}

/** @throws InvariantError for a size below the minimum or values out of range. */
export function encodeProbe(envelope: ProbeEnvelope, body: ProbeBody): EncodedProbe {
  const family = addressFamily(envelope.destination);
  const minBytes = computeMinProbeBytes(body.kind, family);
  if (envelope.sizeBytes < minBytes) {
    throw new InvariantError(`${body.kind} probe of ${envelope.sizeBytes} bytes, at least ${minBytes} needed`);
  }
  const segment = encodeSegment(envelope, body, envelope.sizeBytes - ipHeaderBytes(family));
  const ipHeader = encodeIpHeader(envelope, ipProtocol(body.kind, family), segment.length);
  const linkHeader = envelope.link === null ? NO_OCTETS : encodeLinkHeader(envelope.link, family);
  const segmentAt = linkHeader.length + ipHeader.length;
  const patched = body.kind === 'stamp';
  return {
    bytes: concatOctets([linkHeader, ipHeader, segment]),
    timestampAt: patched ? segmentAt + UDP_HEADER_BYTES + STAMP_TIMESTAMP_AT : -1,
    checksumAt: patched ? segmentAt + UDP_CHECKSUM_AT : -1,
  };
}

function ipHeaderBytes(family: 4 | 6): number {
  return family === 4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES;
}

function ipProtocol(kind: ProbeKind, family: 4 | 6): number {
  switch (kind) {
    case 'icmp':
      return family === 4 ? IP_PROTOCOL.icmp : IP_PROTOCOL.icmpv6;
    case 'udp':
    case 'stamp':
      return IP_PROTOCOL.udp;
    case 'tcp-syn':
      return IP_PROTOCOL.tcp;
  }
}

function encodeLinkHeader(link: ProbeLink, family: 4 | 6): Uint8Array {
  return encodeEthernetHeader({
    destination: link.destinationMac,
    source: link.sourceMac,
    vlans: link.vlan === undefined ? [] : [link.vlan],
    etherType: family === 4 ? ETHER_TYPE.ipv4 : ETHER_TYPE.ipv6,
  });
}

function encodeIpHeader(envelope: ProbeEnvelope, protocol: number, payloadLength: number): Uint8Array {
  const { source, destination, ttl } = envelope;
  const dscp = envelope.trafficClass >> 2;
  const ecn = envelope.trafficClass & 3;
  if (destination.length === IPV6_BYTES) {
    const header = { dscp, ecn, flowLabel: 0, hopLimit: ttl, source, destination, extensions: [], protocol };
    return encodeIpv6Header(header, payloadLength);
  }
  const header = {
    dscp,
    ecn,
    identification: envelope.ipId,
    dontFragment: envelope.dontFragment,
    moreFragments: false,
    fragmentOffsetBytes: 0,
    ttl,
    protocol,
    source,
    destination,
    options: NO_OCTETS,
  };
  return encodeIpv4Header(header, payloadLength);
}

/** The transport segment, exactly `length` octets long. */
function encodeSegment(envelope: ProbeEnvelope, body: ProbeBody, length: number): Uint8Array {
  switch (body.kind) {
    case 'icmp': {
      const data = encodeTaggedPayload(length - ICMP_HEADER_BYTES, body.tag);
      const echo: IcmpEcho = { kind: 'echo-request', identifier: body.identifier, sequence: body.sequence, data };
      return envelope.destination.length === IPV6_BYTES ? encodeIcmpv6(echo, envelope) : encodeIcmp(echo);
    }
    case 'udp':
    case 'stamp': {
      const { sourcePort, destinationPort } = body;
      const payloadLength = length - UDP_HEADER_BYTES;
      const payload =
        body.kind === 'udp' ? encodeTaggedPayload(payloadLength, body.tag) : encodeStampPayload(payloadLength, body);
      return encodeUdp({ sourcePort, destinationPort, payload }, envelope);
    }
    case 'tcp-syn':
      return encodeTcp(
        {
          sourcePort: body.sourcePort,
          destinationPort: body.destinationPort,
          sequence: body.sequence,
          acknowledgment: 0,
          flags: TCP_FLAG.syn,
          window: SYN_WINDOW,
          urgentPointer: 0,
          options: [],
          payload: new Uint8Array(length - TCP_HEADER_BYTES),
        },
        envelope,
      );
  }
}

/** What a small host offers; nothing is ever received on it. */
const SYN_WINDOW = 64_240;

function encodeTaggedPayload(length: number, tag: PayloadTag): Uint8Array {
  const payload = new Uint8Array(length);
  putPayloadTag(payload, 0, tag);
  return payload;
}

function encodeStampPayload(length: number, body: Extract<ProbeBody, { kind: 'stamp' }>): Uint8Array {
  return encodeStampSender({
    sequence: body.payloadIndex,
    timestampNs: null,
    errorEstimate: { ...body.errorEstimate, format: 'ntp' },
    ssid: body.ssid,
    hmac: null,
    ...planTlvs(length - STAMP_BYTES, body.tlvs),
  });
}

/** The wanted TLVs that fit into `bytes`, then an extra padding TLV; fewer than a TLV header's 4 octets are bare zeros. */
function planTlvs(bytes: number, wanted: readonly StampTlv[]): StampTlvs {
  const tlvs: StampTlv[] = [];
  let left = bytes;
  for (const tlv of wanted) {
    const length = encodeStampTlv(tlv).length;
    if (length > left) break;
    tlvs.push(tlv);
    left -= length;
  }
  if (left < STAMP_TLV_HEADER_BYTES) return { tlvs, rest: new Uint8Array(left) };
  const data = new Uint8Array(left - STAMP_TLV_HEADER_BYTES);
  return { tlvs: [...tlvs, { kind: 'extra-padding', data, flags: SENDER_TLV_FLAGS }], rest: NO_OCTETS };
}
