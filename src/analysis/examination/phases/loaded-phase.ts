// Delay while the path is full: at rest, then with our load, the far end's and both, each until the queue has found its end or
// what may be spent has.
import { computePatternCost } from '../../../model/pattern-cost.js';
import type { Pattern, Sequence } from '../../../model/sequence.js';
import { NS_PER_MS, NS_PER_SEC } from '../../../model/units.js';
import { isOverloaded } from '../../estimators/load/load-passage.js';
import { fitCount } from '../plans/allowance.js';
import type { Allowance } from '../plans/allowance.js';
import { computeLightSize, computeLingerNs } from '../knowledge.js';
import type { Knowledge } from '../knowledge.js';
import { computeLoadSize } from '../plans/load-train.js';
import {
  computeDensestInterval,
  computeLoadCost,
  computeProbedDuration,
  computeProbeInterval,
  planLoadPatterns,
} from '../plans/loaded-patterns.js';
import type { LoadShape } from '../plans/loaded-patterns.js';
import {
  computeFrameGapNs,
  IDLE_SEQUENCE,
  readBestLoaded,
  readIdle,
  readNarrower,
  selectLoadedRuns,
  toFrameRate,
} from '../readings/loaded-readings.js';
import type { LoadKind } from '../readings/loaded-readings.js';
import { fillsPort, looksLikeMachine } from '../readings/maximum-readings.js';
import { planClimb, readClimb } from '../plans/rate-climb.js';

const IDLE_PACKETS = 200;
const IDLE_INTERVAL_NS = 10 * NS_PER_MS;
/** The loads tried in turn, as times the capacity: the first fills half a second of buffer, the second three. */
const TRIES = [
  { overload: 1.25, durationNs: 2 * NS_PER_SEC },
  { overload: 2, durationNs: 3 * NS_PER_SEC },
] as const;
/** A shorter load fills no buffer worth telling. */
const LEAST_LOAD_NS = 0.25 * NS_PER_SEC;
/** A repeated load is judged by a quarter of these for each flow, less what is dropped. */
const LEAST_RETRY_PROBES = 80;
/** What one load may take of what is left, so that there is some for the loads after it; `both` takes twice as much as one. */
const SHARE_ALONE = 0.9;
const SHARE_OF_SEVERAL = { up: 0.3, down: 0.4, both: 0.9 } as const;
/** Where it is one part of an examination among others, all loads together may cost this much. */
const MOST_BYTES_IN_PASSING = 9e6;
const LONGEST_LINGER_NS = 4 * NS_PER_SEC;

/** Only where it was asked for, or where a thorough examination can pay for it. */
export function planLoaded(knowledge: Knowledge): Sequence | null {
  const { request, path, traces } = knowledge;
  if (request.quantity === null && request.depth !== 'deep') return null;
  const narrower = readNarrower(traces);
  // Who limits his answers, and a path faster than the probe, cannot be filled.
  if (narrower === null || narrower.limitedBy === 'probe' || path.maxProbesPerSec !== null) return null;
  if (readIdle(traces) === null) return traces.loaded.length === 0 ? planIdle(knowledge) : null;
  const inRoom = { ...knowledge, allowance: computeRoom(knowledge) };
  const up = planLoad(inRoom, 'up', { near: narrower.value, far: narrower.value });
  if (up !== null || !path.farSends) return up;
  return planFarLoads(inRoom, narrower.value);
}

/** In bits of frames per second. */
interface Capacities {
  readonly near: number;
  readonly far: number;
}

/** The far end's direction may carry much more than the narrower one, so that it is looked for first. */
function planFarLoads(knowledge: Knowledge, narrower: number): Sequence | null {
  const climb = planClimb(knowledge, 'back', narrower);
  if (climb !== null) return climb;
  const step = readClimb(knowledge, 'back');
  const { path, traces } = knowledge;
  if (step === null || looksLikeMachine(step, path)) return null;
  if (!isOverloaded(step) && !fillsPort(step, path)) return null;
  const rates = { near: narrower, far: toFrameRate(step) };
  const down = planLoad(knowledge, 'down', rates);
  // Without the one there is nothing to compare the other with.
  if (down !== null || selectLoadedRuns(traces, 'down').length === 0) return down;
  return planLoad(knowledge, 'both', rates);
}

function planIdle({ path, traces, allowance }: Knowledge): Sequence | null {
  const sizeBytes = computeLightSize(path);
  const lingerNs = computeLingerNs(traces);
  const one = computePatternCost({ kind: 'single', sizeBytes });
  const room = { ...allowance, ns: allowance.ns - lingerNs };
  const count = fitCount(IDLE_PACKETS, one.bytes, IDLE_INTERVAL_NS, room);
  const pattern: Pattern = { kind: 'isochronous', count, intervalNs: IDLE_INTERVAL_NS, sizeBytes };
  return count < IDLE_PACKETS ? null : { id: IDLE_SEQUENCE, pattern, dscp: 0, dontFragment: false, lingerNs };
}

/** Once again, harder and longer, where the path was not full or the queue still grew; null when it was, or nothing can be paid. */
function planLoad(knowledge: Knowledge, kind: LoadKind, capacities: Capacities): Sequence | null {
  const { path, traces, allowance } = knowledge;
  const runs = selectLoadedRuns(traces, kind).length;
  const plan = TRIES[runs];
  const best = readBestLoaded(traces, path, kind);
  const isDone = best !== null && best.isFilled && !best.isGrowing;
  if (plan === undefined || isDone || (runs > 0 && best === null)) return null;
  const densestNs = computeDensestInterval(path, capacities.near);
  const wantedNs = Math.max(plan.durationNs, computeProbedDuration(densestNs));
  // The queue that the load leaves behind drains at the rate of the link.
  const backlogNs = (plan.overload - 1) * wantedNs;
  const lingerNs = Math.round(Math.min(LONGEST_LINGER_NS, computeLingerNs(traces) + backlogNs));
  const gapOf = (rate: number): number => computeFrameGapNs(computeLoadSize(path), plan.overload * rate);
  const gaps = { nearGapNs: gapOf(capacities.near), farGapNs: gapOf(capacities.far), probeIntervalNs: densestNs };
  const paidNs = computePaidTime(knowledge, kind, gaps);
  const durationNs = Math.floor(Math.min(wantedNs, allowance.ns - lingerNs, paidNs));
  if (durationNs < LEAST_LOAD_NS) return null;
  const probeIntervalNs = computeProbeInterval(densestNs, durationNs);
  if (runs > 0 && durationNs < computeLeastRetry(knowledge, kind, probeIntervalNs)) return null;
  const patterns = planLoadPatterns(path, kind, { ...gaps, probeIntervalNs, durationNs });
  return { id: `${kind}-${runs + 1}`, ...patterns, dscp: 0, dontFragment: false, lingerNs };
}

/** A shorter repetition would fill less than the run before it, or be judged by too few. ns. */
function computeLeastRetry({ traces }: Knowledge, kind: LoadKind, probeIntervalNs: number): number {
  const runs = selectLoadedRuns(traces, kind);
  const before = TRIES[runs.length - 1];
  const plan = TRIES[runs.length];
  const last = runs.at(-1);
  if (before === undefined || plan === undefined || last === undefined) return 0;
  const lastNs = last.plannedOffsetNs[last.count - 1] ?? 0;
  return Math.max((lastNs * (before.overload - 1)) / (plan.overload - 1), LEAST_RETRY_PROBES * probeIntervalNs);
}

/** ns for which the load and its probes can be paid. */
function computePaidTime({ path, allowance }: Knowledge, kind: LoadKind, gaps: Omit<LoadShape, 'durationNs'>): number {
  const share = path.farSends ? SHARE_OF_SEVERAL[kind] : SHARE_ALONE;
  const perSecond = computeLoadCost(planLoadPatterns(path, kind, { ...gaps, durationNs: NS_PER_SEC }));
  return share * NS_PER_SEC * Math.min(allowance.bytes / perSecond.bytes, allowance.packets / perSecond.packets);
}

function computeRoom({ request, traces, allowance }: Knowledge): Allowance {
  if (request.quantity !== null) return allowance;
  const spent = traces.loaded.reduce((sum, { cost }) => sum + cost.bytes, 0);
  return { ...allowance, bytes: Math.max(0, Math.min(allowance.bytes, MOST_BYTES_IN_PASSING - spent)) };
}
