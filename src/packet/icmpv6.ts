// ICMPv6 messages, RFC 4443, with neighbour solicitation and advertisement of RFC 4861 and the length of RFC 4884.
// What an error quotes is read by quoted-packet.ts.
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +---------------+---------------+-------------------------------+
// |     type      |     code      |           checksum            |  0
// +---------------+---------------+-------------------------------+
// |          identifier           |           sequence            |  4  echo request 128, reply 129
// | quoted/8      |                 unused                        |  4  unreachable 1, time exceeded 3
// |                              MTU                              |  4  packet too big 2
// |R|S|O|                       reserved                          |  4  neighbour solicitation 135, advertisement 136
// +-+-+-+---------------------------------------------------------+
// |   data, or quoted packet, or target address of 16 octets      |  8
// |   options of neighbour discovery: type, length/8, data ...    | 24
import { ProtocolError } from '../model/errors.js';
import { IPV6_BYTES } from './address.js';
import { computeTransportChecksum } from './checksum.js';
import { ICMP_HEADER_BYTES, countWords, splitQuoted } from './icmp.js';
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
import type { IcmpEcho } from './icmp.js';
import type { IpAddresses } from './udp.js';

export const ICMPV6_TYPE = {
  unreachable: 1,
  packetTooBig: 2,
  timeExceeded: 3,
  parameterProblem: 4,
  echoRequest: 128,
  echoReply: 129,
  neighbourSolicitation: 135,
  neighbourAdvertisement: 136,
} as const;

/** Types of neighbour discovery options that carry a link-layer address. */
export const LINK_ADDRESS_OPTION = { source: 1, target: 2 } as const;

export interface NeighbourOption {
  /** LINK_ADDRESS_OPTION.source, .target or another type. */
  readonly type: number;
  /** 6 octets, or 8 more each time; for link-address options on Ethernet the MAC. */
  readonly data: Uint8Array;
}

export interface NeighbourSolicitation {
  readonly kind: 'neighbour-solicitation';
  readonly target: Uint8Array;
  readonly options: readonly NeighbourOption[];
}

export interface NeighbourAdvertisement {
  readonly kind: 'neighbour-advertisement';
  readonly router: boolean;
  readonly solicited: boolean;
  readonly override: boolean;
  readonly target: Uint8Array;
  readonly options: readonly NeighbourOption[];
}

export interface Icmpv6Error {
  readonly kind: 'unreachable' | 'time-exceeded';
  readonly code: number;
  readonly quoted: Uint8Array;
  /** RFC 4884 extension structure, raw; empty where there is none. */
  readonly extensions: Uint8Array;
}

export interface Icmpv6PacketTooBig {
  readonly kind: 'packet-too-big';
  readonly code: number;
  readonly mtuBytes: number;
  readonly quoted: Uint8Array;
}

export interface Icmpv6Other {
  readonly kind: 'other';
  readonly type: number;
  readonly code: number;
  /** The message from octet 4 on. */
  readonly body: Uint8Array;
}

export type Icmpv6Message =
  IcmpEcho | Icmpv6Error | Icmpv6PacketTooBig | NeighbourSolicitation | NeighbourAdvertisement | Icmpv6Other;

/** Views, not copies; the checksum is judged by isTransportChecksumValid. @throws ProtocolError */
export function parseIcmpv6(bytes: Uint8Array): Icmpv6Message {
  requireOctets(bytes, 0, ICMP_HEADER_BYTES, 'ICMPv6 message');
  const type = bytes[0] ?? 0;
  const code = bytes[1] ?? 0;
  const body = bytes.subarray(ICMP_HEADER_BYTES);
  switch (type) {
    case ICMPV6_TYPE.unreachable:
    case ICMPV6_TYPE.timeExceeded: {
      const kind = type === ICMPV6_TYPE.unreachable ? 'unreachable' : 'time-exceeded';
      return { kind, code, ...splitQuoted(body, 8 * (bytes[4] ?? 0)) };
    }
    case ICMPV6_TYPE.packetTooBig:
      return { kind: 'packet-too-big', code, mtuBytes: uint32At(bytes, 4), quoted: body };
    case ICMPV6_TYPE.echoRequest:
    case ICMPV6_TYPE.echoReply: {
      if (code !== 0) break;
      const kind = type === ICMPV6_TYPE.echoRequest ? 'echo-request' : 'echo-reply';
      return { kind, identifier: uint16At(bytes, 4), sequence: uint16At(bytes, 6), data: body };
    }
    case ICMPV6_TYPE.neighbourSolicitation:
    case ICMPV6_TYPE.neighbourAdvertisement:
      if (code !== 0) break;
      return parseNeighbour(bytes);
  }
  return { kind: 'other', type, code, body: bytes.subarray(4) };
}

function parseNeighbour(bytes: Uint8Array): NeighbourSolicitation | NeighbourAdvertisement {
  requireOctets(bytes, ICMP_HEADER_BYTES, IPV6_BYTES, 'neighbour discovery target');
  const target = bytes.subarray(8, 24);
  const options = parseNeighbourOptions(bytes, 24);
  if (bytes[0] === ICMPV6_TYPE.neighbourSolicitation) return { kind: 'neighbour-solicitation', target, options };
  const flags = bytes[4] ?? 0;
  return {
    kind: 'neighbour-advertisement',
    router: (flags & 0x80) !== 0,
    solicited: (flags & 0x40) !== 0,
    override: (flags & 0x20) !== 0,
    target,
    options,
  };
}

function parseNeighbourOptions(bytes: Uint8Array, start: number): NeighbourOption[] {
  const options: NeighbourOption[] = [];
  let at = start;
  // Ends: each option takes at least 8 octets; RFC 4861 4.6 orders packets with an empty one to be dropped.
  while (at < bytes.length) {
    requireOctets(bytes, at, 8, 'neighbour discovery option');
    const length = 8 * (bytes[at + 1] ?? 0);
    if (length === 0) throw new ProtocolError('neighbour discovery option of length 0');
    requireOctets(bytes, at, length, 'neighbour discovery option');
    options.push({ type: bytes[at] ?? 0, data: bytes.subarray(at + 2, at + length) });
    at += length;
  }
  return options;
}

/** @throws InvariantError for values out of range. */
export function encodeIcmpv6(message: Icmpv6Message, addresses: IpAddresses): Uint8Array {
  const bytes = layOut(message);
  const { source, destination } = addresses;
  putUint16(bytes, 2, computeTransportChecksum(bytes, { source, destination, protocol: IP_PROTOCOL.icmpv6 }));
  return bytes;
}

function layOut(message: Icmpv6Message): Uint8Array {
  const head = new Uint8Array(ICMP_HEADER_BYTES);
  switch (message.kind) {
    case 'echo-request':
    case 'echo-reply':
      requireRange(message.identifier, 0xffff, 'ICMPv6 identifier');
      requireRange(message.sequence, 0xffff, 'ICMPv6 sequence');
      head[0] = message.kind === 'echo-request' ? ICMPV6_TYPE.echoRequest : ICMPV6_TYPE.echoReply;
      putUint16(head, 4, message.identifier);
      putUint16(head, 6, message.sequence);
      return concatOctets([head, message.data]);
    case 'unreachable':
    case 'time-exceeded':
      requireRange(message.code, 255, 'ICMPv6 code');
      head[0] = message.kind === 'unreachable' ? ICMPV6_TYPE.unreachable : ICMPV6_TYPE.timeExceeded;
      head[1] = message.code;
      head[4] = message.extensions.length === 0 ? 0 : countWords(message.quoted, 8);
      return concatOctets([head, message.quoted, message.extensions]);
    case 'packet-too-big':
      requireRange(message.code, 255, 'ICMPv6 code');
      requireRange(message.mtuBytes, 0xffff_ffff, 'MTU');
      head[0] = ICMPV6_TYPE.packetTooBig;
      head[1] = message.code;
      putUint32(head, 4, message.mtuBytes);
      return concatOctets([head, message.quoted]);
    case 'neighbour-solicitation':
    case 'neighbour-advertisement':
      return layOutNeighbour(message, head);
    case 'other':
      requireRange(message.type, 255, 'ICMPv6 type');
      requireRange(message.code, 255, 'ICMPv6 code');
      return concatOctets([Uint8Array.of(message.type, message.code, 0, 0), message.body]);
  }
}

function layOutNeighbour(message: NeighbourSolicitation | NeighbourAdvertisement, head: Uint8Array): Uint8Array {
  requireLength(message.target, IPV6_BYTES, 'neighbour discovery target');
  if (message.kind === 'neighbour-solicitation') {
    head[0] = ICMPV6_TYPE.neighbourSolicitation;
  } else {
    head[0] = ICMPV6_TYPE.neighbourAdvertisement;
    head[4] = (message.router ? 0x80 : 0) | (message.solicited ? 0x40 : 0) | (message.override ? 0x20 : 0);
  }
  const options = message.options.map((option) => {
    const words = (option.data.length + 2) / 8;
    requireRange(words, 255, 'neighbour discovery option in words of 8');
    return concatOctets([Uint8Array.of(option.type, words), option.data]);
  });
  return concatOctets([head, message.target, ...options]);
}
