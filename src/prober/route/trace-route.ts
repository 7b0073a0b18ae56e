// One trace of a path: finds the hops and their MTUs through raw sockets, takes their delays through the engine, and hands everything
// to the analysis. Stops at once when asked, and tells what it had.
import { setTimeout as sleep } from 'node:timers/promises';
import { composeRouteReport } from '../../analysis/route/compose-route-report.js';
import { findLastTtl, findLoop, findTargetTtl, isHopAnswer } from '../../analysis/route/hop-table.js';
import { estimateHopMtus } from '../../analysis/route/hop-mtu.js';
import { chooseSizes, planRounds, type TimedProbe } from '../../analysis/route/plan-rounds.js';
import { CanceledError } from '../../model/errors.js';
import type { ExaminationEvent } from '../../model/examination.js';
import type { HopSample, ProbeSizes, RouteObservation, RouteReport, RouteRequest } from '../../model/route.js';
import type { Cost } from '../../model/sequence.js';
import { ETHERNET_HEADER_BYTES, NS_PER_MS } from '../../model/units.js';
import { formatAddress } from '../../packet/address.js';
import { computeMinRouteProbeBytes } from '../../packet/route-probe.js';
import { timeHops, type HopTiming } from '../native/time-hops.js';
import { findHops, type FindOptions } from './find-hops.js';
import { findMtus } from './find-mtus.js';
import { findNextHops } from './find-next-hops.js';
import { openRoute, type OpenRoute } from './open-route.js';
import { readNames } from './read-names.js';

export interface TraceOptions {
  /** Aborting ends the sending at once; the report then holds what is known. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: ExaminationEvent) => void;
}

/** Of the time, the search for hops and sizes may take this share; a silent path then still ends in time. */
const SEARCH_SHARE = 0.6;
/** Jumbo frames end at about 9,000 bytes; what loopback offers beyond is no path's MTU. */
const MOST_MTU_BYTES = 9_216;
/** Of the bytes left, looking for MTUs may take this share; a full packet to each hop is most of it. */
const MTU_SHARE = 0.4;
/** Linux lets a router send one host one error message a second (icmp_ratelimit). */
const FLOW_REST_MS = 1_000;
const FREE: Cost = { packets: 0, bytes: 0 };

/** @throws what opening throws; CanceledError if stopped before anything was asked. */
export async function traceRoute(request: RouteRequest, { signal, onEvent }: TraceOptions): Promise<RouteReport> {
  const startedMs = performance.now();
  const route = await openRoute(request, signal);
  try {
    if (signal.aborted && route.session.readCost().packets === 0) throw new CanceledError();
    const notes = new Set(route.notes);
    const trip: Trip = { request, route, signal, onEvent, endMs: startedMs + 1000 * request.maxSeconds, notes };
    const searchSignal = endAfter(SEARCH_SHARE * 1000 * request.maxSeconds, signal);
    await search(trip, searchSignal);
    const sizes = chooseProbeSizes(route);
    const timing = await measure(trip, sizes);
    if (request.multipath) await searchFlows(trip);
    const found = route.session.readSamples();
    const names = request.names ? await readNames(listAddresses(found), signal) : new Map<string, string>();
    const observation: RouteObservation = {
      target: route.target,
      port: describePort(route),
      found,
      measured: timing?.samples ?? [],
      sizes,
      stamps: timing?.stamps ?? null,
      names,
      cost: [route.cost, route.session.readCost(), timing?.cost ?? FREE].reduce(addCosts),
      durationMs: Math.round(performance.now() - startedMs),
      interrupted: signal.aborted,
      notes: [...notes, ...(signal.aborted ? ['Stopped on request before everything was measured'] : [])],
    };
    return composeRouteReport(observation, request);
  } finally {
    route.close();
  }
}

interface Trip extends TraceOptions {
  readonly request: RouteRequest;
  readonly route: OpenRoute;
  /** When the time is up, on the clock of performance.now. */
  readonly endMs: number;
  /** Fallbacks and shortages, one sentence each. */
  readonly notes: Set<string>;
}

/** The hops, then the sizes that come to them. */
async function search(trip: Trip, signal: AbortSignal): Promise<void> {
  const { request, route } = trip;
  const options: FindOptions = { probeBytes: readProbeBytes(route), maxHops: request.maxHops, signal };
  const counted = { ask: countAsked(trip, 'hops', request.maxHops) };
  await findHops(counted, options, route.isReachable);
  const samples = route.session.readSamples();
  // Routers in a circle answer for many TTLs, and soon limit their answers: nothing more could be learned.
  if (findLoop(samples) !== null) return;
  const portMtuBytes = readPortMtu(route);
  const fullBytes = findLastTtl(samples) * (portMtuBytes + ETHERNET_HEADER_BYTES);
  if (fullBytes > MTU_SHARE * readBytesLeft(trip)) {
    trip.notes.add('MTU: not looked for, since a full packet to each hop would take too much of the bytes allowed');
    return;
  }
  const sizes = { ask: countAsked(trip, 'sizes', findLastTtl(samples)) };
  await findMtus(sizes, { ...options, samples, portMtuBytes });
}

async function measure(trip: Trip, sizes: ProbeSizes): Promise<HopTiming | null> {
  const { route, signal, onEvent } = trip;
  const { session } = route;
  const lingerMs = session.readPatienceMs();
  const probes = planMeasurement(trip, sizes, (trip.endMs - performance.now() - lingerMs) / 1000);
  if (signal.aborted || probes.length === 0) {
    if (!signal.aborted && findLastTtl(session.readSamples()) > 0)
      trip.notes.add('Delay and loss: no time or bytes left');
    return null;
  }
  const timing = await timeHops(route.hop, {
    probes,
    identity: session.identity,
    firstNumber: session.reserveNumbers(probes.length),
    lingerNs: lingerMs * NS_PER_MS,
    signal,
    onSent: (sent) => onEvent({ kind: 'progress', phase: 'timing', sent, total: probes.length }),
  });
  if (timing) {
    onEvent({ kind: 'traced', phase: 'timing', cost: timing.cost });
    for (const note of timing.notes) trip.notes.add(note);
  }
  return timing;
}

/**
 * Rounds over the hops that answered; silent ones would only cost, but for those just before the target: where answers of the target
 * were lost, or time was short, it was first heard at a larger TTL than its own.
 */
function planMeasurement(trip: Trip, sizes: ProbeSizes, maxSeconds: number): TimedProbe[] {
  const { route } = trip;
  const samples = route.session.readSamples();
  const lastTtl = findLastTtl(samples);
  const end = findLoop(samples)?.again ?? lastTtl + 1;
  const targetTtl = findTargetTtl(samples);
  const answering = Array.from({ length: end - 1 }, (_, i) => i + 1).filter((ttl) =>
    samples.some((sample) => sample.ttl === ttl && isHopAnswer(sample)),
  );
  const lastRouter = answering.findLast((ttl) => ttl !== targetTtl) ?? 0;
  const doubtful = Array.from({ length: Math.max(0, (targetTtl ?? 0) - lastRouter - 1) }, (_, i) => lastRouter + 1 + i);
  return planRounds({
    ttls: [...answering, ...doubtful].sort((a, b) => a - b),
    targetTtl,
    // Error messages are limited, echoes are not; to a SYN from the same port a listener answers only after the last was reset.
    isTargetPatient: route.target.via === 'icmp',
    sizes,
    leastBytes: readProbeBytes(route),
    maxSeconds,
    maxBytes: readBytesLeft(trip),
  });
}

/** What is known to come to the last hop that answers. */
function chooseProbeSizes(route: OpenRoute): ProbeSizes {
  const samples = route.session.readSamples();
  const mtus = estimateHopMtus(samples, findLastTtl(samples), readPortMtu(route));
  return chooseSizes(route.hop.version, mtus.at(-1)?.lowBytes ?? readProbeBytes(route));
}

async function searchFlows(trip: Trip): Promise<void> {
  const { request, route, signal } = trip;
  const ends = endAfter(trip.endMs - performance.now(), signal);
  await findNextHops(
    { ask: countAsked(trip, 'flows', request.maxHops) },
    {
      probeBytes: readProbeBytes(route),
      maxHops: request.maxHops,
      signal: ends,
      samples: route.session.readSamples(),
      rest: () => sleep(FLOW_REST_MS, undefined, { signal: ends }).catch(() => undefined),
    },
  );
  if (ends.aborted && !signal.aborted) trip.notes.add('Parallel routes: the time was up before all flows were sent');
}

/** Aborts with `signal`, or by itself after `ms`. */
function endAfter(ms: number, signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(Math.max(0, Math.ceil(ms)))]);
}

/** The session's `ask`, with progress told and no byte beyond the budget. */
function countAsked(trip: Trip, phase: string, total: number): OpenRoute['session']['ask'] {
  let asked = 0;
  return async (probes, signal): Promise<readonly HopSample[]> => {
    let left = readBytesLeft(trip);
    const affordable = probes.filter(({ sizeBytes }) => (left -= sizeBytes + ETHERNET_HEADER_BYTES) >= 0);
    if (affordable.length < probes.length) trip.notes.add('Not everything was asked: the bytes allowed were used up');
    const before = trip.route.session.readCost();
    const samples = await trip.route.session.ask(affordable, signal);
    asked += affordable.length;
    const after = trip.route.session.readCost();
    const cost = { packets: after.packets - before.packets, bytes: after.bytes - before.bytes };
    trip.onEvent({ kind: 'traced', phase, cost });
    trip.onEvent({ kind: 'progress', phase, sent: Math.min(asked, total), total });
    return samples;
  };
}

function readProbeBytes({ target, hop }: OpenRoute): number {
  return computeMinRouteProbeBytes(target.via, hop.version);
}

function readPortMtu({ facts }: OpenRoute): number {
  return Math.min(facts.mtuBytes, MOST_MTU_BYTES);
}

function readBytesLeft({ request, route }: Trip): number {
  return request.maxBytes - route.cost.bytes - route.session.readCost().bytes;
}

function describePort(route: OpenRoute): RouteObservation['port'] {
  return { name: route.hop.port, mtuBytes: readPortMtu(route), address: formatAddress(route.hop.source) };
}

function listAddresses(samples: readonly HopSample[]): string[] {
  return [...new Set(samples.flatMap((sample) => (isHopAnswer(sample) && sample.answer ? [sample.answer.from] : [])))];
}

function addCosts(a: Cost, b: Cost): Cost {
  return { packets: a.packets + b.packets, bytes: a.bytes + b.bytes };
}
