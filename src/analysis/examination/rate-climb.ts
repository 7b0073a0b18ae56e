// Short loads whose rate climbs until less comes than is sent: a first idea of what one direction carries.
import type { Sequence } from '../../model/sequence.js';
import type { Trace } from '../../model/trace.js';
import { BITS_PER_BYTE, NS_PER_MS, NS_PER_SEC } from '../../model/units.js';
import { isOverloaded } from '../estimators/load-passage.js';
import type { Knowledge } from './knowledge.js';
import { computeLoadSize, planLoadTrain } from './load-train.js';
import { computePlannedGapNs, fillsPort, readLoad, selectRuns } from './maximum-readings.js';
import type { LoadReading, Way } from './maximum-readings.js';

/** Where the climb begins at the latest, how it climbs and to where, how long each step lasts: no schedule paces much finer than 5 us. */
const FIRST_RATE = 10e6;
/** So short that a line of 1 Mb/s has sent it on when the next step comes. */
const FIRST_NS = 20 * NS_PER_MS;
const LAST_RATE = 2.5e9;
const CLIMB = 5;
const STEP_NS = 50 * NS_PER_MS;
const MOST_STEPS = 7;
/** A step that told nothing is done once again for so long. */
const SECOND_TRY_NS = 200 * NS_PER_MS;

/** Begins at `likelyBitsPerSec` where that is faster. null when the top is reached, or nothing more can be sent. */
export function planClimb(knowledge: Knowledge, way: Way, likelyBitsPerSec: number): Sequence | null {
  const steps = selectRuns(knowledge.traces, way, 'climb');
  if (steps.length >= MOST_STEPS || isTopReached(knowledge, way)) return null;
  const next = planStep(steps, way, Math.max(FIRST_RATE, likelyBitsPerSec));
  if (next === null) return null;
  const sizeBytes = computeLoadSize(knowledge.path);
  return planLoadTrain(knowledge, way, { role: 'climb', number: steps.length + 1, sizeBytes, leastNs: 0, ...next });
}

/** What the last step tells; null without one. */
export function readClimb({ traces }: Knowledge, way: Way): LoadReading | null {
  const last = selectRuns(traces, way, 'climb').at(-1);
  return last === undefined ? null : readLoad(last, way);
}

function isTopReached(knowledge: Knowledge, way: Way): boolean {
  const step = readClimb(knowledge, way);
  if (step === null) return false;
  return isOverloaded(step) || fillsPort(step, knowledge.path) || step.offeredBitsPerSec >= LAST_RATE;
}

interface Step {
  readonly rateBitsPerSec: number;
  readonly durationNs: number;
}

/** A step may tell nothing where a bucket passed nearly all of it and then almost nothing. */
function planStep(steps: readonly Trace[], way: Way, firstRate: number): Step | null {
  const [last, before] = [steps.at(-1), steps.at(-2)];
  if (last === undefined) return { rateBitsPerSec: firstRate, durationNs: firstRate > FIRST_RATE ? STEP_NS : FIRST_NS };
  const rate = computeOfferedRate(last, way);
  if (readLoad(last, way) !== null) return { rateBitsPerSec: Math.min(LAST_RATE, CLIMB * rate), durationNs: STEP_NS };
  if (before !== undefined && readLoad(before, way) === null) return null;
  // The packet that asks the far end to send was lost: it is asked once more.
  if (!Number.isFinite(rate)) return planStep(steps.slice(0, -1), way, firstRate);
  return { rateBitsPerSec: rate, durationNs: SECOND_TRY_NS };
}

/** NaN where the far end sent nothing. */
function computeOfferedRate(trace: Trace, way: Way): number {
  const sizeBytes = (way === 'back' ? trace.farTrain?.sizeBytes[0] : trace.sizeBytes[0]) ?? 0;
  return (sizeBytes * BITS_PER_BYTE * NS_PER_SEC) / computePlannedGapNs(trace, way);
}
