// `--via auto`: tries the ways to a target in order of what they can tell, and takes the best that answers.
import { VIA_CHOICES, type RunOptions, type ViaChoice } from '../../model/path.js';
import { UsageError } from '../../model/errors.js';
import type { Cost, Sequence } from '../../model/sequence.js';
import { isAnswered, type PathMessage, type Trace } from '../../model/trace.js';
import { NS_PER_MS } from '../../model/units.js';
import { STAMP_PORTS } from '../../packet/stamp.js';
import { createIcmpKind } from './icmp-kind.js';
import type { NextHop } from './next-hop.js';
import type { ProbeKind } from './probe-kind.js';
import { createStampKind } from './stamp-kind.js';
import { createTcpKind } from './tcp-kind.js';
import { createUdpKind } from './udp-kind.js';

/** Our own reflector first: it follows up with the kernel's T3. */
const STAMP_ORDER: readonly number[] = [...STAMP_PORTS].sort((a, b) => b - a);

/**
 * Candidates in rounds, best first in each. A round is tried only if nothing in the one before answered, so that hosts which
 * echo are not sent SYNs.
 */
const ROUNDS: Readonly<Record<Exclude<ViaChoice, 'tps'>, readonly (readonly ((hop: NextHop) => ProbeKind)[])[]>> = {
  auto: [
    [...STAMP_ORDER.map((port) => stampOn(port)), createIcmpKind],
    // A SYN is answered a hundred times as often as a datagram to a closed port.
    [createTcpKind, createUdpKind],
  ],
  stamp: [STAMP_ORDER.map((port) => stampOn(port))],
  icmp: [[createIcmpKind]],
  udp: [[createUdpKind]],
  tcp: [[createTcpKind]],
};

function stampOn(udpPort: number): (hop: NextHop) => ProbeKind {
  return (hop) => createStampKind(hop, udpPort);
}

/** Three small packets: one may be lost. Replies later than the linger come from paths no test would like. */
const TRY_PACKETS = 3;
const TRY_INTERVAL_NS = 20 * NS_PER_MS;
const TRY_LINGER_NS = 900 * NS_PER_MS;

export interface Choice {
  readonly kind: ProbeKind;
  /** Trace of the try that decided; null where there was nothing to choose or nobody answered. */
  readonly trace: Trace | null;
  readonly cost: Cost;
  /** Labels of what was tried and did not answer. */
  readonly silent: readonly string[];
  /** Error messages about the tries. Who sends them counts how often: the first may have been the last for seconds. */
  readonly messages: readonly PathMessage[];
}

export type TryKind = (kind: ProbeKind, sequence: Sequence, options: RunOptions) => Promise<Trace>;

/**
 * With no answer at all, the candidate that any host should answer stands.
 * @throws UsageError for `tps`; what a try throws before a better one has answered, after all of them have ended.
 */
export async function chooseKind(via: ViaChoice, hop: NextHop, tryKind: TryKind, signal: AbortSignal): Promise<Choice> {
  if (via === 'tps') {
    const others = VIA_CHOICES.filter((choice) => choice !== 'tps').join(', ');
    throw new UsageError(
      'usage.unsupported',
      `--via tps needs paired boxes, which this version has not: use ${others}`,
    );
  }
  let cost: Cost = { packets: 0, bytes: 0 };
  const silent: string[] = [];
  const messages: PathMessage[] = [];
  for (const round of ROUNDS[via]) {
    const tried = await tryRound(round, hop, tryKind, signal);
    cost = { packets: cost.packets + tried.cost.packets, bytes: cost.bytes + tried.cost.bytes };
    silent.push(...tried.silent);
    messages.push(...tried.messages);
    if (tried.kind) return { kind: tried.kind, trace: tried.trace, cost, silent, messages };
  }
  return { kind: fallbackKind(via, hop), trace: null, cost, silent, messages };
}

/** What is used without trying, where not even the next hop answers; and what is left where nobody answered. */
export function fallbackKind(via: Exclude<ViaChoice, 'tps'>, hop: NextHop): ProbeKind {
  const candidate = via === 'auto' ? createIcmpKind : ROUNDS[via][0]?.[0];
  return (candidate ?? createIcmpKind)(hop);
}

interface RoundResult {
  readonly kind: ProbeKind | null;
  readonly trace: Trace | null;
  readonly cost: Cost;
  readonly silent: readonly string[];
  readonly messages: readonly PathMessage[];
}

/** All candidates of a round at once. When a better one has answered, or can no longer, the rest are stopped. */
async function tryRound(
  round: readonly ((hop: NextHop) => ProbeKind)[],
  hop: NextHop,
  tryKind: TryKind,
  signal: AbortSignal,
): Promise<RoundResult> {
  const kinds = round.map((create) => create(hop));
  const stop = new AbortController();
  const options: RunOptions = {
    signal: AbortSignal.any([signal, stop.signal]),
    budget: { maxPackets: TRY_PACKETS, maxBytes: 4096 },
  };
  const tries = kinds.map((kind) => tryKind(kind, trySequence(kind), options));
  // Also hears what a try that nobody awaits any more fails of.
  const ended = Promise.allSettled(tries);
  let chosen = -1;
  let answered: Trace | null = null;
  try {
    // Ends with the last candidate; each try ends by itself within its linger.
    for (let i = 0; i < tries.length && chosen < 0; i++) {
      const trace = await tries[i];
      if (trace && hasAnswer(trace)) [chosen, answered] = [i, trace];
    }
  } finally {
    stop.abort();
    await ended;
    kinds.forEach((kind, i) => {
      if (i !== chosen) kind.close();
    });
  }
  const traces = (await ended).flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
  return {
    kind: kinds[chosen] ?? null,
    trace: answered,
    cost: sumCosts(traces),
    messages: traces.flatMap((trace) => trace.messages),
    silent: kinds.slice(0, chosen < 0 ? kinds.length : chosen).map((kind) => kind.label),
  };
}

function sumCosts(traces: readonly Trace[]): Cost {
  let packets = 0;
  let bytes = 0;
  for (const { cost } of traces) {
    packets += cost.packets;
    bytes += cost.bytes;
  }
  return { packets, bytes };
}

function trySequence(kind: ProbeKind): Sequence {
  // Room for a follow-up TLV, so that a try of STAMP also shows how well the far end stamps.
  const sizeBytes = kind.minSizeBytes + (kind.via === 'stamp' ? 20 : 0);
  return {
    id: 'try',
    pattern: { kind: 'isochronous', count: TRY_PACKETS, intervalNs: TRY_INTERVAL_NS, sizeBytes },
    dscp: 0,
    dontFragment: true,
    lingerNs: TRY_LINGER_NS,
  };
}

function hasAnswer(trace: Trace): boolean {
  for (let i = 0; i < trace.count; i++) if (isAnswered(trace, i)) return true;
  return false;
}
