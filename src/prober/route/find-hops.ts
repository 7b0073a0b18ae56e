// Finds the hops of a path: whom to ask next, from what was answered so far. Whoever sends the probes is given.
import { findLastTtl, findLoop, findTargetTtl } from '../../analysis/route/hop-table.js';
import { DIRECT_TTL, type HopSample } from '../../model/route.js';
import type { Asker } from './route-session.js';

/** A hop is asked again this often before it counts as silent; a lost packet does not make it so. */
const TRIES = 4;
/** Hops asked at once. What is asked beyond the target only costs answers of it. */
const BATCH = 5;
/** So many silent hops in a row end the search, unless the target is known to answer. */
const SILENT_HOPS = 6;

export interface FindOptions {
  readonly probeBytes: number;
  readonly maxHops: number;
  readonly signal: AbortSignal;
}

/** `refused`: somebody said that packets go no further; he would say it of any kind of probe, and not many times. */
export type TargetAnswer = 'answered' | 'refused' | 'silent';

/** Asks the target itself, once. */
export async function askTarget(
  asker: Asker,
  { probeBytes, signal }: Pick<FindOptions, 'probeBytes' | 'signal'>,
): Promise<TargetAnswer> {
  const [sample] = await asker.ask([{ ttl: DIRECT_TTL, sizeBytes: probeBytes, flow: 0 }], signal);
  const kind = sample?.answer?.kind;
  return kind === undefined ? 'silent' : kind === 'target' ? 'answered' : 'refused';
}

/**
 * Asks hop after hop, a batch at a time. Ends at the target, at a refusal, in a circle, after SILENT_HOPS silent ones, or at
 * `maxHops`. `isReachable`: the target is known to answer, so silent hops are no reason to stop.
 */
export async function findHops(asker: Asker, options: FindOptions, isReachable: boolean): Promise<HopSample[]> {
  const { maxHops, signal } = options;
  const seen: HopSample[] = [];
  for (let first = 1; first <= maxHops && !signal.aborted; first += BATCH) {
    const ttls = Array.from({ length: Math.min(BATCH, maxHops - first + 1) }, (_, i) => first + i);
    seen.push(...(await askUntilAnswered(asker, ttls, options)));
    if (findTargetTtl(seen) !== null || findLoop(seen) !== null) break;
    if (seen.some(({ answer }) => answer?.kind === 'unreachable')) break;
    const silent = first + ttls.length - 1 - findLastTtl(seen);
    if (!isReachable && silent >= SILENT_HOPS) break;
  }
  return seen;
}

/** Silent hops again, as long as no hop before them turned out to be the end. */
async function askUntilAnswered(asker: Asker, ttls: readonly number[], options: FindOptions): Promise<HopSample[]> {
  const seen: HopSample[] = [];
  let open = [...ttls];
  for (let tries = 0; tries < TRIES && open.length > 0 && !options.signal.aborted; tries += 1) {
    const probes = open.map((ttl) => ({ ttl, sizeBytes: options.probeBytes, flow: 0 }));
    seen.push(...(await asker.ask(probes, options.signal)));
    const target = findTargetTtl(seen) ?? Infinity;
    open = open.filter((ttl) => ttl < target && !seen.some((sample) => sample.ttl === ttl && sample.answer !== null));
  }
  return seen;
}
