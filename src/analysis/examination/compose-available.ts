// Available bandwidth and utilisation as the report gives them, from what the streams say together: figures, how good they are,
// and in sentences what could not be told.
import type { Estimate, Estimates } from '../../model/report.js';
import type { AvailablePosterior, RateRange } from '../estimators/available.js';
import { isUsable, MOST_STREAM_LOSS } from '../estimators/available.js';
import { computeMean } from '../statistics/quantile.js';
import { readTightLink } from './available-readings.js';
import type { TightLink } from './available-readings.js';
import type { TracesByPhase } from './knowledge.js';

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
export function composeAvailable(traces: TracesByPhase): AvailableFigures {
  const link = readTightLink(traces);
  if (link === null || link.passages.length === 0) return NOTHING;
  const { passages, posterior } = link;
  const lossy = passages.filter(({ lossRatio }) => lossRatio >= MOST_STREAM_LOSS).length;
  if (lossy > MANY_LOST * passages.length) return { ...NOTHING, limits: [TOO_SHORT_A_QUEUE] };
  if (posterior === null) return NOTHING;
  const strayed = passages.filter((passage) => !isUsable(passage)).length - lossy;
  const isBound = !posterior.metOverload;
  return {
    available: { forward: describeRate(link, posterior, isBound), reverse: null },
    utilization: { forward: isBound ? null : describeShare(link, posterior), reverse: null },
    limits: [
      ...(isBound ? [NO_TIGHT_LINK] : []),
      ...(isUnexplained(posterior) ? [NOT_ONE_LINK] : []),
      ...(strayed > MANY_LOST * passages.length ? [UNEVEN] : []),
    ],
  };
}

const NO_TIGHT_LINK = 'The fastest streams met no tight link: the available bandwidth is a lower bound';
const UNEVEN = 'This machine was too busy to send most streams evenly: few could be used for the available bandwidth';
const TOO_SHORT_A_QUEUE =
  'Most streams lost packets to a short queue or a policer: available bandwidth could not be measured';
const NOT_ONE_LINK =
  'No single link explains the streams: there are several tight ones, or one that serves flows apart or in slots';

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
  const { value, low, high } = isUnexplained(posterior) ? spanEverything(posterior) : posterior.available;
  const unmet = Math.min(1, UNMET / Math.max(1, link.moments));
  const seen = link.look === null ? Infinity : capacity.value * (1 - link.look.low);
  return {
    value: value * (1 - lossRatio / 2),
    low: Math.max(0, Math.min(low, value * (1 - unmet), seen) * (1 - lossRatio) - FLOOR * capacity.value),
    high: Math.max(high, value + (capacity.value - value) * unmet) + FLOOR * capacity.value,
  };
}

/** Rule of three: what was missed in n independent looks has a probability below 3/n, at 95 %. */
const UNMET = 3;

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
