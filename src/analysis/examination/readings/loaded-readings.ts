// What the runs under load say: the way from traces to delay under load, for planning and for the report alike.
import type { PathDescription } from '../../../model/path.js';
import type { Directional, Estimate, LoadedDelay, LoadedEstimate } from '../../../model/estimates.js';
import type { Trace } from '../../../model/trace.js';
import { BITS_PER_BYTE, ETHERNET_HEADER_BYTES, NS_PER_SEC } from '../../../model/units.js';
import { estimateCapacity } from '../../estimators/capacity/capacity.js';
import { computeFarTrainCurve, computeForwardCurve, computeReplyCurve } from '../../estimators/load/arrival-curve.js';
import {
  computeDelayGrowth,
  computeIdleDelay,
  computeOwnWait,
  estimateDelayUnderLoad,
  LOAD_BURST,
} from '../../estimators/load/delay-under-load.js';
import type { IdleDelay } from '../../estimators/load/delay-under-load.js';
import { computeLoadPassage, isOverloaded } from '../../estimators/load/load-passage.js';
import type { LoadPassage } from '../../estimators/load/load-passage.js';
import type { TracesByPhase } from '../knowledge.js';
import { rememberByPhases } from './remember-by-phases.js';
import { readTrainRates } from './train-readings.js';

export const LOAD_KINDS = ['up', 'down', 'both'] as const;
/** `up`: our load. `down`: the far end's. */
export type LoadKind = (typeof LOAD_KINDS)[number];
export const IDLE_SEQUENCE = 'idle';

/** Enough packets at rest for a 5th percentile. */
const LEAST_IDLE_PACKETS = 100;
/** A queue that takes on less than this share of what is sent too much has found its end. */
const STILL_GROWING_SHARE = 0.25;
/** Growth below this share of time is no growth: jitter. */
const LEAST_GROWTH = 0.02;

export interface LoadedReading {
  readonly kind: LoadKind;
  readonly delay: LoadedDelay;
  /** Whether the queue could have grown on: then the increase is a lower bound. */
  readonly isGrowing: boolean;
  /** Whether less came than was sent; else there was no reason for a queue. */
  readonly isFilled: boolean;
  /** See computeOwnWait. */
  readonly ownWaitNs: number;
}

/** Capacity of the narrower direction, which is the one that a load that is returned fills. */
export function readNarrower(traces: TracesByPhase): Estimate | null {
  return estimateCapacity(readTrainRates(traces, 'round-trip'))?.estimate ?? null;
}

/** Delay at rest from the evenly paced packets there are; null where they are too few. */
export const readIdle = rememberByPhases(['delay', 'loaded'], ({ delay, loaded }): IdleDelay | null => {
  const idle = [...delay, ...loaded.filter(({ sequenceId }) => sequenceId === IDLE_SEQUENCE)];
  return idle.reduce((sum, { count }) => sum + count, 0) < LEAST_IDLE_PACKETS ? null : computeIdleDelay(idle);
});

/** Runs of one kind, in the order of sending; each tells for itself. */
export function selectLoadedRuns({ loaded }: TracesByPhase, kind: LoadKind): readonly Trace[] {
  return loaded.filter(({ sequenceId }) => sequenceId.startsWith(`${kind}-`));
}

/** Of the run of this kind that tells most; null without one, or where nothing of any came back. */
export function readBestLoaded(traces: TracesByPhase, path: PathDescription, kind: LoadKind): LoadedReading | null {
  const idle = readIdle(traces);
  if (idle === null) return null;
  return selectLoadedRuns(traces, kind)
    .flatMap((trace) => readRun(trace, { path, kind, idle }) ?? [])
    .reduce<LoadedReading | null>((best, run) => (best === null || tellsMore(run, best) ? run : best), null);
}

/** A full path tells more than one that was not, and a queue at its end more than one that grew; then the longer queue, or more probes. */
function tellsMore(run: LoadedReading, other: LoadedReading): boolean {
  if (run.isFilled !== other.isFilled) return run.isFilled;
  if (run.isGrowing !== other.isGrowing) return other.isGrowing;
  if (run.isGrowing) return run.delay.increaseNs > other.delay.increaseNs;
  return countJudged(run.delay) > countJudged(other.delay);
}

function countJudged({ ownFlow, otherFlow }: LoadedDelay): number {
  return (ownFlow?.samples ?? 0) + (otherFlow?.samples ?? 0);
}

interface RunContext {
  readonly path: PathDescription;
  readonly kind: LoadKind;
  readonly idle: IdleDelay;
}

function readRun(trace: Trace, { path, kind, idle }: RunContext): LoadedReading | null {
  const near = kind === 'down' ? null : readNearLoad(trace);
  const returned = near !== null && path.replySize === 'same' ? readReturned(trace) : null;
  const far = kind === 'up' ? null : readFarLoad(trace);
  const load = kind === 'down' ? far : near && pickFuller(near, returned);
  if (load === null || (kind === 'both' && far === null)) return null;
  const back = far ?? returned;
  const rates: Directional<number> = { forward: near && toFrameRate(near), reverse: back && toFrameRate(back) };
  const queueBitsPerSec = computeQueueRate(rates);
  const packetNs = computeFrameGapNs(load.steady.sizeBytes, queueBitsPerSec);
  const passed = { bitsPerSec: rates, queueBitsPerSec, packetNs };
  const delay = estimateDelayUnderLoad(trace, idle, passed);
  const state = { isFilled: isOverloaded(load), isGrowing: isGrowing(trace, load), ownWaitNs: computeOwnWait(trace) };
  return delay && { kind, delay, ...state };
}

export function readLoaded(traces: TracesByPhase, path: PathDescription): LoadedEstimate | null {
  const idle = readIdle(traces);
  const [up, down, both] = LOAD_KINDS.map((kind) => readBestLoaded(traces, path, kind)?.delay ?? null);
  if (idle === null || !(up ?? down ?? both)) return null;
  return { idle: idle.distribution, up: up ?? null, down: down ?? null, both: both ?? null };
}

/** What passed both ways passed the queue between them at the lower rate. */
function computeQueueRate({ forward, reverse }: Directional<number>): number {
  return Math.min(...[forward, reverse].filter((rate) => rate !== null));
}

function readNearLoad(trace: Trace): LoadPassage | null {
  return computeLoadPassage(computeForwardCurve(trace, LOAD_BURST), computeLoadGap(trace));
}

/** The replies to the load, as large as it: what came back of what was sent. */
function readReturned(trace: Trace): LoadPassage | null {
  return computeLoadPassage(computeReplyCurve(trace, LOAD_BURST), computeLoadGap(trace));
}

/** The way on which less passed. */
function pickFuller(near: LoadPassage, returned: LoadPassage | null): LoadPassage {
  return returned !== null && returned.passedBitsPerSec < near.passedBitsPerSec ? returned : near;
}

function readFarLoad({ farTrain }: Trace): LoadPassage | null {
  return farTrain && computeLoadPassage(computeFarTrainCurve(farTrain), computeMeanGap(farTrain.plannedOffsetNs));
}

function computeLoadGap(trace: Trace): number {
  return computeMeanGap(trace.plannedOffsetNs.filter((_, row) => trace.burst[row] === LOAD_BURST));
}

function computeMeanGap(plannedNs: Float64Array): number {
  return (plannedNs[plannedNs.length - 1] ?? 0) / Math.max(1, plannedNs.length - 1);
}

/** What is sent above the rate that passes must wait or be dropped; while it waits, delay grows by that share of time. */
function isGrowing(trace: Trace, { offeredBitsPerSec, passedBitsPerSec }: LoadPassage): boolean {
  const growth = computeDelayGrowth(trace);
  // Too few probes do not tell that it has ended.
  if (Number.isNaN(growth)) return true;
  const most = Math.max(0, offeredBitsPerSec / passedBitsPerSec - 1);
  return growth > Math.max(LEAST_GROWTH, STILL_GROWING_SHARE * most);
}

/** From IP packets to frames, the unit of the capacity. */
export function toFrameRate({ passedBitsPerSec, steady }: LoadPassage): number {
  return (passedBitsPerSec * (steady.sizeBytes + ETHERNET_HEADER_BYTES)) / steady.sizeBytes;
}

/** ns from frame to frame at this rate. */
export function computeFrameGapNs(sizeBytes: number, rateBitsPerSec: number): number {
  return Math.round(((sizeBytes + ETHERNET_HEADER_BYTES) * BITS_PER_BYTE * NS_PER_SEC) / rateBitsPerSec);
}
