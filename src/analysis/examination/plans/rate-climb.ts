// Short loads whose rate climbs until less comes than is sent: a first idea of what one direction carries.
import type { Sequence } from '../../../model/sequence.js';
import type { Trace } from '../../../model/trace.js';
import { BITS_PER_BYTE, NS_PER_MS, NS_PER_SEC } from '../../../model/units.js';
import { isOverloaded } from '../../estimators/load/load-passage.js';
import type { Knowledge } from '../knowledge.js';
import { computeLoadSize, planLoadTrain } from './load-train.js';
import { computePlannedGapNs, fillsPort, readLoad, selectRuns } from '../readings/maximum-readings.js';
import type { LoadReading, Way } from '../readings/maximum-readings.js';

/**
 * A burst of the fewest packets that tell a rate comes first, then twice what it told, within these: a bucket passes the burst at any
 * speed, and noise may make it slower. What a line of 4 Mb/s and less took for it is long enough by itself.
 */
const BURST_OVERLOAD = 2;
const SECOND_RATE = { least: 10e6, most: 250e6 };
const LONG_BURST_NS = 50 * NS_PER_MS;
/** How it climbs from there, to where, and how long each step lasts: no schedule paces much finer than 5 us, and what waits behind a step drains before the next. */
const CLIMB = 5;
const LAST_RATE = 2.5e9;
const STEP_NS = 30 * NS_PER_MS;
const MOST_STEPS = 7;
/** A step that told nothing is done once again for so long. */
const SECOND_TRY_NS = 200 * NS_PER_MS;
/** Share of what was offered. */
const CLEARLY_LESS = 0.9;
/** Replies that come this much slower than requests reached the far end filled the way back, and not by chance. */
const SLOWER_BACK = 0.85;

/** Begins at `likelyBitsPerSec`, with a burst where that is 0. null when the top is reached, or nothing more can be sent. */
export function planClimb(knowledge: Knowledge, way: Way, likelyBitsPerSec: number): Sequence | null {
  const steps = selectRuns(knowledge.traces, way, 'climb');
  if (steps.length >= MOST_STEPS || isTopReached(knowledge, way)) return null;
  const next = planStep(steps, way, likelyBitsPerSec);
  if (next === null) return null;
  const sizeBytes = computeLoadSize(knowledge.path);
  return planLoadTrain(knowledge, way, { role: 'climb', number: steps.length + 1, sizeBytes, leastNs: 0, ...next });
}

/** What the last step tells; null without one. The way back was climbed by the replies to the other climb where these filled it. */
export function readClimb({ traces, path }: Knowledge, way: Way): LoadReading | null {
  const last = selectRuns(traces, way, 'climb').at(-1);
  if (last !== undefined) return readLoad(last, way);
  return way === 'back' && path.replySize === 'same' ? readReplies(selectRuns(traces, 'out', 'climb').at(-1)) : null;
}

/** null where they came as fast as they could leave. */
function readReplies(climbed: Trace | undefined): LoadReading | null {
  const replies = climbed === undefined ? null : readLoad(climbed, 'back');
  if (replies === null || !isLongEnough(replies)) return null;
  return replies.passedBitsPerSec <= SLOWER_BACK * replies.offeredBitsPerSec ? replies : null;
}

function isTopReached(knowledge: Knowledge, way: Way): boolean {
  const step = readClimb(knowledge, way);
  if (step === null) return false;
  if (isBurst(step) && !isLongEnough(step)) return false;
  return isClearlyTooMuch(step) || fillsPort(step, knowledge.path) || step.offeredBitsPerSec >= LAST_RATE;
}

/** What comes next is much more, so that a few percent lost by chance need not end the climb. */
function isClearlyTooMuch(step: LoadReading): boolean {
  const isThinned = step.passedBitsPerSec <= CLEARLY_LESS * step.offeredBitsPerSec;
  return isOverloaded(step) && (isThinned || step.plannedShare <= CLEARLY_LESS);
}

function isBurst({ offeredBitsPerSec }: LoadReading): boolean {
  return offeredBitsPerSec === Infinity;
}

function isLongEnough({ steady: { timeNs } }: LoadReading): boolean {
  return (timeNs[timeNs.length - 1] ?? 0) - (timeNs[0] ?? 0) >= LONG_BURST_NS;
}

interface Step {
  readonly rateBitsPerSec: number;
  readonly durationNs: number;
}

const BURST: Step = { rateBitsPerSec: Infinity, durationNs: 0 };

/** A step may tell nothing where a bucket passed nearly all of it and then almost nothing. */
function planStep(steps: readonly Trace[], way: Way, firstRate: number): Step | null {
  const [last, before] = [steps.at(-1), steps.at(-2)];
  if (last === undefined) return firstRate > 0 ? { rateBitsPerSec: firstRate, durationNs: STEP_NS } : BURST;
  const rate = computeOfferedRate(last, way);
  const reading = readLoad(last, way);
  if (reading !== null) {
    const faster = isBurst(reading) ? planSecondRate(reading) : CLIMB * rate;
    return { rateBitsPerSec: Math.min(LAST_RATE, faster), durationNs: STEP_NS };
  }
  if (before !== undefined && readLoad(before, way) === null) return null;
  // The packet that asks the far end to send was lost: it is asked once more.
  if (Number.isNaN(rate)) return planStep(steps.slice(0, -1), way, firstRate);
  return { rateBitsPerSec: Number.isFinite(rate) ? rate : SECOND_RATE.least, durationNs: SECOND_TRY_NS };
}

function planSecondRate({ passedBitsPerSec }: LoadReading): number {
  return Math.min(SECOND_RATE.most, Math.max(SECOND_RATE.least, BURST_OVERLOAD * passedBitsPerSec));
}

/** NaN where the far end sent nothing. */
function computeOfferedRate(trace: Trace, way: Way): number {
  const sizeBytes = (way === 'back' ? trace.farTrain?.sizeBytes[0] : trace.sizeBytes[0]) ?? 0;
  return (sizeBytes * BITS_PER_BYTE * NS_PER_SEC) / computePlannedGapNs(trace, way);
}
