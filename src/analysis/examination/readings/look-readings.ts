// What small packets say of the other traffic on the tight link: before the streams, and in their pauses.
import type { Trace } from '../../../model/trace.js';
import { TRACE_FLAG } from '../../../model/trace.js';
import { ETHERNET_HEADER_BYTES, serialisationNs } from '../../../model/units.js';
import { estimateAvailable } from '../../estimators/available/available.js';
import type { AvailablePosterior } from '../../estimators/available/available.js';
import { estimateBusyShareOf } from '../../estimators/available/busy-look.js';
import type { BusyLook } from '../../estimators/available/busy-look.js';
import { findEmptyQueue } from '../../estimators/available/empty-queue.js';
import type { EmptyQueue } from '../../estimators/available/empty-queue.js';
import type { HeldPackets } from '../../estimators/available/held-packets.js';
import { computeForwardDelays } from '../../estimators/available/forward-delays.js';
import { collectOneWaySamples } from '../../estimators/delay/one-way-samples.js';
import { computePace, computeRoundTrips } from '../../estimators/round-trip-times.js';
import { seesTraffic } from '../../estimators/available/stream-groups.js';
import type { CapacityPrior, SeenTraffic } from '../../estimators/available/stream-likelihood.js';
import type { StreamPassage } from '../../estimators/available/stream-passage.js';
import { computeUnbroken } from '../../estimators/available/unbroken-waits.js';
import type { Watch } from '../../estimators/available/watched-time.js';
import { sumWatches } from '../../estimators/available/watched-window.js';
import type { WatchedLink } from '../../estimators/available/watched-window.js';
import type { TracesByPhase } from '../knowledge.js';
import type { ForwardLeg } from './stream-traces.js';

/** What packets without load found, and how busy others kept the link in all the time that was watched. */
export interface TimedLook extends BusyLook {
  /** Whether the wait behind a packet would not show, but only those behind bursts of them. */
  readonly isCoarse: boolean;
  /** From packet to packet. */
  readonly intervalNs: number;
  /** Share of the link's time, 0 and up: above 1 a queue grew. */
  readonly othersShare: number;
  /** Standard error as the share of the time from the first packet to the last, and as that of any such time. */
  readonly othersError: number;
  readonly lastingError: number;
  /** Share of the time that the link was seen idle. */
  readonly idleShare: number;
}

export const LOOK = 'look';

/** Waits behind other packets show if the shortest one to be noticed is below this share of a full one's time. */
const LOOK_RESOLUTION = 0.7;
/** … or if many waits are much longer than that: bursts. */
const LEAST_COARSE = 0.03;
const COARSE_WAIT = 2;
const FULL_FRAME_BYTES = 1500 + ETHERNET_HEADER_BYTES;
/** Waits below this share of a full one's time may be noise. */
const LEAST_RESOLUTION = 0.03;
/** No look is more exact than this share. */
const LEAST_ERROR = 0.007;
/** Of a 95 % interval to either side. */
const DEVIATIONS = 1.96;
/** A standard error from n moments is taken for more by this over n, as Student's t is wider. */
const FEW_MOMENTS = 3;
/** Look and streams further apart than so many standard errors do not see the same link. */
const MOST_APART = 2.5;
/** Streams that met no burst, fewest; and the share of other traffic that they have to find at least, at 95 %, to have surely found it. */
const LEAST_QUIET = 3;
const SURELY_FOUND = 0.03;
/** Without them: half of the time in which no small packet waited, at most. */
const MOST_UNKNOWN = 0.1;

/** As streams are watched: a trace never changes, and planning asks at every step; forgotten with the last trace. */
const looks = new WeakMap<Trace, { readonly key: string; readonly look: TimedLook | null }>();

/** null where no packets were sent without load, or the wait behind a small packet would be lost in the noise. */
export function readLook(traces: TracesByPhase, leg: ForwardLeg, rateBitsPerSec: number): TimedLook | null {
  const watched = selectWatched(traces);
  const last = watched.at(-1);
  if (last === undefined) return null;
  const { reach } = traces;
  const key = `${leg} ${rateBitsPerSec}`;
  const known = looks.get(last);
  if (known?.key === key) return known.look;
  const loads = traces.available.filter((trace) => !watched.includes(trace));
  const look = computeLook(reach, watched, { leg, rateBitsPerSec, loads });
  looks.set(last, { key, look });
  return look;
}

/** Runs of small packets first, streams with small ones between them behind. */
function selectWatched({ delay, available }: TracesByPhase): readonly Trace[] {
  const size = [...delay, ...available].find(isLook)?.sizeBytes[0];
  const holdsSize = (trace: Trace): boolean => trace.sizeBytes.some((bytes) => bytes === size);
  return size === undefined ? [] : [...delay, ...available].filter(holdsSize);
}

function isLook({ sizeBytes }: Trace): boolean {
  return sizeBytes.every((bytes) => bytes === sizeBytes[0]);
}

interface Watching {
  readonly leg: ForwardLeg;
  readonly rateBitsPerSec: number;
  /** Streams without small packets between them. */
  readonly loads: readonly Trace[];
}

/** The first packets of all are too few to count, but may be the only ones that met nobody. */
function computeLook(
  reach: readonly Trace[],
  watched: readonly Trace[],
  { leg, rateBitsPerSec, loads }: Watching,
): TimedLook | null {
  const all = collectDelays([...reach, ...watched], leg);
  const blocks = all.slice(reach.length);
  const joinDelays = (of: readonly Block[]): Float64Array =>
    Float64Array.from(of.flatMap(({ delayNs }) => [...delayNs]));
  const alone = blocks.filter(({ trace }) => isLook(trace));
  const fullNs = serialisationNs(FULL_FRAME_BYTES, rateBitsPerSec);
  const empty = findEmptyQueue(joinDelays(all));
  const look = lookAt(joinDelays(alone), { empty, fullNs });
  const last = alone.at(-1);
  if (look === null || last === undefined) return null;
  const isCoarse = look.resolutionNs >= LOOK_RESOLUTION * fullNs;
  if (isCoarse && !(look.share > LEAST_COARSE && look.usualWaitNs > COARSE_WAIT * look.resolutionNs)) return null;
  // Waits too short to be noticed, as a share of what seems to be none.
  const hidden = look.hiddenShare / Math.max(look.hiddenShare, 1 - look.share, Number.MIN_VALUE);
  const thresholdNs = look.floorNs + look.resolutionNs;
  const ownNs = serialisationNs((last.trace.sizeBytes[0] ?? 0) + ETHERNET_HEADER_BYTES, rateBitsPerSec);
  const watches = blocks.map(({ trace, rows, delayNs }): Watch => {
    const waitNs = delayNs.map((ns) => (ns > thresholdNs ? ns - look.floorNs : 0));
    const unbroken = computeUnbroken({ trace, rows, waitNs, ownNs });
    return { trace, rows, waited: Array.from(waitNs, (ns) => (ns > 0 ? 1 : hidden)), waitNs, unbroken };
  });
  const sum = sumUp(watches, look, { rateBitsPerSec, loads });
  return { ...look, isCoarse, intervalNs: computePace(last.trace), ...sum };
}

interface Waiting {
  readonly empty: EmptyQueue;
  /** Time of a full packet on the link. */
  readonly fullNs: number;
}

/** Waits below this share of a full packet's time are no more frequent than longer ones let expect, or some are not of the link. */
const SHORT_WAIT = 0.25;
/** Standard deviations by which they have to be. */
const SURPLUS = 4;

/**
 * A machine that wakes late makes packets wait as well, most of them shortly. Where short waits are more than the longer ones let
 * expect, they are of the link or of the machine: half of the surplus counts, as part of what hides, with an error as large.
 */
function lookAt(delayNs: Float64Array, { empty, fullNs }: Waiting): BusyLook | null {
  const look = estimateBusyShareOf(delayNs, { leastResolutionNs: LEAST_RESOLUTION * fullNs, empty });
  const long = estimateBusyShareOf(delayNs, { leastResolutionNs: SHORT_WAIT * fullNs, empty });
  if (look === null || long === null || long.resolutionNs < 2 * look.resolutionNs) return look;
  const short = look.share - long.share;
  const surplus = short + look.hiddenShare - long.hiddenShare;
  const deviation = Math.sqrt((short + 2 * long.hiddenShare) / long.samples);
  if (!(surplus > SURPLUS * deviation)) return look;
  return { ...long, hiddenShare: Math.min(1 - long.share, long.hiddenShare + surplus / 2) };
}

type Sum = Pick<TimedLook, 'othersShare' | 'othersError' | 'lastingError' | 'idleShare'>;

function sumUp(watches: readonly Watch[], look: BusyLook, link: WatchedLink): Sum {
  const { othersShare, errorShare, idleShare, times } = sumWatches(watches, link);
  const spanNs = times.reduce((sum, time) => sum + time.spanNs, 0);
  const lookNs = times.reduce((sum, time, i) => sum + (isWatchAlone(watches[i]) ? time.spanNs : 0), 0);
  // Of the long run, as the look tells it and as its parts differ, and for the time in all.
  const ofLook = ((look.high - look.low) / 2 / DEVIATIONS) * (1 + FEW_MOMENTS / look.moments);
  const scatter = times.reduce((sum, time) => sum + time.spanNs * (time.othersNs / time.spanNs - othersShare) ** 2, 0);
  const ofParts = Math.sqrt(scatter / Math.max(1, times.length - 1) / spanNs);
  const lastingError = Math.max(ofLook * Math.sqrt(lookNs / spanNs), ofParts);
  const othersError = Math.hypot(errorShare, look.hiddenShare / 2, LEAST_ERROR);
  return { othersShare, othersError, lastingError: Math.hypot(lastingError, othersError), idleShare };
}

function isWatchAlone(watch: Watch | undefined): boolean {
  return watch !== undefined && isLook(watch.trace);
}

interface Block {
  readonly trace: Trace;
  readonly rows: readonly number[];
  readonly delayNs: Float64Array;
}

/** One for each trace; delays of all hold the same constant. On the way that streams are watched on. */
function collectDelays(watched: readonly Trace[], leg: ForwardLeg): Block[] {
  const sizeBytes = watched.find(isLook)?.sizeBytes[0] ?? 0;
  const samples = collectOneWaySamples(watched, sizeBytes);
  const forwardNs = leg === 'forward' ? computeForwardDelays(samples) : null;
  const delayNs = forwardNs ?? samples.rttNs;
  let from = 0;
  return watched.map((trace) => {
    const rows = computeRoundTrips(trace).rows.filter(
      (row) => trace.sizeBytes[row] === sizeBytes && (forwardNs === null || hasFarStamps(trace, row)),
    );
    const ofTrace = delayNs.subarray(from, (from += rows.length));
    const isApart = (_: number, i: number): boolean => leftApart(trace, rows[i] ?? 0);
    return { trace, rows: rows.filter(isApart), delayNs: ofTrace.filter(isApart) };
  });
}

/** Of the planned time between two packets. */
const LEAST_APART = 0.5;

/** Behind a pause of the sender packets leave together: each waits for those before it, and all see one moment. */
function leftApart({ txOffsetNs, plannedOffsetNs }: Trace, row: number): boolean {
  const apart = (column: Float64Array): number => (column[row] ?? NaN) - (column[row - 1] ?? NaN);
  return row === 0 || !(apart(txOffsetNs) < LEAST_APART * apart(plannedOffsetNs));
}

function hasFarStamps({ flags, farRxOffsetNs, farTxOffsetNs }: Trace, row: number): boolean {
  const isStamped = ((flags[row] ?? 0) & TRACE_FLAG.farStamps) !== 0;
  return isStamped && Number.isFinite(farRxOffsetNs[row]) && Number.isFinite(farTxOffsetNs[row]);
}

export interface SeenByStreams {
  readonly posterior: AvailablePosterior;
  readonly passages: readonly StreamPassage[];
  readonly prior: CapacityPrior;
  /** Of their packets; null where these are too few. */
  readonly held: HeldPackets | null;
}

/** A machine that holds more packets than this gathers them always, and then small ones as well, all alike. */
export const MOST_HELD = 0.3;

/**
 * A small packet that came while the machine behind the link stood still waited as well, busy link or not: what was idle then is
 * added in proportion.
 */
function allowForHeld(look: TimedLook, held: HeldPackets | null): SeenTraffic {
  if (held === null || held.share > MOST_HELD) return { share: Math.min(1, look.othersShare), error: look.othersError };
  const runs = 1 - held.share;
  const share = look.othersShare - (look.idleShare * held.share) / runs;
  const error = (look.idleShare * held.error) / runs / runs;
  return { share: Math.min(1, Math.max(0, share)), error: Math.hypot(look.othersError, error) };
}

/**
 * What waited in front of a link without a bucket is the share of its time that it was busy. null where the streams contradict:
 * other links' queues, or fair queues, which light packets pass; and where noise hides the wait behind a packet, and streams found
 * traffic while nobody waited.
 */
export function readSeenTraffic(look: TimedLook | null, streams: SeenByStreams | null): SeenTraffic | null {
  if (look === null || streams === null) return null;
  const { traffic } = streams.posterior;
  const { share, error: othersError } = allowForHeld(look, streams.held);
  // Streams are no more than so many looks at something that is there or not, however well they agree.
  const moments = Math.max(1, streams.passages.filter(seesTraffic).length);
  const ofMoments = Math.max(share * (1 - share), traffic.value * (1 - traffic.value)) / moments;
  const ofStreams = (traffic.high - traffic.low) / 2 / DEVIATIONS;
  const apart = Math.hypot(look.lastingError, ofStreams, Math.sqrt(ofMoments));
  if (Math.abs(share - traffic.value) > MOST_APART * apart) return null;
  const error = look.isCoarse ? boundUnseen(share, streams) : 0;
  return error === null ? null : { share, error: Math.hypot(othersError, error) };
}

/**
 * What may have passed while no small packet waited, as an error of the share of the whole time: as much as streams that met no burst
 * allow besides it. null where they surely found other traffic, or are too few and bursts do not take nearly all of the time.
 */
function boundUnseen(share: number, { passages, prior }: SeenByStreams): number | null {
  const near = passages.filter((passage) => seesTraffic(passage) && !passage.isBroken);
  const byLength = [...near].sort((a, b) => a.outNs / a.inNs - b.outNs / b.inNs);
  const quiet = byLength.slice(0, Math.floor((1 - share) * near.length));
  const fast = passages.filter((passage) => !seesTraffic(passage));
  const found = quiet.length < LEAST_QUIET ? null : estimateAvailable([...fast, ...quiet], prior);
  if (found === null) return (1 - share) / 2 > MOST_UNKNOWN ? null : (1 - share) / 2;
  return found.traffic.low > SURELY_FOUND ? null : ((1 - share) * found.traffic.high) / DEVIATIONS;
}
