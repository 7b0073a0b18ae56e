// What a received frame can be to a prober. Plain data; reply-match.ts fills it in.

interface ReplyBase {
  /** Views into the frame, 4 or 16 octets. For ARP the addresses it carries. */
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** TTL or hop limit; 0 for ARP. */
  readonly ttl: number;
  /** DSCP · 4 + ECN; 0 for ARP. */
  readonly trafficClass: number;
  /** Length of the IP packet, also where less of it was kept; 0 for ARP. */
  readonly sizeBytes: number;
}

/** What payload-tag.ts describes; both null where the payload is too short. Whether it is ours the run tag tells. */
interface Tagged {
  readonly runTag: number | null;
  readonly payloadIndex: number | null;
}

export interface EchoReply extends ReplyBase, Tagged {
  readonly kind: 'echo-reply';
  readonly identifier: number;
  readonly sequence: number;
}

/** A reflector's answer, unauthenticated. */
export interface StampReply extends ReplyBase {
  readonly kind: 'stamp';
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** The sender's sequence number: the index of our packet. */
  readonly payloadIndex: number;
  /** The reflector's own number. */
  readonly sequence: number;
  readonly ssid: number;
  /** T2 and T3 in ns since 1970 on the reflector's clock, null where it has none. */
  readonly receiveTimestampNs: bigint | null;
  readonly transmitTimestampNs: bigint | null;
  /** TTL with which our packet arrived there. */
  readonly senderTtl: number;
  /** Where the STAMP packet with its TLVs stands in the frame, for parseStampReflector. */
  readonly payloadAt: number;
  readonly payloadLength: number;
}

export interface UdpReply extends ReplyBase, Tagged {
  readonly kind: 'udp';
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payloadAt: number;
  readonly payloadLength: number;
}

export interface TcpReply extends ReplyBase {
  readonly kind: 'tcp';
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  /** TCP_FLAG bits. */
  readonly flags: number;
}

/** Our packet as an error message quotes it; null for what the quote is too short for or its protocol does not have. */
export interface QuotedProbe extends Tagged {
  readonly protocol: number;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** With which it arrived at the router. */
  readonly ttl: number;
  /** As it arrived there. */
  readonly trafficClass: number;
  readonly sizeBytes: number;
  /** Identification of IPv4, 0 for IPv6. */
  readonly ipId: number;
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  readonly icmpIdentifier: number | null;
  readonly icmpSequence: number | null;
  readonly tcpSequence: number | null;
}

export interface IcmpErrorReply extends ReplyBase {
  readonly kind: 'icmp-error';
  readonly errorKind: 'unreachable' | 'packet-too-big' | 'time-exceeded' | 'other';
  /** ICMP or ICMPv6 type and code. */
  readonly type: number;
  readonly code: number;
  /** Announced by packet-too-big; null where the router tells none. */
  readonly mtuBytes: number | null;
  readonly quoted: QuotedProbe;
}

export interface NeighbourReply extends ReplyBase {
  readonly kind: 'arp-reply' | 'neighbour-advertisement';
  /** Whose link address this is. */
  readonly address: Uint8Array;
  /** 6 octets; null in an advertisement without link-layer option. */
  readonly mac: Uint8Array | null;
  /** False for a word that leaves others in force: of a proxy, or of an address that several hosts have on purpose (RFC 4861 7.2.4). */
  readonly overrides: boolean;
}

/** Well formed, but nothing a probe causes. */
export interface OtherReply extends ReplyBase {
  readonly kind: 'other';
  /** IP protocol number, 0 for ARP. */
  readonly protocol: number;
}

export type Reply = EchoReply | StampReply | UdpReply | TcpReply | IcmpErrorReply | NeighbourReply | OtherReply;
