// TCP connections of a recording, gathered by the two hosts they join: who opened them, what each side announced, and both
// directions of the data. Pure.
import type { CapturedTcp } from '../../packet/captured-packet.js';
import { TCP_FLAG } from '../../packet/tcp.js';
import { NS_PER_MS } from '../../model/units.js';
import type { TimedPacket } from './read-recording.js';
import { TcpDirection, type RoundTripSample } from './tcp-direction.js';

/** What a handshake tells of the two ways from the recording point, ns; null where it was not recorded whole. */
export interface Handshake {
  readonly synNs: number;
  readonly sizeBytes: number;
  /** SYN to SYN-ACK: from here to the target and back. */
  readonly targetRttNs: number | null;
  /** SYN-ACK to ACK: from here to the opener and back. */
  readonly probeRttNs: number | null;
}

/** All connections between two hosts; `probe` opened them. */
export interface TcpTransfer {
  readonly probe: string;
  readonly target: string;
  readonly packets: number;
  readonly firstNs: number;
  readonly lastNs: number;
  readonly forward: readonly TcpDirection[];
  readonly reverse: readonly TcpDirection[];
  readonly handshakes: readonly Handshake[];
  /** Smallest that either side announced; null without a recorded SYN. */
  readonly maximumSegmentBytes: number | null;
  readonly forwardClasses: ReadonlySet<number>;
  readonly reverseClasses: ReadonlySet<number>;
  readonly ttl: number;
}

/** Without a handshake: sooner than this no sender hears of a hole (Wireshark's figure). */
const USUAL_PATIENCE_NS = 3 * NS_PER_MS;

interface Connection {
  readonly forward: TcpDirection;
  readonly reverse: TcpDirection;
  syn: { readonly atNs: number; readonly sizeBytes: number; isRepeated: boolean } | null;
  synAckNs: number | null;
  ackNs: number | null;
}

interface Gathering {
  readonly probe: string;
  readonly target: string;
  readonly connections: Map<string, Connection>;
  readonly classes: { readonly forward: Set<number>; readonly reverse: Set<number> };
  readonly ttl: number;
  readonly firstNs: number;
  lastNs: number;
  packets: number;
  maximumSegmentBytes: number | null;
}

/** Only pairs of hosts between which data went. Packets come in the order of their instants. */
export function findTransfers(packets: readonly TimedPacket[]): readonly TcpTransfer[] {
  const openers = findOpeners(packets);
  const gatherings = new Map<string, Gathering>();
  for (const { atNs, packet } of packets) {
    if (packet.kind === 'tcp') gather(gatherings, openers, atNs, packet);
  }
  return [...gatherings.values()].map(finish).filter(({ forward, reverse }) => {
    return [...forward, ...reverse].some(({ counts }) => counts.segments > 0);
  });
}

/** `address port address port` of connections, opener first. Without a SYN the higher port is taken for the opener's. */
function findOpeners(packets: readonly TimedPacket[]): ReadonlySet<string> {
  const openers = new Set<string>();
  for (const { packet } of packets) {
    if (packet.kind !== 'tcp') continue;
    if ((packet.flags & TCP_FLAG.syn) === 0) continue;
    openers.add((packet.flags & TCP_FLAG.ack) === 0 ? nameWay(packet) : nameBack(packet));
  }
  return openers;
}

function gather(
  gatherings: Map<string, Gathering>,
  openers: ReadonlySet<string>,
  atNs: number,
  packet: CapturedTcp,
): void {
  const isKnown = openers.has(nameWay(packet)) || openers.has(nameBack(packet));
  const isForward = isKnown ? openers.has(nameWay(packet)) : packet.sourcePort > packet.destinationPort;
  const [probe, target] = isForward ? [packet.source, packet.destination] : [packet.destination, packet.source];
  const known = gatherings.get(`${probe} ${target}`);
  const gathering = known ?? createGathering({ probe, target, ttl: packet.ttl, firstNs: atNs });
  gatherings.set(`${probe} ${target}`, gathering);
  gathering.packets += 1;
  gathering.lastNs = atNs;
  gathering.classes[isForward ? 'forward' : 'reverse'].add(packet.trafficClass);
  const announced = packet.maximumSegmentBytes ?? Infinity;
  const least = Math.min(gathering.maximumSegmentBytes ?? Infinity, announced);
  if (Number.isFinite(least)) gathering.maximumSegmentBytes = least;
  const name = isForward ? nameWay(packet) : nameBack(packet);
  const connection = gathering.connections.get(name) ?? createConnection();
  gathering.connections.set(name, connection);
  takeSegment(connection, atNs, packet, isForward);
}

function takeSegment(connection: Connection, atNs: number, packet: CapturedTcp, isForward: boolean): void {
  const [own, other] = isForward ? [connection.forward, connection.reverse] : [connection.reverse, connection.forward];
  noteHandshake(connection, atNs, packet, isForward);
  own.takeData(atNs, packet, computePatienceNs(connection));
  if ((packet.flags & TCP_FLAG.ack) !== 0 && (packet.flags & TCP_FLAG.syn) === 0)
    other.takeAcknowledgment(atNs, packet);
}

function noteHandshake(connection: Connection, atNs: number, packet: CapturedTcp, isForward: boolean): void {
  const isSyn = (packet.flags & TCP_FLAG.syn) !== 0;
  if (isForward && isSyn) {
    if (connection.syn === null) connection.syn = { atNs, sizeBytes: packet.sizeBytes, isRepeated: false };
    else connection.syn.isRepeated = true;
  } else if (isSyn) {
    connection.synAckNs ??= atNs;
  } else if (isForward && connection.synAckNs !== null) {
    connection.ackNs ??= atNs;
  }
}

function computePatienceNs({ syn, synAckNs, ackNs }: Connection): number {
  if (syn === null || synAckNs === null || ackNs === null || syn.isRepeated) return USUAL_PATIENCE_NS;
  return Math.max(USUAL_PATIENCE_NS, ackNs - syn.atNs);
}

function finish(gathering: Gathering): TcpTransfer {
  const { probe, target, packets, firstNs, lastNs, ttl, maximumSegmentBytes, classes } = gathering;
  const connections = [...gathering.connections.values()];
  return {
    probe,
    target,
    packets,
    firstNs,
    lastNs,
    ttl,
    maximumSegmentBytes,
    forward: connections.map(({ forward }) => forward),
    reverse: connections.map(({ reverse }) => reverse),
    handshakes: connections.flatMap(readHandshake),
    forwardClasses: classes.forward,
    reverseClasses: classes.reverse,
  };
}

/** A SYN that was sent twice tells no time (Karn). */
function readHandshake({ syn, synAckNs, ackNs }: Connection): Handshake[] {
  if (syn === null) return [];
  const isTimed = synAckNs !== null && !syn.isRepeated;
  return [
    {
      synNs: syn.atNs,
      sizeBytes: syn.sizeBytes,
      targetRttNs: isTimed ? synAckNs - syn.atNs : null,
      probeRttNs: isTimed && ackNs !== null ? ackNs - synAckNs : null,
    },
  ];
}

/** Handshakes and data towards the target, in the order of sending. */
export function listRoundTrips({ forward, handshakes }: TcpTransfer): {
  readonly handshakes: readonly RoundTripSample[];
  readonly data: readonly RoundTripSample[];
} {
  const data = forward.flatMap(({ samples }) => samples).sort((a, b) => a.sentNs - b.sentNs);
  const opened = handshakes.flatMap(({ synNs, sizeBytes, targetRttNs }) =>
    targetRttNs === null ? [] : [{ sentNs: synNs, acknowledgedNs: synNs + targetRttNs, sizeBytes }],
  );
  return { handshakes: opened, data };
}

function createGathering(known: Pick<Gathering, 'probe' | 'target' | 'ttl' | 'firstNs'>): Gathering {
  return {
    ...known,
    connections: new Map(),
    classes: { forward: new Set(), reverse: new Set() },
    lastNs: known.firstNs,
    packets: 0,
    maximumSegmentBytes: null,
  };
}

function createConnection(): Connection {
  return { forward: new TcpDirection(), reverse: new TcpDirection(), syn: null, synAckNs: null, ackNs: null };
}

function nameWay({ source, sourcePort, destination, destinationPort }: CapturedTcp): string {
  return [source, sourcePort, destination, destinationPort].join(' ');
}

function nameBack({ source, sourcePort, destination, destinationPort }: CapturedTcp): string {
  return [destination, destinationPort, source, sourcePort].join(' ');
}
