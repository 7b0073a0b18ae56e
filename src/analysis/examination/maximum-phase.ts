// The most that the path carries for a second (RFC 9097): short loads whose rate climbs until less comes than is sent, then one
// of more than a second a little above what came. docs/decisions/0009 tells how this follows the RFC's search.
import type { Pattern, Sequence } from '../../model/sequence.js';
import type { Trace } from '../../model/trace.js';
import { BITS_PER_BYTE, ETHERNET_HEADER_BYTES, NS_PER_MS, NS_PER_SEC } from '../../model/units.js';
import { isOverloaded } from '../estimators/load-passage.js';
import { fitCount } from './allowance.js';
import { computeLightSize, computeLingerNs } from './knowledge.js';
import type { Knowledge } from './knowledge.js';
import { computePlannedGapNs, fillsPort, isDoubtful, nameSequence, readLoad, selectRuns } from './maximum-readings.js';
import type { LoadReading, LoadRole, Way } from './maximum-readings.js';

/** Largest IP packet used, so that jumbo frames do not make the search one of a few packets. */
const LARGEST_PACKET = 1500;
/** The search: where it begins, how it climbs, how long each step lasts, and where it ends for want of a faster schedule. */
const FIRST_RATE = 2e6;
const CLIMB = 5;
const CLIMB_NS = 50 * NS_PER_MS;
const SECOND_TRY_NS = 200 * NS_PER_MS;
const LEAST_CLIMB_PACKETS = 20;
const MOST_CLIMBS = 6;
/** Replies are waited for half as long as elsewhere: those that come meanwhile tell the rate. */
const PATIENCE_SHARE = 0.5;
const LEAST_LINGER_NS = 120 * NS_PER_MS;
/**
 * The load: a tenth above what came, or so many packets more that their loss is no chance, and so long that a whole second is left
 * behind its beginning.
 */
const OVERLOAD = 1.1;
const LEAST_EXCESS_PACKETS = 30;
const LOAD_NS = 1.15 * NS_PER_SEC;
/** Where tokens were seen they are used up first, in so much time, at half again the rate or more. */
const DRAIN_NS = 0.35 * NS_PER_SEC;
const DRAINING_OVERLOAD = 1.5;
const MOST_OVERLOAD = 10;
/** A load that the path carried is followed by one so much faster. */
const SPEED_UP = 1.5;
const MOST_LOADS = 3;
/** A load below this length tells less than the climb did. */
const LEAST_LOAD_NS = 0.2 * NS_PER_SEC;
const CHECK_NS = 40 * NS_PER_MS;

interface LoadPlan {
  readonly role: LoadRole;
  readonly number: number;
  readonly rateBitsPerSec: number;
  readonly durationNs: number;
  readonly sizeBytes: number;
  readonly leastPackets: number;
}

/** First towards the far end, then, where it sends on request, from there. */
export function planMaximum(knowledge: Knowledge): Sequence | null {
  const { path } = knowledge;
  // Who limits his answers would be measured by that limit.
  if (path.maxProbesPerSec !== null) return null;
  return planWay(knowledge, 'out') ?? (path.farSends ? planWay(knowledge, 'back') : null);
}

function planWay(knowledge: Knowledge, way: Way): Sequence | null {
  const { traces, path } = knowledge;
  const climbs = selectRuns(traces, way, 'climb');
  const step = readLast(knowledge, way, 'climb');
  const isTopReached = step !== null && (isOverloaded(step) || fillsPort(step, path));
  if (!isTopReached && climbs.length < MOST_CLIMBS && selectRuns(traces, way, 'load').length === 0)
    return planClimb(knowledge, way, climbs);
  return step === null ? null : planLoadOrCheck(knowledge, way, step);
}

/** A step that told nothing, as a bucket passed nearly all of it and then almost nothing, is done once again for longer. */
function planClimb(knowledge: Knowledge, way: Way, climbs: readonly Trace[]): Sequence | null {
  const sizeBytes = computeLargeSize(knowledge);
  const plan = { role: 'climb', number: climbs.length + 1, sizeBytes, leastPackets: LEAST_CLIMB_PACKETS } as const;
  const [last, before] = [climbs.at(-1), climbs.at(-2)].map((trace) => trace && describeStep(trace, way));
  if (last === undefined) {
    // What passed one way is the first guess for the other.
    const other = way === 'back' ? readLast(knowledge, 'out', 'load') : null;
    const first = Math.max(FIRST_RATE, OVERLOAD * (other?.passedBitsPerSec ?? 0));
    return planLoad(knowledge, way, { ...plan, rateBitsPerSec: first, durationNs: CLIMB_NS });
  }
  if (last.isTold)
    return planLoad(knowledge, way, { ...plan, rateBitsPerSec: CLIMB * last.rateBitsPerSec, durationNs: CLIMB_NS });
  if (before?.isTold === false || !Number.isFinite(last.rateBitsPerSec)) return null;
  return planLoad(knowledge, way, { ...plan, rateBitsPerSec: last.rateBitsPerSec, durationNs: SECOND_TRY_NS });
}

function describeStep(trace: Trace, way: Way): { readonly rateBitsPerSec: number; readonly isTold: boolean } {
  const sizeBytes = (way === 'back' ? trace.farTrain?.sizeBytes[0] : trace.sizeBytes[0]) ?? 0;
  const rateBitsPerSec = (sizeBytes * BITS_PER_BYTE * NS_PER_SEC) / computePlannedGapNs(trace, way);
  return { rateBitsPerSec, isTold: readLoad(trace, way) !== null };
}

function planLoadOrCheck(knowledge: Knowledge, way: Way, step: LoadReading): Sequence | null {
  const loads = selectRuns(knowledge.traces, way, 'load').length;
  const last = readLast(knowledge, way, 'load');
  const sizeBytes = computeLargeSize(knowledge);
  if (loads === 0 || (last !== null && !isOverloaded(last) && loads < MOST_LOADS)) {
    const faster = last === null ? null : SPEED_UP * last.offeredBitsPerSec;
    const plan = { role: 'load', number: loads + 1, sizeBytes, leastPackets: LEAST_CLIMB_PACKETS } as const;
    return planLoad(knowledge, way, { ...plan, ...planOverload(step, faster) });
  }
  const isChecked = selectRuns(knowledge.traces, way, 'check').length > 0;
  if (last === null || isChecked || !isDoubtful(last) || fillsPort(last, knowledge.path)) return null;
  return planLoad(knowledge, way, {
    role: 'check',
    number: 1,
    rateBitsPerSec: last.offeredBitsPerSec,
    durationNs: CHECK_NS,
    sizeBytes: Math.max(knowledge.path.minSizeBytes, Math.round(sizeBytes / 2)),
    leastPackets: LEAST_CLIMB_PACKETS,
  });
}

/** The tokens of a bucket are used up by as many bytes sent above its rate. */
function planOverload(
  { passedBitsPerSec, burstBytes, steady }: LoadReading,
  faster: number | null,
): Pick<LoadPlan, 'rateBitsPerSec' | 'durationNs'> {
  const excess = (LEAST_EXCESS_PACKETS * steady.sizeBytes * BITS_PER_BYTE * NS_PER_SEC) / LOAD_NS;
  const usual = Math.max(OVERLOAD * passedBitsPerSec, passedBitsPerSec + excess);
  if (burstBytes === 0) return { rateBitsPerSec: faster ?? usual, durationNs: LOAD_NS };
  const drainRate = (burstBytes * BITS_PER_BYTE * NS_PER_SEC) / DRAIN_NS;
  const overload = Math.min(MOST_OVERLOAD, Math.max(DRAINING_OVERLOAD, 1 + drainRate / passedBitsPerSec));
  return { rateBitsPerSec: faster ?? Math.max(usual, overload * passedBitsPerSec), durationNs: LOAD_NS + DRAIN_NS };
}

/** Cut to the allowance; null where nothing worth sending is left of it. */
function planLoad(knowledge: Knowledge, way: Way, plan: LoadPlan): Sequence | null {
  const { traces, allowance, path } = knowledge;
  const { role, number, rateBitsPerSec, durationNs, sizeBytes, leastPackets } = plan;
  const gapNs = Math.round((sizeBytes * BITS_PER_BYTE * NS_PER_SEC) / rateBitsPerSec);
  const wanted = Math.max(leastPackets, Math.ceil(durationNs / Math.max(1, gapNs)));
  const patienceNs = Math.max(LEAST_LINGER_NS, PATIENCE_SHARE * computeLingerNs(traces));
  const lingerNs = Math.round(Math.min(allowance.ns / 3, patienceNs));
  const room = { ...allowance, ns: allowance.ns - lingerNs };
  const count = fitCount(wanted, sizeBytes + ETHERNET_HEADER_BYTES, gapNs, room);
  const leastNs = role === 'load' ? LEAST_LOAD_NS : 0;
  if (count < leastPackets || count * gapNs < leastNs) return null;
  const load: Pattern = { kind: 'train', trains: 1, packetsPerTrain: count, gapNs, spacingNs: 0, sizeBytes };
  const common = { id: nameSequence(way, role, number), dscp: 0, dontFragment: false };
  if (way === 'out') return { ...common, pattern: load, lingerNs };
  const trigger: Pattern = { kind: 'single', sizeBytes: computeLightSize(path) };
  return { ...common, pattern: trigger, farPattern: load, lingerNs: Math.round(lingerNs + count * gapNs) };
}

/** Of the last run of this role; null where there was none, or it tells nothing. */
function readLast({ traces }: Knowledge, way: Way, role: LoadRole): LoadReading | null {
  const last = selectRuns(traces, way, role).at(-1);
  return last === undefined ? null : readLoad(last, way);
}

function computeLargeSize({ path }: Knowledge): number {
  return Math.min(path.mtuBytes, LARGEST_PACKET);
}
