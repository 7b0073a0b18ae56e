// The far end of a native path, as frames: what target and routers answer to a probe. Built with the project's codecs, which have
// tests of their own; checksums are right, so that the frames could be on a wire.
import assert from 'node:assert/strict';
import type { NextHop } from '../../../src/prober/native/next-hop.js';
import type { Match, ProbeKind } from '../../../src/prober/native/probe-kind.js';
import { parseAddress } from '../../../src/packet/address.js';
import { encodeEthernet, parseEthernet } from '../../../src/packet/ethernet.js';
import { encodeIcmp, parseIcmp } from '../../../src/packet/icmp.js';
import { encodeIcmpv6, parseIcmpv6 } from '../../../src/packet/icmpv6.js';
import { encodeIpv4, parseIpv4 } from '../../../src/packet/ipv4.js';
import { encodeIpv6, parseIpv6 } from '../../../src/packet/ipv6.js';
import { NO_OCTETS, uint16At } from '../../../src/packet/octets.js';
import { ETHER_TYPE, IP_PROTOCOL } from '../../../src/packet/protocol-numbers.js';
import { parseReply } from '../../../src/packet/reply-match.js';
import { encodeStampReflector, parseStampSender, STAMP_PORTS } from '../../../src/packet/stamp.js';
import type { StampTlv } from '../../../src/packet/stamp-tlv.js';
import { encodeTcp, parseTcp } from '../../../src/packet/tcp.js';
import { encodeUdp, parseUdp } from '../../../src/packet/udp.js';

const MACS = { ours: Uint8Array.of(2, 0, 0, 0, 0, 1), theirs: Uint8Array.of(2, 0, 0, 0, 0, 2) };

export const ROUTER = { 4: parseAddress('10.77.1.254').bytes, 6: parseAddress('fd77:1::fe').bytes };

export function createHop(version: 4 | 6): NextHop {
  const target = parseAddress(version === 4 ? '10.77.2.2' : 'fd77:2::2').bytes;
  const source = parseAddress(version === 4 ? '10.77.1.1' : 'fd77:1::1').bytes;
  const common = { port: 'np', portIndex: 1, routeMtuBytes: 0, sendLayer: 'link', linkLayer: 'ethernet' } as const;
  return { ...common, version, target, source, neighbour: ROUTER[version] };
}

export interface Row {
  readonly sizeBytes?: number;
  readonly trafficClass?: number;
  readonly flow?: number;
}

/** The frame of row `index` as the prober sends it; without more said 120 bytes, unmarked. */
export function encodeRow(kind: ProbeKind, hop: NextHop, index: number, row: Row = {}): Uint8Array {
  const link = { sourceMac: MACS.ours, destinationMac: MACS.theirs };
  const { source, target: destination } = hop;
  const { sizeBytes = 120, trafficClass = 0, flow = 0 } = row;
  const marks = { ttl: 64, trafficClass, dontFragment: true, ipId: index & 0xffff };
  const envelope = { link, source, destination, ...marks, sizeBytes };
  return kind.encode(envelope, index, flow).bytes.slice();
}

/** What the prober makes of a frame: parsed as it parses, then shown to the kind of probe. */
export function match(kind: ProbeKind, frame: Uint8Array): Match | null {
  return kind.matchAnswer(parseReply(frame, 'ethernet', STAMP_PORTS), frame);
}

/** The row of ours that an error message quotes. */
export function matchQuote(kind: ProbeKind, frame: Uint8Array): number | null {
  const reply = parseReply(frame, 'ethernet', STAMP_PORTS);
  return reply.kind === 'icmp-error' ? kind.matchQuote(reply.quoted) : null;
}

interface Addresses {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
}

interface Request extends Addresses {
  readonly protocol: number;
  readonly segment: Uint8Array;
  readonly trafficClass: number;
  /** The IP packet as it was sent. */
  readonly packet: Uint8Array;
}

function readRequest(frame: Uint8Array): Request {
  const { payload, etherType } = parseEthernet(frame);
  const ip = etherType === ETHER_TYPE.ipv4 ? parseIpv4(payload) : parseIpv6(payload);
  const { source, destination, protocol, payload: segment } = ip;
  return { source, destination, protocol, segment, trafficClass: 4 * ip.dscp + ip.ecn, packet: payload };
}

function wrap(protocol: number, payload: Uint8Array, ends: Addresses, trafficClass = 0): Uint8Array {
  const { source, destination } = ends;
  const isIpv4 = source.length === 4;
  const fragment = { identification: 9, dontFragment: false, moreFragments: false, fragmentOffsetBytes: 0, ttl: 60 };
  const common = { dscp: trafficClass >> 2, ecn: trafficClass & 3, source, destination, protocol, payload };
  const packet = isIpv4
    ? encodeIpv4({ ...common, ...fragment, options: NO_OCTETS })
    : encodeIpv6({ ...common, flowLabel: 0, hopLimit: 60, extensions: [] });
  const etherType = isIpv4 ? ETHER_TYPE.ipv4 : ETHER_TYPE.ipv6;
  return encodeEthernet({ destination: MACS.ours, source: MACS.theirs, vlans: [], etherType, payload: packet });
}

/** Back to where it came from. */
const turn = ({ source, destination }: Addresses): Addresses => ({ source: destination, destination: source });

/** Marked as the request is, as Linux does. */
export function answerEcho(frame: Uint8Array): Uint8Array {
  const request = readRequest(frame);
  const back = turn(request);
  const isIpv4 = request.protocol === IP_PROTOCOL.icmp;
  const echo = isIpv4 ? parseIcmp(request.segment) : parseIcmpv6(request.segment);
  if (echo.kind !== 'echo-request') assert.fail('no echo request');
  const reply = { ...echo, kind: 'echo-reply' } as const;
  return wrap(request.protocol, isIpv4 ? encodeIcmp(reply) : encodeIcmpv6(reply, back), back, request.trafficClass);
}

/** What an open UDP port sends back that echoes. */
export function answerUdp(frame: Uint8Array): Uint8Array {
  const request = readRequest(frame);
  const { sourcePort, destinationPort, payload } = parseUdp(request.segment);
  const back = turn(request);
  return wrap(
    IP_PROTOCOL.udp,
    encodeUdp({ sourcePort: destinationPort, destinationPort: sourcePort, payload }, back),
    back,
  );
}

/** What tells the flows of a probe apart: the source port, or the identifier of an echo. */
export function readFlowKey(frame: Uint8Array): number {
  const { protocol, segment } = readRequest(frame);
  const at = protocol === IP_PROTOCOL.icmp || protocol === IP_PROTOCOL.icmpv6 ? 4 : 0;
  return uint16At(segment, at);
}

/** What a STAMP probe asks for beside the test itself. */
export function readStampTlvs(frame: Uint8Array): readonly StampTlv[] {
  return parseStampSender(parseUdp(readRequest(frame).segment).payload).tlvs;
}

export interface Reflection {
  readonly sequence: number;
  /** T2 and T3 in ns since 1970; null for none. */
  readonly receivedNs: bigint | null;
  readonly sentNs: bigint | null;
  readonly tlvs?: readonly StampTlv[];
}

export function answerStamp(frame: Uint8Array, { sequence, receivedNs, sentNs, tlvs = [] }: Reflection): Uint8Array {
  const request = readRequest(frame);
  const udp = parseUdp(request.segment);
  const probe = parseStampSender(udp.payload);
  const back = turn(request);
  const payload = encodeStampReflector({
    ...probe,
    sequence,
    timestampNs: sentNs,
    receiveTimestampNs: receivedNs,
    senderSequence: probe.sequence,
    senderTimestampNs: probe.timestampNs,
    senderErrorEstimate: probe.errorEstimate,
    senderTtl: 63,
    tlvs,
    rest: NO_OCTETS,
  });
  return wrap(
    IP_PROTOCOL.udp,
    encodeUdp({ sourcePort: udp.destinationPort, destinationPort: udp.sourcePort, payload }, back),
    back,
  );
}

/** A segment that acknowledges the SYN: `data` octets more than its number and one. */
export function answerSyn(frame: Uint8Array, flags: number, data = 0): Uint8Array {
  const request = readRequest(frame);
  const { sourcePort, destinationPort, sequence } = parseTcp(request.segment);
  const back = turn(request);
  const acknowledgment = (sequence + 1 + data) >>> 0;
  const ports = { sourcePort: destinationPort, destinationPort: sourcePort };
  const rest = { sequence: 7, acknowledgment, flags, window: 0, urgentPointer: 0, options: [], payload: NO_OCTETS };
  return wrap(IP_PROTOCOL.tcp, encodeTcp({ ...ports, ...rest }, back), back);
}

export interface ErrorMessage {
  readonly type: number;
  readonly code: number;
  /** Octets of our packet that are quoted; all of them without it. */
  readonly quoteBytes?: number;
  /** 16 or 32 bits after the checksum: the MTU of packet-too-big. */
  readonly mtuBytes?: number;
  /** Who complains; the router without it. */
  readonly from?: Uint8Array;
}

/** An ICMP or ICMPv6 error about the probe. */
export function complain(frame: Uint8Array, message: ErrorMessage): Uint8Array {
  const request = readRequest(frame);
  const quote = request.packet.subarray(0, message.quoteBytes ?? request.packet.length);
  const body = new Uint8Array(4 + quote.length);
  new DataView(body.buffer).setUint32(0, message.mtuBytes ?? 0);
  body.set(quote, 4);
  const isIpv4 = request.source.length === 4;
  const source = message.from ?? ROUTER[isIpv4 ? 4 : 6];
  const back = { source, destination: request.source };
  const error = { kind: 'other', type: message.type, code: message.code, body } as const;
  return isIpv4
    ? wrap(IP_PROTOCOL.icmp, encodeIcmp(error), back)
    : wrap(IP_PROTOCOL.icmpv6, encodeIcmpv6(error, back), back);
}
