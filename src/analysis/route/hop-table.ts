// Samples -> one row a hop: who answers there, and where the path ends as far as was seen. Says nothing of delay or loss.
import { DIRECT_TTL, type HopAddress, type HopSample, type RouteObservation } from '../../model/route.js';

/** What was seen of one hop. */
export interface HopRow {
  readonly ttl: number;
  readonly isTarget: boolean;
  /** Most often first. */
  readonly addresses: readonly HopAddress[];
  /** Every probe to this hop, on any flow. */
  readonly all: readonly HopSample[];
  /** Those of the measurement. */
  readonly measured: readonly HopSample[];
}

/** TTL at which the target answers, or null. */
export function findTargetTtl(samples: readonly HopSample[]): number | null {
  let ttl = Infinity;
  for (const sample of samples) {
    if (sample.ttl !== DIRECT_TTL && sample.answer?.kind === 'target') ttl = Math.min(ttl, sample.ttl);
  }
  return ttl === Infinity ? null : ttl;
}

/** A hop is who says that a packet's time ended there, or the target: other messages come from hops before. */
export function isHopAnswer(sample: HopSample): boolean {
  const kind = sample.answer?.kind;
  return kind === 'time-exceeded' || kind === 'target';
}

/** TTL of the hop that has this address, or null. */
export function findHopOf(samples: readonly HopSample[], address: string): number | null {
  let ttl: number | null = null;
  for (const sample of samples) {
    if (!isHopAnswer(sample) || sample.answer?.from !== address) continue;
    if (ttl === null || sample.ttl < ttl) ttl = sample.ttl;
  }
  return ttl;
}

export interface Loop {
  readonly address: string;
  readonly first: number;
  readonly again: number;
}

/**
 * An address that answers at two TTLs with another one between them: packets came there twice. The same address at neighbouring
 * TTLs is no loop but a router that let a spent packet pass (Augustin et al., IMC 2006).
 */
export function findLoop(samples: readonly HopSample[]): Loop | null {
  const byTtl = new Map<number, string>();
  for (const sample of samples) {
    const from = isHopAnswer(sample) && sample.flow === 0 ? sample.answer?.from : undefined;
    if (from !== undefined && !byTtl.has(sample.ttl)) byTtl.set(sample.ttl, from);
  }
  const ttls = [...byTtl.keys()].sort((a, b) => a - b);
  for (const again of ttls) {
    const address = byTtl.get(again) ?? '';
    const first = ttls.find((ttl) => ttl < again && byTtl.get(ttl) === address);
    if (first === undefined) continue;
    const hasOther = ttls.some((ttl) => ttl > first && ttl < again && byTtl.get(ttl) !== address);
    if (hasOther) return { address, first, again };
  }
  return null;
}

export interface Refusal {
  readonly from: string;
  /** Code of the message "unreachable". */
  readonly code: number;
  /** The hop that refuses: where its address answered, else the lowest TTL at which it refused. */
  readonly ttl: number;
}

/** The refusal that the lowest TTL met. */
export function findRefusal(samples: readonly HopSample[]): Refusal | null {
  let first: HopSample | null = null;
  for (const sample of samples) {
    if (sample.answer?.kind === 'unreachable' && (first === null || sample.ttl < first.ttl)) first = sample;
  }
  if (!first?.answer) return null;
  const { from, code } = first.answer;
  return { from, code, ttl: findHopOf(samples, from) ?? first.ttl };
}

/** The last TTL below DIRECT_TTL that somebody answered for, no further than the target or the closing of a circle; 0 for none. */
export function findLastTtl(samples: readonly HopSample[]): number {
  const end = findTargetTtl(samples) ?? findLoop(samples)?.again;
  if (end !== undefined) return end;
  return samples.reduce(
    (last, sample) => (sample.ttl !== DIRECT_TTL && isHopAnswer(sample) ? Math.max(last, sample.ttl) : last),
    0,
  );
}

/** Rows for TTL 1 to the last that answered or refused; silent hops between have rows without addresses. */
export function buildHopTable({ found, measured, names, port }: RouteObservation): HopRow[] {
  const samples = [...found, ...measured];
  const targetTtl = findTargetTtl(samples);
  const refusal = targetTtl === null ? findRefusal(samples) : null;
  const refusedTtl = refusal === null || refusal.from === port.address || refusal.ttl === DIRECT_TTL ? 0 : refusal.ttl;
  return Array.from({ length: Math.max(findLastTtl(samples), refusedTtl) }, (_, i) => {
    const ttl = i + 1;
    const all = samples.filter((sample) => sample.ttl === ttl);
    return {
      ttl,
      isTarget: ttl === targetTtl,
      addresses: countAddresses(all, names, ttl === refusedTtl),
      all,
      // With a larger TTL than it needs a probe comes to the target all the same.
      measured: measured.filter((sample) => sample.ttl === ttl || (ttl === targetTtl && sample.ttl > ttl)),
    };
  });
}

function countAddresses(
  samples: readonly HopSample[],
  names: ReadonlyMap<string, string>,
  withRefusals: boolean,
): HopAddress[] {
  const counts = new Map<string, number>();
  for (const sample of samples) {
    const counted = isHopAnswer(sample) || (withRefusals && sample.answer?.kind === 'unreachable');
    const from = counted ? sample.answer?.from : undefined;
    if (from !== undefined) counts.set(from, (counts.get(from) ?? 0) + 1);
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([address, answers]) => {
      const name = names.get(address);
      return { address, answers, ...(name === undefined ? {} : { name }) };
    });
}
