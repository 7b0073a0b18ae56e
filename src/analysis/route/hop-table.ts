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

/** The last TTL below DIRECT_TTL whose hop answered, up to the target; 0 where none did. */
export function findLastTtl(samples: readonly HopSample[]): number {
  const target = findTargetTtl(samples);
  if (target !== null) return target;
  return samples.reduce(
    (last, sample) => (sample.ttl !== DIRECT_TTL && isHopAnswer(sample) ? Math.max(last, sample.ttl) : last),
    0,
  );
}

/** Rows for TTL 1 to the last that answered; silent hops between have rows without addresses. */
export function buildHopTable({ found, measured, names }: RouteObservation): HopRow[] {
  const samples = [...found, ...measured];
  const targetTtl = findTargetTtl(samples);
  return Array.from({ length: findLastTtl(samples) }, (_, i) => {
    const ttl = i + 1;
    const all = samples.filter((sample) => sample.ttl === ttl);
    return {
      ttl,
      isTarget: ttl === targetTtl,
      addresses: countAddresses(all, names),
      all,
      measured: measured.filter((sample) => sample.ttl === ttl),
    };
  });
}

function countAddresses(samples: readonly HopSample[], names: ReadonlyMap<string, string>): HopAddress[] {
  const counts = new Map<string, number>();
  for (const sample of samples) {
    const from = isHopAnswer(sample) ? sample.answer?.from : undefined;
    if (from !== undefined) counts.set(from, (counts.get(from) ?? 0) + 1);
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([address, answers]) => {
      const name = names.get(address);
      return { address, answers, ...(name === undefined ? {} : { name }) };
    });
}
