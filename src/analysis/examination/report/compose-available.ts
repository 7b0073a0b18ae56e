// Available bandwidth and utilisation as the report gives them, from what the streams say together: figures, how good they are,
// and in sentences what could not be told.
import type { Estimate, Estimates } from '../../../model/estimates.js';
import type { AvailablePosterior } from '../../estimators/available/available.js';
import type { RateRange } from '../../estimators/available/posterior-range.js';
import { serialisationNs } from '../../../model/units.js';
import { MOST_STREAM_LOSS } from '../../estimators/available/stream-groups.js';
import { estimateSenderPace } from '../../estimators/available/sender-pace.js';
import { listStreams } from '../../estimators/available/stream-packets.js';
import { computeMean } from '../../statistics/quantile.js';
import { readTightLink } from '../readings/available-readings.js';
import { MOST_HELD } from '../readings/look-readings.js';
import type { TightLink } from '../readings/available-readings.js';
import type { TracesByPhase } from '../knowledge.js';
import { selectStreams } from '../readings/stream-traces.js';

export interface AvailableFigures {
  readonly available: Estimates['available'];
  readonly utilization: Estimates['utilization'];
  /** One sentence each. */
  readonly limits: readonly string[];
}

const NOTHING: AvailableFigures = {
  available: { forward: null, reverse: null },
  utilization: { forward: null, reverse: null },
  limits: [],
};

/** No interval is narrower than this share of the capacity to each side: stamps and clocks are not better. */
const FLOOR = 0.005;
/** Half-widths as a share of the capacity. */
const GOOD_HALF_WIDTH = 0.05;
const FAIR_HALF_WIDTH = 0.12;
/** Groups of streams that miss the best single link by so many standard errors are not explained by it. */
const MOST_MISFIT = 6;
/** Where more streams than this share lose packets, the queue is too short for any self-loading method. */
const MANY_LOST = 0.5;
/** Above a lower bound anything is possible; the interval says so by this factor. */
const UNBOUNDED_FACTOR = 10;
/** Of a 95 % interval to either side. */
const DEVIATIONS = 1.96;

export function composeAvailable(traces: TracesByPhase): AvailableFigures {
  const link = readTightLink(traces);
  if (traces.available.length === 0) return NOTHING;
  if (link === null || link.passages.length === 0) return { ...NOTHING, limits: [TOO_FEW] };
  const { passages, posterior } = link;
  const lossy = passages.filter(({ lossRatio }) => lossRatio >= MOST_STREAM_LOSS).length;
  if (lossy > MANY_LOST * passages.length) return { ...NOTHING, limits: [TOO_SHORT_A_QUEUE] };
  if (posterior === null) return { ...NOTHING, limits: [TOO_FEW] };
  const isBound = !posterior.metOverload;
  // Streams that were not sent evenly met no link because they did not come: they bound nothing.
  if (isBound && isMostlyBroken(link)) return { ...NOTHING, limits: [UNEVEN] };
  // A lower bound of nothing tells nothing.
  if (isBound && computeRange(link, posterior).low <= 0) return { ...NOTHING, limits: [NO_BOUND] };
  return {
    available: { forward: describeRate(link, posterior, isBound), reverse: null },
    utilization: { forward: isBound ? null : describeShare(link, posterior), reverse: null },
    limits: [
      ...(isBound ? [NO_TIGHT_LINK] : []),
      ...(isUnexplained(posterior) ? [NOT_ONE_LINK] : []),
      ...(isMostlyBroken(link) ? [UNEVEN] : []),
      ...describeSlowSender(traces, link, posterior),
      ...describeHeld(link),
      ...describeVariation(link),
    ],
  };
}

const NO_TIGHT_LINK =
  'The fastest streams met no tight link: the available bandwidth is a lower bound, and the utilization could not be measured';
const NO_BOUND =
  'The fastest streams met no tight link, and bound nothing: available bandwidth could not be measured by this probe';
const TOO_FEW = 'Too few streams came through whole: available bandwidth could not be measured';
const UNEVEN = 'This machine was too busy to send most streams evenly: few could be used for the available bandwidth';
const TOO_SHORT_A_QUEUE =
  'Most streams lost packets to a short queue or a policer: available bandwidth could not be measured';
const NOT_ONE_LINK =
  'No single link explains the streams: there are several tight ones, or one that serves flows apart or in slots';

/** A sender that is not faster than the link by this factor leaves it idle between packets, as the plan says of streams near its rate. */
const LEAST_LEAD = 1.4;

/** Where the sender kept pace with the link, what it could not do passes for what the path does not carry. */
function describeSlowSender(traces: TracesByPhase, { leg }: TightLink, { capacity }: AvailablePosterior): string[] {
  const least = LEAST_LEAD * capacity.value;
  const streams = selectStreams(traces).flatMap((trace) => listStreams(trace, leg));
  const pace = estimateSenderPace(streams, least);
  if (pace === null || pace >= least) return [];
  return [
    `Streams left this machine at ${Math.round(pace / 1e6)} Mb/s, hardly faster than the link or slower: it is the limit, not only the path`,
  ];
}

/** Share of the packets of streams from which on it is told. */
const LEAST_HELD_TOLD = 0.05;

function describeHeld({ held }: TightLink): string[] {
  if (held === null || held.share < LEAST_HELD_TOLD || held.share > MOST_HELD) return [];
  const percent = Math.round(100 * held.share);
  return [
    `A machine on the path stood still now and then, and held ${percent} % of the packets of streams: this was allowed for`,
  ];
}

/** Share of the capacity by which other seconds may differ, 95 %, from which on it is told. */
const LEAST_TOLD = 0.1;

/** The interval is that of the seconds measured. */
function describeVariation({ seen, look }: TightLink): string[] {
  const share = seen === null || look === null ? 0 : DEVIATIONS * look.lastingError;
  // What is not known of the seconds measured makes others no different.
  const isOfBursts = look !== null && look.lastingError > Math.SQRT2 * look.othersError;
  if (share < LEAST_TOLD || !isOfBursts) return [];
  const percent = Math.min(100, Math.round(100 * share));
  return [`Other traffic comes in bursts: other seconds may leave more or less by up to ${percent} % of the capacity`];
}

function isUnexplained({ misfit }: AvailablePosterior): boolean {
  return misfit > MOST_MISFIT;
}

/**
 * The posterior's interval, and what it cannot know: a lost packet may have passed the tight link or not, so that all rates may be
 * too high by the share lost; and other traffic that comes in bursts may have been on, or off, in between: what was not met at
 * any of n moments lasts at most 3/n of the time (95 %).
 */
export function computeRange(link: TightLink, posterior: AvailablePosterior): RateRange {
  const { capacity } = posterior;
  const lossRatio = computeMean(link.passages.map((passage) => passage.lossRatio));
  const range = isUnexplained(posterior) ? spanEverything(posterior) : posterior.available;
  const { value, low, high } = link.seen === null ? allowForUnmet(link, posterior, range) : range;
  return {
    value: value * (1 - lossRatio / 2),
    low: Math.max(0, low * (1 - lossRatio) - FLOOR * capacity.value),
    high: high + FLOOR * capacity.value,
  };
}

/** Where small packets did not watch the time between the streams. */
function allowForUnmet(link: TightLink, posterior: AvailablePosterior, range: RateRange): RateRange {
  const { capacity } = posterior;
  const { value, low, high } = widen(range, {
    factor: posterior.isBursty ? FOR_BURSTS : 1,
    most: Math.max(posterior.available.high, capacity.high),
  });
  // Streams that left no faster than the path carries looked at it all the while they lasted.
  const moments = posterior.metOverload ? link.moments : link.moments - link.streamMoments + posterior.streams;
  const unmet = Math.min(1, UNMET / Math.max(1, moments) + computeHiddenShare(link, capacity.value));
  const seen = link.look === null ? Infinity : capacity.value * (1 - link.look.low);
  return {
    value,
    low: Math.min(low, value * (1 - unmet), seen),
    high: Math.max(high, value + (capacity.value - value) * unmet),
  };
}

/**
 * Streams and light packets that met the same burst are fewer moments than they are taken for, and a mean of few bursts is not
 * Gaussian: beside bursts the interval of the posterior alone held 85 % of 460 drawn paths of the simulator, this much of it 94 %.
 */
const FOR_BURSTS = 1.5;

interface Widening {
  readonly factor: number;
  /** Bits per second. */
  readonly most: number;
}

function widen({ value, low, high }: RateRange, { factor, most }: Widening): RateRange {
  return {
    value,
    low: Math.max(0, value - factor * (value - low)),
    high: Math.max(high, Math.min(most, value + factor * (high - value))),
  };
}

/** Rule of three: what was missed in n independent looks has a probability below 3/n, at 95 %. */
const UNMET = 3;
/** What one application sends at once, a window of TCP, bytes: on a slow line that is a good part of the time measured. */
const BURST_BYTES = 64e3;
const HIDDEN_PAUSES = 2;

/** One burst may have passed while neither a stream nor, since they come before, a light packet looked: in a pause or two between streams. */
function computeHiddenShare({ streamMoments, streamSpanNs }: TightLink, rateBitsPerSec: number): number {
  const ofBurst = serialisationNs(BURST_BYTES, rateBitsPerSec) / Math.max(1, streamSpanNs);
  return Math.min(HIDDEN_PAUSES / Math.max(1, streamMoments), ofBurst);
}

function isMostlyBroken({ passages }: TightLink): boolean {
  return passages.filter(({ isBroken }) => isBroken).length > MANY_LOST * passages.length;
}

function describeRate(link: TightLink, posterior: AvailablePosterior, isBound: boolean): Estimate {
  const range = computeRange(link, posterior);
  const method = describeMethod(link, 'Ethernet frames without FCS');
  if (isBound) {
    const bound = { value: range.low, low: range.low, high: range.high * UNBOUNDED_FACTOR };
    return { ...bound, method, samples: posterior.streams, quality: 'poor', limitedBy: 'probe' };
  }
  const halfWidth = (range.high - range.low) / 2 / posterior.capacity.value;
  return { ...range, method, samples: posterior.streams, ...judge(halfWidth, posterior) };
}

/** Between nothing and everything that came through. */
function spanEverything({ available, capacity }: AvailablePosterior): RateRange {
  return { value: available.value, low: 0, high: Math.max(available.high, capacity.high) };
}

/** u = 1 − A/C at the ends of the interval of A. */
function describeShare(link: TightLink, posterior: AvailablePosterior): Estimate {
  const { value, low, high } = posterior.traffic;
  const range = computeRange(link, posterior);
  const shareAt = (rate: number): number => Math.min(1, Math.max(0, 1 - rate / posterior.capacity.value));
  const shares = { value, low: Math.min(low, shareAt(range.high)), high: Math.max(high, shareAt(range.low)) };
  const halfWidth = (shares.high - shares.low) / 2;
  return {
    ...shares,
    method: describeMethod(link, '1 − A/C'),
    samples: posterior.streams,
    ...judge(halfWidth, posterior),
  };
}

function describeMethod({ leg }: TightLink, what: string): string {
  const times = leg === 'forward' ? 'forward one-way times' : 'round-trip times, so the narrower direction';
  return `self-loading streams at several rates, one posterior over capacity and other traffic, ${times}; ${what}`;
}

function judge(halfWidth: number, posterior: AvailablePosterior): Pick<Estimate, 'quality' | 'limitedBy'> {
  if (isUnexplained(posterior)) return { quality: 'poor', limitedBy: 'noise' };
  if (halfWidth <= GOOD_HALF_WIDTH) return { quality: 'good', limitedBy: null };
  return { quality: halfWidth <= FAIR_HALF_WIDTH ? 'fair' : 'poor', limitedBy: 'samples' };
}
