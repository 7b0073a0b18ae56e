// Finds the largest packet that comes to each hop: which size goes next, from what was answered so far. Whoever sends is given.
import { boundHopMtus } from '../../analysis/route/hop-mtu.js';
import { findLastTtl, findTargetTtl, isHopAnswer } from '../../analysis/route/hop-table.js';
import type { HopMtu, HopSample } from '../../model/route.js';
import type { FindOptions } from './find-hops.js';
import type { Asker, ProbeSpec } from './route-session.js';

export interface MtuOptions extends FindOptions {
  /** Everything seen so far. */
  readonly samples: readonly HopSample[];
  readonly portMtuBytes: number;
}

/** Each router with a smaller MTU than the one before takes a round, silence takes TRIES of them. */
const MOST_ROUNDS = 6;
const TRIES = 3;
/** Sizes tried at once where larger packets vanish: three rounds of these find any size to the byte. */
const LADDER_STEPS = 11;
const LADDER_ROUNDS = 3;

/**
 * Sends each hop the largest packet that may come there, again with what routers announce, until nothing new is learned. Where
 * packets vanish without a word and the target answers, a ladder of sizes to it finds the largest that passes.
 */
export async function findMtus(asker: Asker, options: MtuOptions): Promise<HopSample[]> {
  const samples = [...options.samples];
  const lastTtl = findLastTtl(samples);
  const estimate = (): (HopMtu | null)[] => boundHopMtus(samples, lastTtl, options.portMtuBytes);
  for (let round = 0; round < MOST_ROUNDS && !options.signal.aborted; round += 1) {
    const probes = planLargest(samples, estimate());
    if (probes.length === 0) break;
    samples.push(...(await asker.ask(probes, options.signal)));
  }
  const target = findTargetTtl(samples);
  if (target !== null)
    await climbLadder(asker, { ttl: target, samples, estimate, signal: options.signal, least: options.probeBytes });
  return samples.slice(options.samples.length);
}

/** A probe to each hop of which the largest size is not settled, and not yet found silent. */
function planLargest(samples: readonly HopSample[], mtus: readonly (HopMtu | null)[]): ProbeSpec[] {
  return mtus.flatMap((mtu, i) => {
    const ttl = i + 1;
    if (mtu === null || mtu.lowBytes >= mtu.highBytes) return [];
    const sizeBytes = mtu.highBytes;
    const tried = samples.filter((sample) => sample.ttl === ttl && sample.sizeBytes === sizeBytes).length;
    const answersAtAll = samples.some((sample) => sample.ttl === ttl && isHopAnswer(sample));
    return tried < TRIES && answersAtAll ? [{ ttl, sizeBytes, flow: 0 }] : [];
  });
}

interface Ladder {
  readonly ttl: number;
  /** Grows by what is asked. */
  readonly samples: HopSample[];
  readonly estimate: () => (HopMtu | null)[];
  readonly signal: AbortSignal;
  /** A size that surely passes. */
  readonly least: number;
}

/** Sizes between the largest that passed and the smallest that did not, each beside a small probe that shows who still answers. */
async function climbLadder(asker: Asker, { ttl, samples, estimate, signal, least }: Ladder): Promise<void> {
  for (let round = 0; round < LADDER_ROUNDS && !signal.aborted; round += 1) {
    const mtu = estimate()[ttl - 1] ?? null;
    if (mtu === null || mtu.lowBytes >= mtu.highBytes) return;
    const step = (mtu.highBytes - mtu.lowBytes) / (LADDER_STEPS + 1);
    const sizes = Array.from({ length: LADDER_STEPS }, (_, i) => mtu.lowBytes + Math.ceil((i + 1) * step));
    const ladder = [...new Set(sizes)].filter((sizeBytes) => sizeBytes <= mtu.highBytes);
    const probes = ladder.flatMap((sizeBytes) => [
      { ttl, sizeBytes, flow: 0 },
      { ttl, sizeBytes: least, flow: 0 },
    ]);
    samples.push(...(await asker.ask(probes, signal)));
    // What did not come is asked once more: a size counts as lost only when it is so twice.
    const passed = estimate()[ttl - 1]?.lowBytes ?? 0;
    const again = probes.filter(({ sizeBytes }) => sizeBytes > passed);
    if (again.length > 0) samples.push(...(await asker.ask(again, signal)));
  }
}
