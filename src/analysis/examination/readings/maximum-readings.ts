// What the loads sent so far say of the most that the path carries: the way from traces to a maximum, for planning and for the
// report alike.
import type { PathDescription } from '../../../model/path.js';
import type { Directional, Estimate } from '../../../model/estimates.js';
import type { Trace } from '../../../model/trace.js';
import { BITS_PER_BYTE, NS_PER_SEC } from '../../../model/units.js';
import { computeFarTrainCurve, computeForwardCurve } from '../../estimators/load/arrival-curve.js';
import type { ArrivalCurve } from '../../estimators/load/arrival-curve.js';
import { computeLoadPassage, isOverloaded } from '../../estimators/load/load-passage.js';
import type { LoadPassage } from '../../estimators/load/load-passage.js';
import { estimateMaximumRate, SUB_INTERVAL_NS } from '../../estimators/load/maximum-capacity.js';
import type { MaximumRate } from '../../estimators/load/maximum-capacity.js';
import { computeReturnedStream } from '../../estimators/load/returned-stream.js';
import type { TracesByPhase } from '../knowledge.js';

/** `out`: our own load. `back`: the far end's. */
export type Way = 'out' | 'back';
/** A load of both ends at once: what comes back are replies to the one and packets of the other. */
export const BOTH_WAYS = 'both';
/** Sequences of the phase are named `out-climb-3`, `both-load-1`; `check` is a load of half-size packets. */
export type LoadRole = 'climb' | 'load' | 'check';

export interface LoadReading extends LoadPassage {
  /** Packets that the probe itself lost on receiving. */
  readonly overflows: number;
}

export interface MaximumResult {
  readonly estimate: Estimate;
  /** Why it is only a lower bound, as a sentence; null where it is the path's. */
  readonly boundedBy: string | null;
  readonly rate: MaximumRate;
}

const METHOD = 'best second of a load above the path (RFC 9097), IP packets without link headers';
/** A link of the port's own speed is full at this share of it; beside its payload a packet takes 38 bytes on Ethernet. */
const PORT_FULL_ABOVE = 0.97;
const WIRE_OVERHEAD_BYTES = 38;
/** Packets that left at the pace of their arrival, or nearly so. */
const SELF_PACED_ABOVE = 0.95;
/** Below these no processor is the limit: of what left at its own pace, and of anything. */
const DOUBTFUL_IF_SELF_PACED_ABOVE = 20e6;
const DOUBTFUL_ABOVE = 250e6;
/** Packets of half the size that took more than this share of the time: time goes by packets, as in a processor. */
const BY_PACKETS_ABOVE = 0.75;
/** As near to what the probe can do at all as its own rate varies. */
const OWN_LIMIT_SHARE = 0.9;
const TOLERABLE_OVERFLOWS = 0.005;
/** Above a lower bound anything is possible; the interval says so by this factor, and by this margin below. */
const UNBOUNDED_FACTOR = 10;
const BOUND_MARGIN = 0.1;
const GOOD_HALF_WIDTH = 0.02;

export function nameSequence(way: Way | typeof BOTH_WAYS, role: LoadRole, number: number): string {
  return `${way}-${role}-${number}`;
}

/** Traces of one role, in the order of sending. Delay under load begins with a climb, too. */
export function selectRuns(
  { loaded, maximum }: TracesByPhase,
  way: Way | typeof BOTH_WAYS,
  role: LoadRole,
): readonly Trace[] {
  return [...loaded, ...maximum].filter(({ sequenceId }) => sequenceId.startsWith(`${way}-${role}-`));
}

type ReadTraces = WeakMap<Trace, LoadReading | null>;
/** A trace never changes, and planning asks for its reading at every step; it is forgotten with the trace. */
const readings: Readonly<Record<Way, ReadTraces>> = { out: new WeakMap(), back: new WeakMap() };

/** null where too little came to tell a rate, or the far end did not send. */
export function readLoad(trace: Trace, way: Way): LoadReading | null {
  const known = readings[way].get(trace);
  if (known !== undefined) return known;
  const reading = computeReading(trace, way);
  readings[way].set(trace, reading);
  return reading;
}

function computeReading(trace: Trace, way: Way): LoadReading | null {
  const sent =
    way === 'back' ? readComing(trace) : { curve: computeForwardCurve(trace), gapNs: computePlannedGapNs(trace, way) };
  const passage = sent && computeLoadPassage(sent.curve, sent.gapNs);
  return passage && { ...passage, overflows: Math.max(0, trace.receiveOverflows || 0) };
}

/** Replies to our own load are a load on the way back, what comes at once with them included. */
function readComing(trace: Trace): { readonly curve: ArrivalCurve; readonly gapNs: number } | null {
  if (!trace.sequenceId.startsWith('back-')) {
    const stream = computeReturnedStream(trace);
    return stream && { curve: stream.curve, gapNs: stream.dueGapNs };
  }
  const train = trace.farTrain;
  return train && { curve: computeFarTrainCurve(train), gapNs: computePlannedGapNs(trace, 'back') };
}

/** From packet to packet of the load; NaN where the far end had none. */
export function computePlannedGapNs(trace: Trace, way: Way): number {
  const planned = way === 'back' ? trace.farTrain?.plannedOffsetNs : trace.plannedOffsetNs;
  return planned === undefined ? Number.NaN : (planned[planned.length - 1] ?? 0) / Math.max(1, planned.length - 1);
}

export function readMaximum(traces: TracesByPhase, path: PathDescription): Directional<MaximumResult> {
  if (traces.maximum.length === 0) return { forward: null, reverse: null };
  return { forward: readWay(traces, path, 'out'), reverse: readWay(traces, path, 'back') };
}

function readWay(traces: TracesByPhase, path: PathDescription, way: Way): MaximumResult | null {
  const readRole = (role: LoadRole): LoadReading[] =>
    selectRuns(traces, way, role).flatMap((trace) => readLoad(trace, way) ?? []);
  const together = selectRuns(traces, BOTH_WAYS, 'load').flatMap((trace) => readLoad(trace, way) ?? []);
  const loads = [...readRole('load'), ...together];
  // Where a load of a second cannot be paid, the climb has told a maximum over less.
  const load = pickBest(loads.length > 0 ? loads : readRole('climb'));
  const rate = load && estimateMaximumRate(load.steady);
  if (load === null || rate === null) return null;
  const boundedBy = findOwnLimit(load, { checks: readRole('check'), path, way });
  return { estimate: composeEstimate(rate, boundedBy === null ? null : way), boundedBy, rate };
}

/** Of those that were too much for the path, if there are any; else of all. */
function pickBest(loads: readonly LoadReading[]): LoadReading | null {
  const full = loads.filter(isOverloaded);
  return (full.length > 0 ? full : loads).reduce<LoadReading | null>(
    (best, one) => (best === null || one.passedBitsPerSec > best.passedBitsPerSec ? one : best),
    null,
  );
}

function composeEstimate(rate: MaximumRate, boundOf: Way | null): Estimate {
  const { bitsPerSec, relativeHalfWidth, intervalNs, packets } = rate;
  const isWhole = intervalNs >= SUB_INTERVAL_NS;
  const basis = { value: bitsPerSec, method: METHOD, samples: packets };
  if (boundOf !== null) {
    const low = bitsPerSec * (1 - Math.max(relativeHalfWidth, BOUND_MARGIN));
    const limitedBy = boundOf === 'out' ? 'probe' : 'target';
    return { ...basis, low, high: bitsPerSec * UNBOUNDED_FACTOR, quality: 'poor', limitedBy };
  }
  const isSharp = relativeHalfWidth <= GOOD_HALF_WIDTH;
  return {
    ...basis,
    low: bitsPerSec * (1 - relativeHalfWidth),
    high: bitsPerSec * (1 + relativeHalfWidth),
    quality: !isWhole ? 'poor' : isSharp ? 'good' : 'fair',
    limitedBy: !isWhole ? 'samples' : isSharp ? null : 'noise',
  };
}

interface Circumstances {
  readonly checks: readonly LoadReading[];
  readonly path: PathDescription;
  readonly way: Way;
}

/** Why the load may have met no link's limit but a machine's; null where the path set the rate. What could not be checked is none. */
function findOwnLimit(load: LoadReading, { checks, path, way }: Circumstances): string | null {
  if (!isOverloaded(load)) return 'The path carried all that was sent';
  if (load.overflows > TOLERABLE_OVERFLOWS * load.steady.timeNs.length)
    return 'The probe lost packets on receiving them';
  if (fillsPort(load, path)) return null;
  if (way === 'out' && reachesAbilities(load, path)) return 'The probe can send or receive no more than that';
  if (!isDoubtful(load)) return null;
  if (checks.length === 0) {
    const sender = way === 'out' ? 'Packets' : "The far end's packets";
    return isSelfPaced(load)
      ? `${sender} left no faster than they came`
      : 'A processor may have set the rate: what was allowed ended before packets of half the size could tell';
  }
  return goesByPackets(load, checks) ? 'Time went by packets, not by bytes, as in a processor and not on a link' : null;
}

/** Whether packets of half the size took nearly as long, each. */
export function goesByPackets(load: LoadReading, checks: readonly LoadReading[]): boolean {
  return (
    checks.length > 0 &&
    Math.min(...checks.map((check) => timePerPacket(check) / timePerPacket(load))) > BY_PACKETS_ABOVE
  );
}

/** Whether nothing but a machine may have set the rate: the packets left no faster than they came, at a rate no link needs. */
export function looksLikeMachine(load: LoadPassage, path: PathDescription): boolean {
  return isDoubtful(load) && isSelfPaced(load) && !fillsPort(load, path);
}

/** Whether a processor may have set the rate, so that packets of another size are worth sending. */
export function isDoubtful(load: LoadPassage): boolean {
  const bound = isSelfPaced(load) ? DOUBTFUL_IF_SELF_PACED_ABOVE : DOUBTFUL_ABOVE;
  return load.passedBitsPerSec > bound;
}

export function fillsPort({ passedBitsPerSec, steady }: LoadPassage, { port }: PathDescription): boolean {
  if (port.speedBitsPerSec === null) return false;
  const lineRate = (port.speedBitsPerSec * steady.sizeBytes) / (steady.sizeBytes + WIRE_OVERHEAD_BYTES);
  return passedBitsPerSec >= PORT_FULL_ABOVE * lineRate;
}

function reachesAbilities({ passedBitsPerSec }: LoadPassage, { abilities }: PathDescription): boolean {
  if (abilities === null) return false;
  return passedBitsPerSec >= OWN_LIMIT_SHARE * Math.min(abilities.sendBitsPerSec, abilities.receiveBitsPerSec);
}

function isSelfPaced({ departureShare }: LoadPassage): boolean {
  return departureShare > SELF_PACED_ABOVE;
}

function timePerPacket({ steady, passedBitsPerSec }: LoadReading): number {
  return (steady.sizeBytes * BITS_PER_BYTE * NS_PER_SEC) / passedBitsPerSec;
}
