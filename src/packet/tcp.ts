// TCP segments, RFC 9293, with the options of a handshake (RFC 7323, 2018). Segments are seen one by one, no connection is kept.
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-------------------------------+-------------------------------+
// |          source port          |       destination port        |  0
// |                        sequence number                        |  4
// |                     acknowledgment number                     |  8
// +-------+-------+---------------+-------------------------------+
// | words | rsrvd |C E U A P R S F|            window             | 12
// |           checksum            |        urgent pointer         | 16
// +-------------------------------+-------------------------------+
// |              options, 0-40 octets, whole words                | 20
import { ProtocolError } from '../model/errors.js';
import { computeTransportChecksum } from './checksum.js';
import { concatOctets, putUint16, putUint32, requireOctets, requireRange, uint16At, uint32At } from './octets.js';
import { IP_PROTOCOL } from './protocol-numbers.js';
import type { IpAddresses } from './udp.js';

export const TCP_HEADER_BYTES = 20;

/** Bits of `TcpSegment.flags`. */
export const TCP_FLAG = {
  fin: 0x01,
  syn: 0x02,
  rst: 0x04,
  psh: 0x08,
  ack: 0x10,
  urg: 0x20,
  ece: 0x40,
  cwr: 0x80,
} as const;

const OPTION = { end: 0, nop: 1, maximumSegmentSize: 2, windowScale: 3, sackPermitted: 4, timestamps: 8 } as const;

export type TcpOption =
  | { readonly kind: 'nop' }
  | { readonly kind: 'maximum-segment-size'; readonly sizeBytes: number }
  | { readonly kind: 'window-scale'; readonly shift: number }
  | { readonly kind: 'sack-permitted' }
  | { readonly kind: 'timestamps'; readonly value: number; readonly echo: number }
  | { readonly kind: 'other'; readonly option: number; readonly data: Uint8Array };

export interface TcpSegment {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  /** TCP_FLAG bits. */
  readonly flags: number;
  readonly window: number;
  readonly urgentPointer: number;
  /** In their order; the end-of-list option and what follows it are not kept. */
  readonly options: readonly TcpOption[];
  readonly payload: Uint8Array;
}

/** Views, not copies; the checksum is judged by isTransportChecksumValid. @throws ProtocolError */
export function parseTcp(bytes: Uint8Array): TcpSegment {
  requireOctets(bytes, 0, TCP_HEADER_BYTES, 'TCP header');
  const headerLength = 4 * ((bytes[12] ?? 0) >> 4);
  if (headerLength < TCP_HEADER_BYTES) throw new ProtocolError(`TCP: header of ${headerLength} bytes`);
  requireOctets(bytes, 0, headerLength, 'TCP header');
  return {
    sourcePort: uint16At(bytes, 0),
    destinationPort: uint16At(bytes, 2),
    sequence: uint32At(bytes, 4),
    acknowledgment: uint32At(bytes, 8),
    flags: bytes[13] ?? 0,
    window: uint16At(bytes, 14),
    urgentPointer: uint16At(bytes, 18),
    options: parseOptions(bytes.subarray(TCP_HEADER_BYTES, headerLength)),
    payload: bytes.subarray(headerLength),
  };
}

function parseOptions(bytes: Uint8Array): TcpOption[] {
  const options: TcpOption[] = [];
  let at = 0;
  // Ends: each option takes at least one octet of at most 40.
  while (at < bytes.length && bytes[at] !== OPTION.end) {
    if (bytes[at] === OPTION.nop) {
      options.push({ kind: 'nop' });
      at += 1;
      continue;
    }
    requireOctets(bytes, at, 2, 'TCP option');
    const length = bytes[at + 1] ?? 0;
    if (length < 2) throw new ProtocolError(`TCP option of length ${length}`);
    requireOctets(bytes, at, length, 'TCP option');
    options.push(parseOption(bytes[at] ?? 0, bytes.subarray(at + 2, at + length)));
    at += length;
  }
  return options;
}

/** A known option of unexpected length is kept as `other`. */
function parseOption(option: number, data: Uint8Array): TcpOption {
  if (option === OPTION.maximumSegmentSize && data.length === 2) {
    return { kind: 'maximum-segment-size', sizeBytes: uint16At(data, 0) };
  }
  if (option === OPTION.windowScale && data.length === 1) return { kind: 'window-scale', shift: data[0] ?? 0 };
  if (option === OPTION.sackPermitted && data.length === 0) return { kind: 'sack-permitted' };
  if (option === OPTION.timestamps && data.length === 8) {
    return { kind: 'timestamps', value: uint32At(data, 0), echo: uint32At(data, 4) };
  }
  return { kind: 'other', option, data };
}

/** Options are filled up to whole words with end-of-list. @throws InvariantError for values out of range. */
export function encodeTcp(segment: TcpSegment, addresses: IpAddresses): Uint8Array {
  requireSegment(segment);
  const options = concatOctets(segment.options.map(encodeOption));
  const words = 5 + Math.ceil(options.length / 4);
  requireRange(words, 15, 'TCP header in words');
  const bytes = new Uint8Array(4 * words + segment.payload.length);
  putUint16(bytes, 0, segment.sourcePort);
  putUint16(bytes, 2, segment.destinationPort);
  putUint32(bytes, 4, segment.sequence);
  putUint32(bytes, 8, segment.acknowledgment);
  bytes[12] = words << 4;
  bytes[13] = segment.flags;
  putUint16(bytes, 14, segment.window);
  putUint16(bytes, 18, segment.urgentPointer);
  bytes.set(options, TCP_HEADER_BYTES);
  bytes.set(segment.payload, 4 * words);
  const { source, destination } = addresses;
  putUint16(bytes, 16, computeTransportChecksum(bytes, { source, destination, protocol: IP_PROTOCOL.tcp }));
  return bytes;
}

function requireSegment(segment: TcpSegment): void {
  requireRange(segment.sourcePort, 0xffff, 'TCP source port');
  requireRange(segment.destinationPort, 0xffff, 'TCP destination port');
  requireRange(segment.sequence, 0xffff_ffff, 'TCP sequence');
  requireRange(segment.acknowledgment, 0xffff_ffff, 'TCP acknowledgment');
  requireRange(segment.flags, 0xff, 'TCP flags');
  requireRange(segment.window, 0xffff, 'TCP window');
  requireRange(segment.urgentPointer, 0xffff, 'TCP urgent pointer');
}

function encodeOption(option: TcpOption): Uint8Array {
  switch (option.kind) {
    case 'nop':
      return Uint8Array.of(OPTION.nop);
    case 'maximum-segment-size':
      requireRange(option.sizeBytes, 0xffff, 'TCP maximum segment size');
      return Uint8Array.of(OPTION.maximumSegmentSize, 4, option.sizeBytes >> 8, option.sizeBytes & 0xff);
    case 'window-scale':
      requireRange(option.shift, 255, 'TCP window scale');
      return Uint8Array.of(OPTION.windowScale, 3, option.shift);
    case 'sack-permitted':
      return Uint8Array.of(OPTION.sackPermitted, 2);
    case 'timestamps': {
      const bytes = new Uint8Array(10);
      bytes.set([OPTION.timestamps, 10]);
      putUint32(bytes, 2, option.value);
      putUint32(bytes, 6, option.echo);
      return bytes;
    }
    case 'other':
      requireRange(option.data.length, 38, 'TCP option length');
      return concatOctets([Uint8Array.of(option.option, option.data.length + 2), option.data]);
  }
}
