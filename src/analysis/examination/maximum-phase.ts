// The most that the path carries for a second (RFC 9097): after the climb to a rate that is too much, a load of more than a second a
// little above what came of it. docs/decisions/0009 tells how this follows the RFC's search.
import type { Sequence } from '../../model/sequence.js';
import { BITS_PER_BYTE, NS_PER_MS, NS_PER_SEC } from '../../model/units.js';
import { isOverloaded } from '../estimators/load-passage.js';
import type { Knowledge } from './knowledge.js';
import { computeLoadSize, planLoadTrain } from './load-train.js';
import type { LoadPlan } from './load-train.js';
import { fillsPort, isDoubtful, readLoad, selectRuns } from './maximum-readings.js';
import type { LoadReading, Way } from './maximum-readings.js';
import { planClimb, readClimb } from './rate-climb.js';

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

/** First towards the far end, then, where it sends on request, from there. */
export function planMaximum(knowledge: Knowledge): Sequence | null {
  const { path } = knowledge;
  // Who limits his answers would be measured by that limit.
  if (path.maxProbesPerSec !== null) return null;
  return planWay(knowledge, 'out') ?? (path.farSends ? planWay(knowledge, 'back') : null);
}

function planWay(knowledge: Knowledge, way: Way): Sequence | null {
  const load = readLastLoad(knowledge, way);
  if (load !== null) return planNextLoad(knowledge, way, load) ?? planCheck(knowledge, way, load);
  if (selectRuns(knowledge.traces, way, 'load').length > 0) return null;
  // What passed one way is the first guess for the other.
  const other = way === 'back' ? readLastLoad(knowledge, 'out') : null;
  const climb = planClimb(knowledge, way, OVERLOAD * (other?.passedBitsPerSec ?? 0));
  const step = readClimb(knowledge, way);
  if (climb !== null || step === null) return climb;
  return planLoadTrain(knowledge, way, { ...planShape(knowledge, 1), ...planOverload(step) });
}

function planNextLoad(knowledge: Knowledge, way: Way, load: LoadReading): Sequence | null {
  const loads = selectRuns(knowledge.traces, way, 'load').length;
  if (isOverloaded(load) || loads >= MOST_LOADS) return null;
  const rateBitsPerSec = SPEED_UP * load.offeredBitsPerSec;
  return planLoadTrain(knowledge, way, { ...planShape(knowledge, loads + 1), rateBitsPerSec, durationNs: LOAD_NS });
}

function planShape(knowledge: Knowledge, number: number): Pick<LoadPlan, 'role' | 'number' | 'sizeBytes' | 'leastNs'> {
  return { role: 'load', number, sizeBytes: computeLoadSize(knowledge.path), leastNs: LEAST_LOAD_NS };
}

/** Packets of half the size at the same bit rate: a link takes half the time for each, a processor nearly the same. */
function planCheck(knowledge: Knowledge, way: Way, load: LoadReading): Sequence | null {
  const { traces, path } = knowledge;
  const isChecked = selectRuns(traces, way, 'check').length > 0;
  if (isChecked || !isDoubtful(load) || fillsPort(load, path)) return null;
  return planLoadTrain(knowledge, way, {
    role: 'check',
    number: 1,
    rateBitsPerSec: load.offeredBitsPerSec,
    durationNs: CHECK_NS,
    sizeBytes: Math.max(path.minSizeBytes, Math.round(computeLoadSize(knowledge.path) / 2)),
    leastNs: 0,
  });
}

/** The tokens of a bucket are used up by as many bytes sent above its rate. */
function planOverload({
  passedBitsPerSec,
  burstBytes,
  steady,
}: LoadReading): Pick<LoadPlan, 'rateBitsPerSec' | 'durationNs'> {
  const excess = (LEAST_EXCESS_PACKETS * steady.sizeBytes * BITS_PER_BYTE * NS_PER_SEC) / LOAD_NS;
  const usual = Math.max(OVERLOAD * passedBitsPerSec, passedBitsPerSec + excess);
  if (burstBytes === 0) return { rateBitsPerSec: usual, durationNs: LOAD_NS };
  const drainRate = (burstBytes * BITS_PER_BYTE * NS_PER_SEC) / DRAIN_NS;
  const overload = Math.min(MOST_OVERLOAD, Math.max(DRAINING_OVERLOAD, 1 + drainRate / passedBitsPerSec));
  return { rateBitsPerSec: Math.max(usual, overload * passedBitsPerSec), durationNs: LOAD_NS + DRAIN_NS };
}

/** null where there was none, or it tells nothing. */
function readLastLoad({ traces }: Knowledge, way: Way): LoadReading | null {
  const last = selectRuns(traces, way, 'load').at(-1);
  return last === undefined ? null : readLoad(last, way);
}
