// Probes that end at a chosen hop. All probes of a flow look the same to a router that picks a next hop by hashing headers (Paris
// traceroute, Augustin et al., IMC 2006): the same addresses and ports, or the same identifier and checksum of ICMP.
//
//   icmp  echo request; its number is the sequence number, a word of the payload keeps the checksum
//   udp   to a closed port; its number is the IPv4 identification and the payload index
//   tcp   SYN; its number is in the upper half of the sequence number
//
// The payload starts with a payload tag, and for ICMP goes on with the word that evens out the checksum.
import { IPV6_BYTES } from './address.js';
import { foldChecksum } from './checksum.js';
import { ICMP_HEADER_BYTES } from './icmp.js';
import { IPV4_HEADER_BYTES } from './ipv4.js';
import { IPV6_HEADER_BYTES } from './ipv6.js';
import { equalOctets, putUint16, uint16At } from './octets.js';
import { PAYLOAD_TAG_BYTES } from './payload-tag.js';
import { computeMinProbeBytes, encodeProbe, type ProbeBody, type ProbeEnvelope } from './probe-packet.js';
import { TCP_FLAG } from './tcp.js';
import type { IcmpErrorReply, QuotedProbe, Reply } from './reply.js';

export type RouteProtocol = 'icmp' | 'udp' | 'tcp';

/** What all probes of one trace share. Flow `f` adds `f` to the identifier, and to the closed port or the source port. */
export interface RouteIdentity {
  readonly protocol: RouteProtocol;
  readonly target: Uint8Array;
  /** ICMP: identifier and checksum of flow 0, 1-0xffff. */
  readonly identifier: number;
  readonly checksum: number;
  /** UDP and TCP: ports of flow 0. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** 32 bits, to know our own among others' probes. */
  readonly runTag: number;
}

/** Numbers of probes are 0 to this, less one: what fits into the IPv4 identification, whose 0 the kernel would replace. */
export const ROUTE_NUMBERS = 0xffff;
/** Flows that can be told apart. */
export const MAX_ROUTE_FLOWS = 16;

const EVENING_WORD_BYTES = 2;
/** A row takes this many TCP sequence numbers, more than any packet holds: some resets acknowledge the data, too. */
const SEQUENCE_STEP = 0x1_0000;
/** "Port unreachable": the code of type 3 in ICMP and of type 1 in ICMPv6. */
const PORT_UNREACHABLE = { 4: 3, 16: 4 } as const;

/** IP bytes of the smallest probe. */
export function computeMinRouteProbeBytes(protocol: RouteProtocol, family: 4 | 6): number {
  switch (protocol) {
    case 'icmp':
      return computeMinProbeBytes('icmp', family) + PAYLOAD_TAG_BYTES + EVENING_WORD_BYTES;
    case 'udp':
      return computeMinProbeBytes('udp', family) + PAYLOAD_TAG_BYTES;
    case 'tcp':
      return computeMinProbeBytes('tcp-syn', family);
  }
}

/** Probe `number` of flow `flow`; the envelope's `ipId` is not used. @throws InvariantError for values out of range. */
export function encodeRouteProbe(
  identity: RouteIdentity,
  { flow, number }: { readonly flow: number; readonly number: number },
  envelope: Omit<ProbeEnvelope, 'ipId'>,
): Uint8Array {
  const { bytes } = encodeProbe({ ...envelope, ipId: number + 1 }, chooseBody(identity, flow, number));
  if (identity.protocol === 'icmp') {
    const ipBytes = envelope.destination.length === IPV6_BYTES ? IPV6_HEADER_BYTES : IPV4_HEADER_BYTES;
    evenOut(bytes, bytes.length - envelope.sizeBytes + ipBytes, computeFlowChecksum(identity, flow));
  }
  return bytes;
}

function chooseBody(identity: RouteIdentity, flow: number, number: number): ProbeBody {
  const { runTag, sourcePort, destinationPort } = identity;
  const tag = { runTag, payloadIndex: number };
  switch (identity.protocol) {
    case 'icmp':
      return { kind: 'icmp', identifier: (identity.identifier + flow) & 0xffff, sequence: number, tag };
    case 'udp':
      return { kind: 'udp', sourcePort, destinationPort: destinationPort + flow, tag };
    case 'tcp': {
      const sequence = number * SEQUENCE_STEP + (runTag & 0xffff);
      return { kind: 'tcp-syn', sourcePort: sourcePort + flow, destinationPort, sequence };
    }
  }
}

/** Never 0 or 0xffff, which are the same number in ones' complement. */
function computeFlowChecksum({ checksum }: RouteIdentity, flow: number): number {
  return 1 + ((checksum + flow) % 0xfffe);
}

/** Sets the word behind the tag so that the checksum of the ICMP message at `at` becomes `wanted`: w = HC − HC' (RFC 1624). */
function evenOut(bytes: Uint8Array, at: number, wanted: number): void {
  const before = uint16At(bytes, at + 2);
  const word = ~foldChecksum(before + (~wanted & 0xffff)) & 0xffff;
  putUint16(bytes, at + ICMP_HEADER_BYTES + PAYLOAD_TAG_BYTES, word);
  putUint16(bytes, at + 2, wanted);
}

/** What a frame says of one of our probes. */
export interface RouteAnswer {
  readonly number: number;
  /** `target`: it came there. The others are error messages, whoever sent them. */
  readonly kind: 'target' | IcmpErrorReply['errorKind'];
  /** Code of the error message; 0 for an answer of the target that is none. */
  readonly code: number;
  readonly mtuBytes: number | null;
  readonly source: Uint8Array;
  readonly replySizeBytes: number;
  readonly replyTtl: number;
  /** TTL that our packet had when it came to who answers; null where no packet is quoted. */
  readonly quotedTtl: number | null;
}

/** null for frames that have nothing to do with the probes of `identity`. */
export function matchRouteReply(reply: Reply, identity: RouteIdentity): RouteAnswer | null {
  const base = { source: reply.source, replySizeBytes: reply.sizeBytes, replyTtl: reply.ttl };
  if (reply.kind === 'icmp-error') {
    const number = matchQuote(reply.quoted, identity);
    if (number === null) return null;
    const { errorKind, code, mtuBytes, quoted } = reply;
    const arrived = errorKind === 'unreachable' && identity.protocol === 'udp' && isPortUnreachable(reply);
    return { ...base, number, kind: arrived ? 'target' : errorKind, code, mtuBytes, quotedTtl: quoted.ttl };
  }
  const number = equalOctets(reply.source, identity.target) ? matchTarget(reply, identity) : null;
  return number === null ? null : { ...base, number, kind: 'target', code: 0, mtuBytes: null, quotedTtl: null };
}

/** Only the host itself says this of its ports, from whichever of its addresses. */
function isPortUnreachable({ code, source }: IcmpErrorReply): boolean {
  return code === (source.length === 4 ? PORT_UNREACHABLE[4] : PORT_UNREACHABLE[16]);
}

function matchTarget(reply: Reply, identity: RouteIdentity): number | null {
  switch (reply.kind) {
    case 'echo-reply': {
      const isOurs = identity.protocol === 'icmp' && isFlowOf(reply.identifier, identity.identifier);
      return isOurs && reply.runTag === identity.runTag ? reply.payloadIndex : null;
    }
    case 'udp': {
      const isOurs = identity.protocol === 'udp' && reply.destinationPort === identity.sourcePort;
      return isOurs && reply.runTag === identity.runTag ? reply.payloadIndex : null;
    }
    case 'tcp': {
      const isOurs = identity.protocol === 'tcp' && isFlowOf(reply.destinationPort, identity.sourcePort);
      const answers = (reply.flags & TCP_FLAG.ack) !== 0 && reply.sourcePort === identity.destinationPort;
      return isOurs && answers ? readNumber(reply.acknowledgment - 1, identity) : null;
    }
    default:
      return null;
  }
}

function matchQuote(quoted: QuotedProbe, identity: RouteIdentity): number | null {
  if (!equalOctets(quoted.destination, identity.target)) return null;
  switch (identity.protocol) {
    case 'icmp':
      if (quoted.icmpIdentifier === null || !isFlowOf(quoted.icmpIdentifier, identity.identifier)) return null;
      return hasForeignTag(quoted, identity) ? null : quoted.icmpSequence;
    case 'udp': {
      if (quoted.sourcePort !== identity.sourcePort || quoted.destinationPort === null) return null;
      if (!isFlowOf(quoted.destinationPort, identity.destinationPort) || hasForeignTag(quoted, identity)) return null;
      // A quote of 8 bytes ends before our tag; in IPv4 the identification still tells the number.
      if (quoted.payloadIndex !== null) return quoted.payloadIndex;
      return quoted.ipId === 0 ? null : quoted.ipId - 1;
    }
    case 'tcp':
      if (quoted.sourcePort === null || !isFlowOf(quoted.sourcePort, identity.sourcePort)) return null;
      return quoted.tcpSequence === null ? null : readNumber(quoted.tcpSequence, identity);
  }
}

function hasForeignTag({ runTag }: QuotedProbe, identity: RouteIdentity): boolean {
  return runTag !== null && runTag !== identity.runTag;
}

function isFlowOf(value: number, first: number): boolean {
  return ((value - first) & 0xffff) < MAX_ROUTE_FLOWS;
}

function readNumber(sequence: number, { runTag }: RouteIdentity): number {
  return (sequence - (runTag & 0xffff)) >>> 16;
}
