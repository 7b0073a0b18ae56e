// The most that the path carries for a second (RFC 9097): after the climb to a rate that is too much, a load of more than a second a
// little above what came of it. docs/decisions/0009 tells how this follows the RFC's search.
import type { Sequence } from '../../../model/sequence.js';
import { BITS_PER_BYTE, NS_PER_MS, NS_PER_SEC } from '../../../model/units.js';
import { isOverloaded } from '../../estimators/load/load-passage.js';
import type { Knowledge } from '../knowledge.js';
import { computeLoadSize, planLoadsBothWays, planLoadTrain } from '../plans/load-train.js';
import type { LoadPlan } from '../plans/load-train.js';
import {
  BOTH_WAYS,
  fillsPort,
  goesByPackets,
  isDoubtful,
  looksLikeMachine,
  readLoad,
  selectRuns,
} from '../readings/maximum-readings.js';
import type { LoadReading, Way } from '../readings/maximum-readings.js';
import { planClimb, readClimb } from '../plans/rate-climb.js';

/**
 * The load: a tenth above what came, or so many packets more that their loss is no chance, and so long that a whole second is left
 * behind its beginning.
 */
const OVERLOAD = 1.1;
/** Rates of few packets are off by as much: one that is missing, and one at the edge. */
const UNSURE_PACKETS = 2;
/** So much above what passed one way the climb of the other begins. */
const GUESS_OVERLOAD = 1.5;
const LEAST_EXCESS_PACKETS = 20;
const LOAD_NS = 1.15 * NS_PER_SEC;
/** Where tokens were seen they are used up first, at half again the rate or more: three times as many, in so much time at most. */
const DRAIN_NS = 0.35 * NS_PER_SEC;
const SPARE_TOKENS = 3;
const DRAINING_OVERLOAD = 1.5;
const MOST_OVERLOAD = 10;
/** A load that the path carried is followed by one so much faster. */
const SPEED_UP = 1.5;
const MOST_LOADS = 3;
/** A load below this length tells less than the climb did. */
const LEAST_LOAD_NS = 0.2 * NS_PER_SEC;
const CHECK_NS = 40 * NS_PER_MS;
/** A load both ways that got less than this of what its climb alone had met a limit that they share. */
const KEPT_SHARE = 0.95;

type Load = Pick<LoadPlan, 'rateBitsPerSec' | 'durationNs'>;

/** Where the far end sends on request both ways are climbed, then loaded at once, and what did not come of that is done alone. */
export function planMaximum(knowledge: Knowledge): Sequence | null {
  const { path } = knowledge;
  // Who limits his answers would be measured by that limit.
  if (path.maxProbesPerSec !== null) return null;
  const climb = planClimbs(knowledge);
  if (climb !== null) return climb;
  if (!path.farSends) return planWay(knowledge, 'out');
  return (
    planEarlyCheck(knowledge, 'out') ??
    planEarlyCheck(knowledge, 'back') ??
    planTogether(knowledge) ??
    planWay(knowledge, 'out') ??
    planWay(knowledge, 'back')
  );
}

function planClimbs(knowledge: Knowledge): Sequence | null {
  const out = planClimb(knowledge, 'out', 0);
  if (out !== null || !knowledge.path.farSends) return out;
  // What passed one way is the first guess for the other.
  return planClimb(knowledge, 'back', GUESS_OVERLOAD * (readClimb(knowledge, 'out')?.passedBitsPerSec ?? 0));
}

/** Before anything is loaded: whether both ways may be loaded at once depends on it. */
function planEarlyCheck(knowledge: Knowledge, way: Way): Sequence | null {
  const step = readClimb(knowledge, way);
  return step !== null && looksLikeMachine(step, knowledge.path) ? planCheck(knowledge, way, step) : null;
}

/** Replies are as large as requests, so that the far end adds what they leave of the way back. null where that was done, or is in vain. */
function planTogether(knowledge: Knowledge): Sequence | null {
  const { traces, path } = knowledge;
  const [out, back] = [readClimb(knowledge, 'out'), readClimb(knowledge, 'back')];
  if (out === null || back === null || path.replySize !== 'same') return null;
  if (selectRuns(traces, BOTH_WAYS, 'load').length > 0) return null;
  // A machine that is busy with the one is slower with the other.
  if (mayBeMachine(knowledge, 'out', out) || mayBeMachine(knowledge, 'back', back)) return null;
  const [up, down] = [planOverload(out), planOverload(back)];
  return planLoadsBothWays(knowledge, {
    role: 'load',
    number: 1,
    sizeBytes: computeLoadSize(path),
    durationNs: Math.max(up.durationNs, down.durationNs),
    outBitsPerSec: up.rateBitsPerSec,
    backBitsPerSec: Math.max(1, down.rateBitsPerSec - out.passedBitsPerSec),
    drainNs: Math.max(computeDrain(up, out), computeDrain(down, back)),
  });
}

/** ns for which a queue that takes all of the load still sends when the load has ended. */
function computeDrain({ rateBitsPerSec, durationNs }: Load, { passedBitsPerSec }: LoadReading): number {
  return (rateBitsPerSec / passedBitsPerSec - 1) * durationNs;
}

function planWay(knowledge: Knowledge, way: Way): Sequence | null {
  const load = readLastLoad(knowledge, way);
  if (load !== null) return planNextLoad(knowledge, way, load) ?? planCheck(knowledge, way, load);
  const step = readClimb(knowledge, way);
  if (step === null || selectRuns(knowledge.traces, way, 'load').length > 0) return null;
  if (looksLikeMachine(step, knowledge.path)) {
    const check = planCheck(knowledge, way, step);
    // A second of what a processor can do tells no more of the path.
    if (check !== null || goesByPackets(step, readChecks(knowledge, way))) return check;
  }
  return planLoadTrain(knowledge, way, { ...planShape(knowledge, 1), ...planOverload(step) });
}

/** As packets of half the size have shown, or may have shown had they been sent. */
function mayBeMachine(knowledge: Knowledge, way: Way, step: LoadReading): boolean {
  if (!looksLikeMachine(step, knowledge.path)) return false;
  const checks = readChecks(knowledge, way);
  return checks.length === 0 || goesByPackets(step, checks);
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
function planOverload({ passedBitsPerSec, burstBytes, steady }: LoadReading): Load {
  const excess = (LEAST_EXCESS_PACKETS * steady.sizeBytes * BITS_PER_BYTE * NS_PER_SEC) / LOAD_NS;
  const leastOverload = OVERLOAD + UNSURE_PACKETS / steady.timeNs.length;
  const usual = Math.max(leastOverload * passedBitsPerSec, passedBitsPerSec + excess);
  if (burstBytes === 0) return { rateBitsPerSec: usual, durationNs: LOAD_NS };
  const excessAt = (overload: number): number => (overload - 1) * passedBitsPerSec;
  const tokenBits = burstBytes * BITS_PER_BYTE;
  const needed = 1 + (tokenBits * NS_PER_SEC) / DRAIN_NS / passedBitsPerSec;
  const overload = Math.min(MOST_OVERLOAD, Math.max(DRAINING_OVERLOAD, needed));
  const drainNs = Math.min(DRAIN_NS, (SPARE_TOKENS * tokenBits * NS_PER_SEC) / excessAt(overload));
  return { rateBitsPerSec: Math.max(usual, overload * passedBitsPerSec), durationNs: LOAD_NS + drainNs };
}

/** Of this way alone, else of both where that was a whole one; null where there was none, or it tells nothing. */
function readLastLoad(knowledge: Knowledge, way: Way): LoadReading | null {
  const last = selectRuns(knowledge.traces, way, 'load').at(-1);
  return last === undefined ? readTogether(knowledge, way) : readLoad(last, way);
}

/** null where the other way, or a machine busy with both, took something of this one. */
function readTogether(knowledge: Knowledge, way: Way): LoadReading | null {
  const last = selectRuns(knowledge.traces, BOTH_WAYS, 'load').at(-1);
  const load = last === undefined ? null : readLoad(last, way);
  const promised = readClimb(knowledge, way)?.passedBitsPerSec ?? Infinity;
  const isWhole = load !== null && isOverloaded(load) && load.passedBitsPerSec >= KEPT_SHARE * promised;
  return isWhole ? load : null;
}

function readChecks({ traces }: Knowledge, way: Way): LoadReading[] {
  return selectRuns(traces, way, 'check').flatMap((trace) => readLoad(trace, way) ?? []);
}
