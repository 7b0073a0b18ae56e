// Opens the conversation with a path's routers: address, route, and the way of probing that the target answers.
import { randomInt } from 'node:crypto';
import { createRawPacketError, readMayOpenRawPackets } from '../../box/capabilities.js';
import { readPortFacts } from '../../box/port-facts.js';
import type { PortFacts } from '../../model/path.js';
import type { RouteObservation, RouteRequest, RouteVia } from '../../model/route.js';
import type { Cost } from '../../model/sequence.js';
import { computeMinRouteProbeBytes, MAX_ROUTE_FLOWS, type RouteIdentity } from '../../packet/route-probe.js';
import { readNextHop, type NextHop } from '../native/next-hop.js';
import { reserveSourcePort } from '../native/raw-port.js';
import { resolveTarget } from '../native/resolve-target.js';
import { askTarget, type TargetAnswer } from './find-hops.js';
import { RouteSession } from './route-session.js';

export interface OpenRoute {
  readonly hop: NextHop;
  readonly facts: PortFacts;
  readonly target: RouteObservation['target'];
  readonly session: RouteSession;
  /** The target answered when it was asked directly. */
  readonly isReachable: boolean;
  /** Of ways that were tried and closed. */
  readonly cost: Cost;
  readonly notes: readonly string[];
  readonly close: () => void;
}

/** First port of traceroute's range: hosts leave it and the next ones closed. */
const CLOSED_PORT = 33_434;
/** The port most often let through; open or closed, both answer. */
const TCP_PORT = 443;
/** Above Linux's own ephemeral ports: our kernel has no connection there, so it resets what a SYN-ACK opens. */
const FIRST_TCP_PORT = 61_440;
const TCP_PORTS = 4_096;

/**
 * @throws UsageError for a bad address or port; PermissionError without CAP_NET_RAW; DeviceError without a route or without
 * raw-socket; CanceledError while the name is looked up.
 */
export async function openRoute(request: RouteRequest, signal: AbortSignal): Promise<OpenRoute> {
  const addresses = await resolveTarget(request.target, signal);
  if (!readMayOpenRawPackets()) throw createRawPacketError();
  const { chosen, ...hop } = readNextHop(addresses, request.port);
  const facts = readPortFacts(hop.port);
  const way = await chooseWay(request, hop, signal);
  const address = chosen.zone === null ? chosen.text : `${chosen.text}%${chosen.zone}`;
  const target = { address, via: way.chosen.via, ...(chosen.name === null ? {} : { name: chosen.name }) };
  const { session, close } = way.chosen;
  return { hop, facts, target, session, close, isReachable: way.isReachable, cost: way.cost, notes: way.notes };
}

interface Way {
  readonly via: RouteVia;
  readonly session: RouteSession;
  readonly close: () => void;
}

interface ChosenWay {
  readonly chosen: Way;
  readonly isReachable: boolean;
  readonly cost: Cost;
  readonly notes: readonly string[];
}

/** ICMP echo first; if that is not answered once more, beside UDP and TCP. Where nothing answers, echo stands. */
async function chooseWay(request: RouteRequest, hop: NextHop, signal: AbortSignal): Promise<ChosenWay> {
  const port = request.port ?? null;
  const first = openWay(request.via === 'auto' ? 'icmp' : request.via, hop, port);
  const ways = [first];
  try {
    const answer = await ask(first, hop, signal);
    if (answer !== 'silent') return { chosen: first, isReachable: answer === 'answered', cost: FREE, notes: [] };
    if (request.via === 'auto') for (const via of ['udp', 'tcp'] as const) ways.push(openWay(via, hop, port));
    const answers = await Promise.all(ways.map((way) => ask(way, hop, signal)));
    const index = answers.indexOf('answered');
    const chosen = ways[Math.max(0, index)] ?? first;
    const others = ways.filter((way) => way !== chosen);
    for (const way of others) way.close();
    const notes = index > 0 ? [`No answer to ICMP echo: probed by ${NAMES[chosen.via]}`] : [];
    return { chosen, isReachable: index >= 0, cost: sumCosts(others), notes };
  } catch (error) {
    for (const way of ways) way.close();
    throw error;
  }
}

const NAMES: Readonly<Record<RouteVia, string>> = {
  icmp: 'ICMP echo',
  udp: `UDP to the closed port ${CLOSED_PORT}`,
  tcp: `TCP SYN to port ${TCP_PORT}`,
};
const FREE: Cost = { packets: 0, bytes: 0 };

function ask({ via, session }: Way, hop: NextHop, signal: AbortSignal): Promise<TargetAnswer> {
  return askTarget(session, { probeBytes: computeMinRouteProbeBytes(via, hop.version), signal });
}

function openWay(via: RouteVia, hop: NextHop, port: string | null): Way {
  // Held, so that no other program's port is the one our answers come to.
  const reserved = via === 'udp' ? reserveSourcePort(hop.version) : null;
  try {
    const session = new RouteSession(hop, drawIdentity(via, hop, reserved?.udpPort), port);
    const close = (): void => {
      session.close();
      reserved?.close();
    };
    return { via, session, close };
  } catch (error) {
    reserved?.close();
    throw error;
  }
}

function drawIdentity(via: RouteVia, hop: NextHop, udpPort: number | undefined): RouteIdentity {
  return {
    protocol: via,
    target: hop.target,
    identifier: randomInt(0x1_0000),
    checksum: randomInt(0x1_0000),
    sourcePort: udpPort ?? FIRST_TCP_PORT + randomInt(TCP_PORTS - MAX_ROUTE_FLOWS),
    destinationPort: via === 'tcp' ? TCP_PORT : CLOSED_PORT,
    runTag: randomInt(2 ** 32),
  };
}

function sumCosts(ways: readonly Way[]): Cost {
  return ways
    .map(({ session }) => session.readCost())
    .reduce((a, b) => ({ packets: a.packets + b.packets, bytes: a.bytes + b.bytes }), FREE);
}
