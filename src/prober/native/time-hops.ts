// One run of the engine with probes of many TTLs: each answered row has the kernel's stamps on both sides. Who answers is known
// before; here the delays are taken.
import type { HopAnswer, HopSample } from '../../model/route.js';
import type { Cost, Schedule } from '../../model/sequence.js';
import { TRACE_FLAG, type StampSources, type Trace } from '../../model/trace.js';
import { formatAddress } from '../../packet/address.js';
import { encodeReplyFilter, type SentProbes } from '../../packet/filter.js';
import type { ProbeLink } from '../../packet/probe-packet.js';
import { encodeRouteProbe, matchRouteReply, type RouteAnswer, type RouteIdentity } from '../../packet/route-probe.js';
import { collectTrace, type ReplyMatcher } from './collect-trace.js';
import { resolveNeighbour } from './neighbour.js';
import type { NextHop } from './next-hop.js';
import { readOwnQueue } from './own-queue.js';
import { planRun } from './plan-run.js';
import { openRawPort } from './raw-port.js';
import { runEngine } from './run-engine.js';

const NEIGHBOUR_ATTEMPTS = 3;
/** Each probe may be answered twice, and others' error messages pass the filter, too. */
const FRAMES_PER_PROBE = 3;
const SPARE_FRAMES = 1024;

export interface HopProbes {
  /** After the first, ns; never decreasing. */
  readonly offsetNs: number;
  readonly ttl: number;
  readonly sizeBytes: number;
}

export interface TimeHopsOptions {
  readonly probes: readonly HopProbes[];
  readonly identity: RouteIdentity;
  /** Number of the first probe; the others follow. */
  readonly firstNumber: number;
  /** How long to wait for answers after the last packet left, ns. */
  readonly lingerNs: number;
  readonly signal: AbortSignal;
  readonly onSent: (sent: number) => void;
}

export interface HopTiming {
  readonly samples: readonly HopSample[];
  readonly stamps: StampSources;
  readonly cost: Cost;
  readonly notes: readonly string[];
}

/** null where the next hop does not answer on the link. @throws DeviceError when the port fails, PermissionError without CAP_NET_RAW. */
export async function timeHops(hop: NextHop, options: TimeHopsOptions): Promise<HopTiming | null> {
  const { probes, identity, signal } = options;
  const needsAddress = hop.sendLayer === 'link';
  const resolution = needsAddress ? await resolveNeighbour(hop, NEIGHBOUR_ATTEMPTS, signal) : FREE;
  if ((needsAddress && resolution.mac === null) || signal.aborted) return null;
  const schedule = layOutSchedule(probes);
  const answers = new Map<number, RouteAnswer>();
  const filter = encodeReplyFilter(describeProbes(identity), hop.linkLayer);
  const ringFrames = probes.length * FRAMES_PER_PROBE + SPARE_FRAMES;
  const port = openRawPort({ port: hop.port, sendLayer: hop.sendLayer, filter, ringFrames });
  try {
    const link: ProbeLink | null = resolution.mac && { sourceMac: port.mac, destinationMac: resolution.mac };
    const plan = { offsetNs: schedule.offsetNs, lingerNs: options.lingerNs, expectFrames: 0, restNs: 0, isExact: true };
    const run = planRun(plan, (row) => {
      const { ttl = 1, sizeBytes = 0 } = probes[row] ?? {};
      const addresses = { source: hop.source, destination: hop.target };
      const envelope = { link, ...addresses, ttl, trafficClass: 0, dontFragment: true, sizeBytes };
      const bytes = encodeRouteProbe(identity, { flow: 0, number: options.firstNumber + row }, envelope);
      return { bytes, timestampAt: -1, checksumAt: -1 };
    });
    const ownQueue = readOwnQueue(hop.portIndex);
    const result = await runEngine(port, run, { signal, portName: hop.port, onSent: options.onSent });
    const base = { sequenceId: 'hops', schedule, lingerNs: options.lingerNs, expectFrames: 0, hasFarTrain: false };
    const kind = createMatcher(options, answers);
    const trace = collectTrace({
      ...base,
      result,
      kind,
      linkLayer: hop.linkLayer,
      stampPorts: [],
      resolutionCost: resolution.cost,
      ownQueue,
    });
    return { samples: readSamples(trace, probes, answers), ...describeTrace(trace) };
  } finally {
    await port.close();
  }
}

const FREE = { mac: null, cost: { packets: 0, bytes: 0 } };

function layOutSchedule(probes: readonly HopProbes[]): Schedule {
  const count = probes.length;
  return {
    count,
    offsetNs: Float64Array.from(probes, ({ offsetNs }) => offsetNs),
    sizeBytes: Uint16Array.from(probes, ({ sizeBytes }) => sizeBytes),
    burst: new Uint32Array(count),
    position: Uint32Array.from(probes, (_, i) => i),
    trafficClass: new Uint8Array(count),
    flow: new Uint8Array(count),
  };
}

/** Every message about a probe is its answer here, wherever it comes from; `answers` keeps what it said, by row. */
function createMatcher(
  { identity, firstNumber, probes }: TimeHopsOptions,
  answers: Map<number, RouteAnswer>,
): ReplyMatcher {
  return {
    matchAnswer(reply) {
      const answer = matchRouteReply(reply, identity);
      const index = answer === null ? -1 : answer.number - firstNumber;
      if (answer === null || index < 0 || index >= probes.length) return null;
      if (!answers.has(index)) answers.set(index, answer);
      return { index, far: null };
    },
    matchQuote: () => null,
    ownsQuote: () => false,
  };
}

function describeProbes(identity: RouteIdentity): SentProbes {
  const { protocol, target, identifier, sourcePort, destinationPort } = identity;
  switch (protocol) {
    case 'icmp':
      return { kind: 'icmp', target, firstIdentifier: identifier, identifiers: 1 };
    case 'udp':
      return { kind: 'udp', target, targetPort: destinationPort, localPorts: [sourcePort, sourcePort] };
    case 'tcp':
      return { kind: 'tcp', target, targetPort: destinationPort, firstLocalPort: sourcePort, localPorts: 1 };
  }
}

/** Rows that never left, or were not listened for, are left out. */
function readSamples(
  trace: Trace,
  probes: readonly HopProbes[],
  answers: ReadonlyMap<number, RouteAnswer>,
): HopSample[] {
  return probes.flatMap(({ ttl, sizeBytes }, i) => {
    const flags = trace.flags[i] ?? 0;
    if ((flags & TRACE_FLAG.sent) === 0 || (flags & TRACE_FLAG.unheard) !== 0) return [];
    const answer = answers.get(i);
    const rttNs = (trace.rxOffsetNs[i] ?? NaN) - (trace.txOffsetNs[i] ?? NaN);
    const isTimed = answer !== undefined && rttNs > 0 && trace.clockStepNs === 0;
    const base = { ttl, sizeBytes, flow: 0, isLate: false };
    return [{ ...base, answer: answer ? toHopAnswer(answer) : null, rttNs: isTimed ? rttNs : null }];
  });
}

function toHopAnswer({ kind, code, mtuBytes, replySizeBytes, quotedTtl, source }: RouteAnswer): HopAnswer {
  return { kind, code, mtuBytes, replySizeBytes, quotedTtl, from: formatAddress(source), labels: [] };
}

function describeTrace({ stamps, cost, clockStepNs, receiveOverflows }: Trace): Omit<HopTiming, 'samples'> {
  const notes: string[] = [];
  if (clockStepNs !== 0) notes.push('The clock was set during the measurement: its delays are not usable');
  if (receiveOverflows > 0) notes.push(`${receiveOverflows} answers were lost in this machine, not on the path`);
  return { stamps, cost, notes };
}
