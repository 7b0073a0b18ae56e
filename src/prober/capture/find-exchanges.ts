// The packets of a recording -> its exchanges of requests and answers: ICMP echo of any tool, STAMP and TWAMP-test on any port, UDP
// to a closed port, TCP handshakes. TCP connections that carry data are tcp-transfer's.
import { ProtocolError } from '../../model/errors.js';
import type { CapturedError, CapturedPacket, CapturedTcp, CapturedUdp } from '../../packet/captured-packet.js';
import { uint16At, uint32At } from '../../packet/octets.js';
import { parseStampReflector, STAMP_PORTS, TWAMP_REFLECTOR_BYTES, TWAMP_SENDER_BYTES } from '../../packet/stamp.js';
import { IP_PROTOCOL } from '../../packet/protocol-numbers.js';
import { TCP_FLAG } from '../../packet/tcp.js';
import { readFarAnswer } from '../native/far-answer.js';
import type { FarAnswer } from '../native/probe-kind.js';
import { ExchangeTable, type Answer, type Exchange } from './exchange.js';
import type { TimedPacket } from './read-recording.js';

/** Where the fields of STAMP packets stand, unauthenticated (packet/stamp.ts). */
const STAMP_AT = { timestamp: 4, ssid: 14, senderSequence: 24, senderTimestamp: 28 } as const;
/** "Port unreachable" by IP version. */
const PORT_UNREACHABLE = { ipv4: 3, ipv6: 4 } as const;

/** In the order of their first requests. Packets come in the order of their instants. */
export function findExchanges(packets: readonly TimedPacket[]): readonly Exchange[] {
  const finder = new ExchangeFinder(findStampSessions(packets), findClosedPorts(packets));
  for (const { atNs, packet } of packets) finder.take(atNs, packet);
  return finder.table.exchanges;
}

class ExchangeFinder {
  readonly table = new ExchangeTable();

  constructor(
    private readonly stampSessions: ReadonlySet<string>,
    private readonly closedPorts: ReadonlySet<string>,
  ) {}

  take(atNs: number, packet: CapturedPacket): void {
    switch (packet.kind) {
      case 'echo-request':
      case 'echo-reply':
        this.#takeEcho(atNs, packet);
        break;
      case 'udp':
        this.#takeUdp(atNs, packet);
        break;
      case 'tcp':
        this.#takeTcp(atNs, packet);
        break;
      case 'icmp-error':
        this.#takeError(atNs, packet);
        break;
      case 'other':
        break;
    }
  }

  #takeEcho(atNs: number, packet: Extract<CapturedPacket, { kind: 'echo-request' | 'echo-reply' }>): void {
    const { identifier, sequence, runTag, payloadIndex } = packet;
    const isRequest = packet.kind === 'echo-request';
    const ends = isRequest ? [packet.source, packet.destination] : [packet.destination, packet.source];
    const key = ['icmp', ...ends, identifier, sequence].join(' ');
    // Our own probes of two flows take two identifiers in a row.
    const session = String(identifier >> 1);
    if (!isRequest) this.table.answer(key, describeAnswer(atNs, packet, { trafficClass: packet.trafficClass }));
    else this.table.request(key, { kind: 'icmp', session, atNs, packet, flow: identifier, runTag, payloadIndex });
  }

  #takeUdp(atNs: number, packet: CapturedUdp): void {
    const { sourcePort, payload } = packet;
    if (this.stampSessions.has(nameConversation(packet))) {
      const key = ['stamp', nameConversation(packet), uint32At(payload, 0)].join(' ');
      const session = `${packet.destinationPort} ${uint16At(payload, STAMP_AT.ssid)}`;
      const tag = { runTag: null, payloadIndex: null };
      this.table.request(key, { kind: 'stamp', session, atNs, packet, flow: sourcePort, ...tag });
    } else if (this.stampSessions.has(nameReverse(packet)) && payload.length >= TWAMP_REFLECTOR_BYTES) {
      const key = ['stamp', nameReverse(packet), uint32At(payload, STAMP_AT.senderSequence)].join(' ');
      const far = tryReadFarAnswer(payload);
      const isMirrored = far?.marks?.isRefused !== true;
      const marks = { trafficClass: isMirrored ? packet.trafficClass : -1, far };
      this.table.answer(key, describeAnswer(atNs, packet, { ...marks, requestClass: far?.marks?.receivedClass ?? -1 }));
    } else if (this.stampSessions.has(nameReverse(packet)) && packet.payloadBytes >= TWAMP_REFLECTOR_BYTES) {
      this.table.cutAnswer('stamp', packet.destination, packet.source);
    } else if (this.closedPorts.has(nameDestination(packet))) {
      const isTagged = payload.length >= 8;
      const runTag = isTagged ? uint32At(payload, 0) : null;
      const payloadIndex = isTagged ? uint32At(payload, 4) : null;
      const key = ['udp', nameConversation(packet), packet.ipId, runTag, payloadIndex].join(' ');
      this.table.request(key, { kind: 'udp', session: '', atNs, packet, flow: sourcePort, runTag, payloadIndex });
    }
  }

  /** Handshakes and what refuses them; a SYN with data, as our own large ones, may be acknowledged with or without it. */
  #takeTcp(atNs: number, packet: CapturedTcp): void {
    const { flags, sourcePort, destinationPort, sequence, acknowledgment } = packet;
    const isSyn = (flags & TCP_FLAG.syn) !== 0;
    if (isSyn && (flags & TCP_FLAG.ack) === 0) {
      const key = ['tcp', nameConversation(packet), sequence].join(' ');
      const tag = { runTag: null, payloadIndex: null };
      this.table.request(key, {
        kind: 'tcp',
        session: String(destinationPort),
        atNs,
        packet,
        flow: sourcePort,
        ...tag,
      });
      this.#synBytes.set(nameConversation(packet), packet.payloadBytes);
    } else if ((isSyn || (flags & TCP_FLAG.rst) !== 0) && (flags & TCP_FLAG.ack) !== 0) {
      const answer = describeAnswer(atNs, packet, { trafficClass: -1 });
      const withData = 1 + (this.#synBytes.get(nameReverse(packet)) ?? 0);
      for (const taken of new Set([1, withData])) {
        this.table.answer(['tcp', nameReverse(packet), (acknowledgment - taken) >>> 0].join(' '), answer);
      }
    }
  }
  readonly #synBytes = new Map<string, number>();

  #takeError(atNs: number, packet: CapturedError): void {
    const { quoted, quotedSource, quotedDestination } = packet;
    const key = nameQuoted(packet);
    if (key === null) return;
    const closed = [quotedSource, quotedDestination, quoted.destinationPort].join(' ');
    const isAnswer = isPortUnreachable(packet) && this.closedPorts.has(closed);
    if (isAnswer) this.table.answer(key, describeAnswer(atNs, packet, { requestClass: quoted.trafficClass }));
    else this.table.refuse(key, packet);
  }
}

/** The key of the request that an error message quotes; null where the quote is too short for it. */
function nameQuoted({ quoted, quotedSource, quotedDestination }: CapturedError): string | null {
  const { protocol, sourcePort, destinationPort, icmpIdentifier, icmpSequence, tcpSequence } = quoted;
  if (protocol === IP_PROTOCOL.icmp || protocol === IP_PROTOCOL.icmpv6) {
    return ['icmp', quotedSource, quotedDestination, icmpIdentifier, icmpSequence].join(' ');
  }
  const conversation = [quotedSource, sourcePort, quotedDestination, destinationPort].join(' ');
  if (protocol === IP_PROTOCOL.tcp) return ['tcp', conversation, tcpSequence].join(' ');
  if (protocol !== IP_PROTOCOL.udp || destinationPort === null) return null;
  if (STAMP_PORTS.includes(destinationPort)) return ['stamp', conversation, quoted.payloadIndex].join(' ');
  return ['udp', conversation, quoted.ipId, quoted.runTag, quoted.payloadIndex].join(' ');
}

function describeAnswer(
  atNs: number,
  { sizeBytes, ttl }: CapturedPacket,
  told: Partial<Pick<Answer, 'trafficClass' | 'requestClass' | 'far'>>,
): Answer {
  return { atNs, sizeBytes, ttl, trafficClass: -1, requestClass: -1, far: null, ...told };
}

/** Our own ports, and any on which an answer quotes number and time of its request as only a reflector does (RFC 8762 4.3). */
function findStampSessions(packets: readonly TimedPacket[]): ReadonlySet<string> {
  const sessions = new Set<string>();
  const timeOf = new Map<string, string>();
  for (const { packet } of packets) {
    if (packet.kind !== 'udp' || packet.payload.length < TWAMP_SENDER_BYTES) continue;
    const { payload } = packet;
    const name = nameConversation(packet);
    if (STAMP_PORTS.includes(packet.destinationPort) && !STAMP_PORTS.includes(packet.sourcePort)) sessions.add(name);
    const sentTime = formatOctets(payload, STAMP_AT.timestamp);
    timeOf.set(`${name} ${uint32At(payload, 0)}`, sentTime);
    if (payload.length < TWAMP_REFLECTOR_BYTES || sessions.has(nameReverse(packet)) || sessions.has(name)) continue;
    const quotedTime = formatOctets(payload, STAMP_AT.senderTimestamp);
    const request = timeOf.get(`${nameReverse(packet)} ${uint32At(payload, STAMP_AT.senderSequence)}`);
    if (request === quotedTime && quotedTime !== formatOctets(new Uint8Array(8), 0)) sessions.add(nameReverse(packet));
  }
  return sessions;
}

function formatOctets(bytes: Uint8Array, at: number): string {
  return `${uint32At(bytes, at)} ${uint32At(bytes, at + 4)}`;
}

/** Source, destination and port of datagrams that the destination itself refused at least once. */
function findClosedPorts(packets: readonly TimedPacket[]): ReadonlySet<string> {
  const closed = new Set<string>();
  for (const { packet } of packets) {
    if (packet.kind !== 'icmp-error' || !isPortUnreachable(packet)) continue;
    if (packet.quoted.protocol !== IP_PROTOCOL.udp) continue;
    closed.add([packet.quotedSource, packet.quotedDestination, packet.quoted.destinationPort].join(' '));
  }
  return closed;
}

function isPortUnreachable({ errorKind, code, source, quotedDestination }: CapturedError): boolean {
  const portCode = source.includes(':') ? PORT_UNREACHABLE.ipv6 : PORT_UNREACHABLE.ipv4;
  return errorKind === 'unreachable' && code === portCode && source === quotedDestination;
}

function nameConversation({ source, sourcePort, destination, destinationPort }: CapturedUdp | CapturedTcp): string {
  return [source, sourcePort, destination, destinationPort].join(' ');
}

function nameReverse({ source, sourcePort, destination, destinationPort }: CapturedUdp | CapturedTcp): string {
  return [destination, destinationPort, source, sourcePort].join(' ');
}

function nameDestination({ source, destination, destinationPort }: CapturedUdp): string {
  return [source, destination, destinationPort].join(' ');
}

/** The flow is filled in where the rows are known; a mangled packet answers without stamps. */
function tryReadFarAnswer(payload: Uint8Array): FarAnswer | null {
  try {
    const { receiveTimestampNs, timestampNs, sequence, senderSequence } = parseStampReflector(payload);
    const fields = { receiveTimestampNs, transmitTimestampNs: timestampNs, sequence, payloadIndex: senderSequence };
    return readFarAnswer(fields, payload, 0);
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}
