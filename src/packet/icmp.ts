// ICMP messages, RFC 792, with the next-hop MTU of RFC 1191 and the multi-part length of RFC 4884.
// What an error quotes is read by quoted-packet.ts.
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +---------------+---------------+-------------------------------+
// |     type      |     code      |           checksum            |  0
// +---------------+---------------+-------------------------------+
// |          identifier           |           sequence            |  4  echo request 8, reply 0
// |    unused     | quoted words  |    next-hop MTU (code 4)      |  4  unreachable 3, time exceeded 11
// |                           4 octets                            |  4  any other type
// +---------------------------------------------------------------+
// |            data, or the packet that caused the error          |  8
import { computeTransportChecksum } from './checksum.js';
import { concatOctets, putUint16, requireOctets, requireRange, uint16At } from './octets.js';

export const ICMP_HEADER_BYTES = 8;

export const ICMP_TYPE = {
  echoReply: 0,
  unreachable: 3,
  echoRequest: 8,
  timeExceeded: 11,
  parameterProblem: 12,
} as const;
/** Code of unreachable: fragmentation needed and DF set. */
export const ICMP_CODE_FRAGMENTATION_NEEDED = 4;

export interface IcmpEcho {
  readonly kind: 'echo-request' | 'echo-reply';
  readonly identifier: number;
  readonly sequence: number;
  readonly data: Uint8Array;
}

export interface IcmpError {
  readonly kind: 'unreachable' | 'time-exceeded';
  readonly code: number;
  /** 0 where the router tells none (RFC 1191 calls for a guess then). */
  readonly nextHopMtuBytes: number;
  /** Start of the packet that caused it, from its IP header. */
  readonly quoted: Uint8Array;
  /** RFC 4884 extension structure (MPLS labels …), raw; empty where there is none. */
  readonly extensions: Uint8Array;
}

export interface IcmpOther {
  readonly kind: 'other';
  readonly type: number;
  readonly code: number;
  /** The message from octet 4 on. */
  readonly body: Uint8Array;
}

export type IcmpMessage = IcmpEcho | IcmpError | IcmpOther;

/** Views, not copies; the checksum is judged by isTransportChecksumValid. @throws ProtocolError */
export function parseIcmp(bytes: Uint8Array): IcmpMessage {
  requireOctets(bytes, 0, ICMP_HEADER_BYTES, 'ICMP message');
  const type = bytes[0] ?? 0;
  const code = bytes[1] ?? 0;
  switch (type) {
    case ICMP_TYPE.echoRequest:
    case ICMP_TYPE.echoReply:
      if (code !== 0) break;
      return {
        kind: type === ICMP_TYPE.echoRequest ? 'echo-request' : 'echo-reply',
        identifier: uint16At(bytes, 4),
        sequence: uint16At(bytes, 6),
        data: bytes.subarray(ICMP_HEADER_BYTES),
      };
    case ICMP_TYPE.unreachable:
    case ICMP_TYPE.timeExceeded:
      return {
        kind: type === ICMP_TYPE.unreachable ? 'unreachable' : 'time-exceeded',
        code,
        nextHopMtuBytes: uint16At(bytes, 6),
        ...splitQuoted(bytes.subarray(ICMP_HEADER_BYTES), 4 * (bytes[5] ?? 0)),
      };
  }
  return { kind: 'other', type, code, body: bytes.subarray(4) };
}

/** `quotedBytes` 0 is a message without extensions; a length beyond the message is one whose sender erred. */
export function splitQuoted(body: Uint8Array, quotedBytes: number): Pick<IcmpError, 'quoted' | 'extensions'> {
  const end = quotedBytes === 0 || quotedBytes > body.length ? body.length : quotedBytes;
  return { quoted: body.subarray(0, end), extensions: body.subarray(end) };
}

/** @throws InvariantError for values out of range. */
export function encodeIcmp(message: IcmpMessage): Uint8Array {
  const bytes = layOut(message);
  putUint16(bytes, 2, computeTransportChecksum(bytes, null));
  return bytes;
}

function layOut(message: IcmpMessage): Uint8Array {
  switch (message.kind) {
    case 'echo-request':
    case 'echo-reply': {
      requireRange(message.identifier, 0xffff, 'ICMP identifier');
      requireRange(message.sequence, 0xffff, 'ICMP sequence');
      const head = new Uint8Array(ICMP_HEADER_BYTES);
      head[0] = message.kind === 'echo-request' ? ICMP_TYPE.echoRequest : ICMP_TYPE.echoReply;
      putUint16(head, 4, message.identifier);
      putUint16(head, 6, message.sequence);
      return concatOctets([head, message.data]);
    }
    case 'unreachable':
    case 'time-exceeded': {
      requireRange(message.code, 255, 'ICMP code');
      requireRange(message.nextHopMtuBytes, 0xffff, 'next-hop MTU');
      const head = new Uint8Array(ICMP_HEADER_BYTES);
      head[0] = message.kind === 'unreachable' ? ICMP_TYPE.unreachable : ICMP_TYPE.timeExceeded;
      head[1] = message.code;
      head[5] = message.extensions.length === 0 ? 0 : countWords(message.quoted, 4);
      putUint16(head, 6, message.nextHopMtuBytes);
      return concatOctets([head, message.quoted, message.extensions]);
    }
    case 'other':
      requireRange(message.type, 255, 'ICMP type');
      requireRange(message.code, 255, 'ICMP code');
      return concatOctets([Uint8Array.of(message.type, message.code, 0, 0), message.body]);
  }
}

/** RFC 4884 4.1: a quote before extensions is padded to whole words by the caller. */
export function countWords(quoted: Uint8Array, wordBytes: 4 | 8): number {
  const words = quoted.length / wordBytes;
  requireRange(words, 255, 'quoted packet in words');
  return words;
}
