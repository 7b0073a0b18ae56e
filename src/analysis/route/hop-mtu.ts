// The largest packet that comes to each hop, from probes that must not be fragmented: what passed, what a router refused with
// packet too big, and what vanished without a word (a black hole).
import type { HopMtu, HopSample } from '../../model/route.js';
import { computeFisherWorse } from '../statistics/fisher-exact.js';
import { findHopOf, isHopAnswer } from './hop-table.js';

/** A size is called lost in a black hole only when chance makes as many losses with less than this probability. */
const SURE = 1e-3;
/** Unanswered probes of one size before it bounds an MTU that is known to be there. */
const TRIES = 2;

/** Of TTLs 1 to `lastTtl`, in this order; null where no size was tried, or none is known to have come. */
export function estimateHopMtus(
  samples: readonly HopSample[],
  lastTtl: number,
  portMtuBytes: number,
): (HopMtu | null)[] {
  return boundHopMtus(samples, lastTtl, portMtuBytes).map((mtu, i) =>
    mtu === null || mtu.lowBytes === mtu.highBytes || wasTried(samples, i + 1, mtu.highBytes) || mtu.how === 'silent'
      ? mtu
      : null,
  );
}

/** The same before a size was tried: between what came and the largest that may. `portMtuBytes` is the largest ever sent. */
export function boundHopMtus(samples: readonly HopSample[], lastTtl: number, portMtuBytes: number): (HopMtu | null)[] {
  const announced = computeAnnounced(samples, lastTtl, portMtuBytes);
  let hole: number | null = null;
  return Array.from({ length: lastTtl }, (_, i) => {
    const ttl = i + 1;
    const lowBytes = findPassed(samples, ttl);
    if (lowBytes === 0) return null;
    const spoken = Math.max(lowBytes, announced[i] ?? portMtuBytes);
    if (hole === null && isBlackHole(samples, ttl, lowBytes, spoken)) hole = ttl;
    const unheard = hole === null ? spoken : findSilentBound(samples, ttl, lowBytes, spoken);
    if (unheard < spoken) return { lowBytes, highBytes: unheard, how: 'silent' };
    return { lowBytes, highBytes: spoken, how: spoken < portMtuBytes ? 'announced' : 'passed' };
  });
}

/** Whatever came to a hop behind came to this one, too. 0 where nothing did. */
function findPassed(samples: readonly HopSample[], ttl: number): number {
  return samples.reduce((most, s) => (s.ttl >= ttl && isHopAnswer(s) ? Math.max(most, s.sizeBytes) : most), 0);
}

function wasTried(samples: readonly HopSample[], ttl: number, sizeBytes: number): boolean {
  return samples.some((sample) => sample.ttl >= ttl && sample.sizeBytes === sizeBytes);
}

/** A router refuses what the link behind it does not carry, so its word holds for the hops after it. */
function computeAnnounced(samples: readonly HopSample[], lastTtl: number, portMtuBytes: number): number[] {
  const bounds = new Array<number>(lastTtl).fill(portMtuBytes);
  for (const { answer, ttl, sizeBytes } of samples) {
    if (answer?.kind !== 'packet-too-big') continue;
    const router = findHopOf(samples, answer.from) ?? ttl - 1;
    const bound = Math.min(answer.mtuBytes ?? sizeBytes - 1, sizeBytes - 1);
    for (let i = router; i < lastTtl; i += 1) bounds[i] = Math.min(bounds[i] ?? bound, bound);
  }
  return bounds;
}

/** Larger packets than `passed` for this hop or later ones all vanished, and smaller ones to the same hops did not. */
function isBlackHole(samples: readonly HopSample[], ttl: number, passed: number, bound: number): boolean {
  const here = samples.filter((s) => s.ttl === ttl && s.sizeBytes > passed && s.sizeBytes <= bound);
  if (!here.some(({ answer }) => answer === null)) return false;
  const behind = samples.filter((s) => s.ttl >= ttl && s.sizeBytes <= bound && hopAnswers(samples, s.ttl));
  const large = behind.filter((s) => s.sizeBytes > passed);
  const small = behind.filter((s) => s.sizeBytes <= passed);
  const lost = (of: readonly HopSample[]) => of.filter(({ answer }) => answer === null).length;
  const worse = { bad: lost(large), total: large.length };
  return computeFisherWorse(worse, { bad: lost(small), total: small.length }) < SURE;
}

function hopAnswers(samples: readonly HopSample[], ttl: number): boolean {
  return samples.some((sample) => sample.ttl === ttl && isHopAnswer(sample));
}

/** Below the smallest size that was tried often enough for this hop or later ones and never came. */
function findSilentBound(samples: readonly HopSample[], ttl: number, passed: number, bound: number): number {
  const tries = new Map<number, number>();
  for (const { sizeBytes, answer, ttl: at } of samples) {
    if (at < ttl || sizeBytes <= passed || sizeBytes > bound || answer !== null) continue;
    tries.set(sizeBytes, (tries.get(sizeBytes) ?? 0) + 1);
  }
  const failed = [...tries].filter(([, count]) => count >= TRIES).map(([sizeBytes]) => sizeBytes);
  return failed.length === 0 ? bound : Math.min(...failed) - 1;
}
