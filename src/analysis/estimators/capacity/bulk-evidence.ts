// What the gaps inside bulks say of the capacity, where other traffic explains what whole trains got; and what whole trains add where
// bulks are not precise. Tokens, slots and processors are other explanations: then it says nothing.
import { BITS_PER_BYTE, NS_PER_SEC } from '../../../model/units.js';
import type { BulkDispersion } from './bulk-dispersion.js';
import { combine, toRate } from './combined-rate.js';
import type { Combined, Rate } from './combined-rate.js';
import { extrapolateRate } from './rate-extrapolation.js';
import { isOverload } from './train-rate.js';
import type { TrainRate } from './train-rate.js';

/** One reading of the trains: what it says, and which of them it leaves unexplained. */
export interface CapacityView {
  readonly value: number;
  readonly halfWidth: number;
  readonly explained: readonly TrainRate[];
  /** In words, for the method. */
  readonly basis: string;
  /** As in CapacityResult. */
  readonly batchNs?: number;
}

/** Other traffic of this share of the link, or more, would leave nothing of the train: something else stood in the way. */
const MOST_TRAFFIC = 0.97;
/** Packets that left at this share of the time between arrivals, or more, do not show the pace of a link behind them … */
const SLOW_DEPARTURE = 0.7;
/** … but that of their own port's link, up to this rate: no processor takes so long for a packet. */
const OWN_LINK_BELOW = 20e6;
/** Bulks this precise need no help from whole trains, which other traffic and losses slow a little. */
const PRECISE = 0.005;
/** One time in twenty bulks are off by more than their interval: a precise train is not left out for that. */
const LENIENCE = 1.6;
/** The correction for other traffic is known to this share of itself. */
const ADDED_MARGIN = 0.5;
/** Of what other traffic adds, a mode keeps at most this share, if it spreads by so much of itself that small packets do not stand apart. */
const KEPT_BY_MODE = 0.1;
const HIDING_MODE = 0.05;
/** With more packets missing a whole train says too little. */
export const FEW_MISSING = 0.06;
/** More packets missing than this were refused by a queue that holds next to nothing, or for want of tokens. */
const MANY_MISSING = 0.1;
/** Trains sent in less of the time that they took to arrive came as one bulk. */
const LEAST_TIME_SHARE = 0.15;
/** More of the lost time than this inside bulks, and it is the link that pauses. */
const PAUSES_INSIDE = 0.35;
/** Gaps that spread by more than this share of themselves look like pauses. */
const HIDING_SPREAD = 0.2;
/** No other traffic leaves a train less than one part in so many. */
const MOST_SHORTFALL = 8;
/** Whole trains are never faster than the link: by so much rounding may make them. */
const SLACK = 0.004;
/** Trains that got less of the rate inside bulks than this are held to account also where they left as one bulk. */
const LEAST_PASSED = 0.4;

/**
 * The rate inside bulks, where it explains what whole trains got: a link of that rate which carries less other traffic than it
 * can. null where there is no such rate, or where trains got so little that a bucket of tokens must have stood in the way.
 */
export function weighDispersion(clear: readonly TrainRate[], reference: TrainRate): CapacityView | null {
  // Bulks that met a queue cannot have passed on tokens; the others may have, and must explain what whole trains got.
  const queued = clear.filter(({ dispersion }) => dispersion?.isBacklogged === true);
  const found = (queued.length > 0 ? queued : clear).flatMap((rate) => toBulkRate(rate) ?? []);
  const telling = found.filter(({ tellsTraffic }) => tellsTraffic);
  const bulks = telling.length > 0 ? telling : found;
  if (bulks.length === 0 || findSlots(clear) !== null) return null;
  // What other traffic adds is guessed from the same trains: its error does not shrink with their number.
  const guessed = Math.max(...bulks.map(({ addedError }) => addedError));
  const bare = combine(bulks);
  const inside = { value: bare.value, halfWidth: Math.hypot(bare.halfWidth, guessed) };
  const isExplained = clear.every((rate) => (queued.length > 0 ? isPausedBySender(rate) : isTraffic(rate, inside)));
  const isTooSlow =
    inside.value * (1 + inside.halfWidth + SLACK) < reference.rateBitsPerSec * (1 - reference.relativeHalfWidth);
  if (!isExplained || isTooSlow || inside.value > MOST_SHORTFALL * reference.rateBitsPerSec) return null;
  const helping = inside.halfWidth < PRECISE ? [] : selectHelping(clear, inside);
  return {
    ...(helping.length === 0 ? inside : combine([toRate(inside), ...helping])),
    explained: clear,
    basis: ', inside bulks of back-to-back packets',
  };
}

/** Time from slot to slot, where any train's packets lie on slots; null where none do. */
export function findSlots(rates: readonly TrainRate[]): number | null {
  return rates.reduce<number | null>((found, { dispersion }) => found ?? dispersion?.slotNs ?? null, null);
}

/** Whether a train lost its time where other traffic can take it, while the sender paused; yes where noise hides it. */
function isPausedBySender({ dispersion, frameBytes }: TrainRate): boolean {
  if (dispersion === null) return true;
  const gapNs = (frameBytes * BITS_PER_BYTE * NS_PER_SEC) / dispersion.rateBitsPerSec;
  const isHidden = dispersion.gapSpreadNs > HIDING_SPREAD * gapNs;
  return isHidden || dispersion.pauseInside < Math.max(PAUSES_INSIDE, 3 * dispersion.departureInside);
}

/** Whether other traffic explains that a train came slower than bulks of packets: it leaves something, and fills a queue. */
function isTraffic(rate: TrainRate, inside: Combined): boolean {
  const share = computeTrafficShare(rate, inside);
  const isDropped = rate.missingShare > MANY_MISSING && isOverload(rate) && rate.plannedShare > 0;
  return share < MOST_TRAFFIC && !(share > 0 && isDropped);
}

/**
 * What whole trains add to bulks that are not precise: the line through what they got at different rates where it shows other
 * traffic, else what they have in common. Never both, which would count them twice.
 */
function selectHelping(clear: readonly TrainRate[], inside: Combined): Rate[] {
  const whole = clear.filter(({ lostShare }) => lostShare < FEW_MISSING);
  const line = extrapolateRate(whole.map(countHalfOfLost));
  const isNear = line !== null && Math.abs(line.value / inside.value - 1) < line.halfWidth + inside.halfWidth;
  // Where packets are lost is one question for all trains: their number does not answer it.
  const unplaced = Math.max(0, ...whole.map(({ lostShare }) => lostShare / 2));
  const withUnplaced = ({ value, halfWidth }: Combined): Rate[] => [
    { rateBitsPerSec: value, relativeHalfWidth: Math.hypot(halfWidth, unplaced) },
  ];
  if (isNear && line.isSeen) return withUnplaced(line);
  const plain = whole.flatMap((rate) => toPlainRate(rate, inside) ?? []);
  const common = plain.length === 0 ? null : combine(plain);
  // A line that shows no traffic holds with little of it and with none, which a single train cannot tell apart.
  if (isNear && line.halfWidth < (common?.halfWidth ?? Infinity)) return withUnplaced(line);
  return common === null ? [] : withUnplaced(common);
}

interface BulkRate extends Rate {
  /** 95 % error of what was added for other traffic, as a share of the rate. */
  readonly addedError: number;
  /** Whether other traffic would show, in a mode or beside pauses: what came in while a single bulk left is in its mean for good. */
  readonly tellsTraffic: boolean;
}

/** What the bulks of a train say, less what other traffic adds to them. null where they left no faster than they came. */
function toBulkRate(rate: TrainRate): BulkRate | null {
  const { dispersion } = rate;
  if (dispersion === null || (leavesSlowly(dispersion) && dispersion.rateBitsPerSec > OWN_LINK_BELOW)) return null;
  const { rateBitsPerSec, relativeHalfWidth } = dispersion;
  const { share, error, hasPauses } = computeAdded(rate, dispersion);
  const tellsTraffic = hasPauses || dispersion.kind === 'mode';
  return { rateBitsPerSec: rateBitsPerSec * (1 + share), relativeHalfWidth, addedError: error, tellsTraffic };
}

function leavesSlowly({ departureShare }: BulkDispersion): boolean {
  return departureShare > SLOW_DEPARTURE;
}

/** Whether packets left at the pace of their bulks and yet the train as a whole came slower: it waited for others before it left. */
export function isHeldBack({ dispersion, rateBitsPerSec, relativeHalfWidth }: TrainRate): boolean {
  if (dispersion === null || !leavesSlowly(dispersion)) return false;
  return dispersion.rateBitsPerSec * (1 - dispersion.relativeHalfWidth) > rateBitsPerSec * (1 + relativeHalfWidth);
}

interface Added {
  readonly share: number;
  readonly error: number;
  /** Whether the train as a whole was offered slower than its bulks. */
  readonly hasPauses: boolean;
}

/**
 * What other traffic adds to the gap inside bulks, as a share of the bare gap: the line of `extrapolateRate` through the bulks, which
 * hardly waited for the sender, and the whole train, which did. A mode keeps only what is too small to stand apart from its noise.
 */
function computeAdded(rate: TrainRate, dispersion: BulkDispersion): Added {
  const insideTime = 1 / dispersion.rateBitsPerSec;
  // What was lost behind the narrow link took its time: it is not other traffic.
  const lost = rate.lostShare < FEW_MISSING ? rate.lostShare : 0;
  const wholeTime = 1 / (rate.rateBitsPerSec * (1 + lost));
  const insideOffered = Math.max(0, dispersion.departureShare || 0) * insideTime;
  const wholeOffered = Math.max(rate.plannedShare || 0, rate.departureShare || 0) * wholeTime;
  if (!(wholeOffered > 2 * insideOffered)) return { share: 0, error: 0, hasPauses: false };
  const slope = Math.min(1, Math.max(0, (wholeTime - insideTime) / (wholeOffered - insideOffered)));
  const timeError = Math.hypot(wholeTime * rate.relativeHalfWidth, insideTime * dispersion.relativeHalfWidth);
  const slopeError = Math.min(1, timeError / (wholeOffered - insideOffered));
  const offeredShare = insideOffered / insideTime;
  const share = Math.min(1, 1 / (1 - slope * offeredShare) - 1);
  if (dispersion.kind === 'mode')
    return {
      share: 0,
      error: KEPT_BY_MODE * share * Math.min(1, dispersion.modeSpread / HIDING_MODE),
      hasPauses: true,
    };
  // Departures are as noisy as arrivals.
  const noise = Math.hypot(slopeError * offeredShare, slope * dispersion.relativeHalfWidth);
  return { share, error: Math.hypot(ADDED_MARGIN * share, noise), hasPauses: true };
}

/** Packets may have been lost behind the narrow link, where they took their time, or in front of it. */
export function countHalfOfLost(rate: TrainRate): TrainRate {
  return { ...rate, rateBitsPerSec: rate.rateBitsPerSec * (1 + rate.lostShare / 2) };
}

/** A whole train that agrees with the bulks: a little other traffic would slow it, and not be seen. null where it does not agree. */
function toPlainRate(rate: TrainRate, inside: Combined): Rate | null {
  const { rateBitsPerSec, relativeHalfWidth } = countHalfOfLost(rate);
  const shortfall = inside.value / rateBitsPerSec - 1;
  const ownHalfWidth = Math.hypot(relativeHalfWidth, rate.lostShare / 2);
  if (Math.abs(shortfall) > ownHalfWidth + LENIENCE * inside.halfWidth) return null;
  const margin = Math.max(0, shortfall + inside.halfWidth / 2);
  return { rateBitsPerSec, relativeHalfWidth: Math.hypot(relativeHalfWidth, margin) };
}

/**
 * Least other traffic that a first-in-first-out link of this capacity must carry for the train to get what it got, as a share of
 * the capacity: passed = offered·C/(offered + u) (Melander et al. 2000).
 */
function computeTrafficShare(rate: TrainRate, { value, halfWidth }: Combined): number {
  const timeShare = Math.max(rate.plannedShare || 0, rate.departureShare || 0);
  const passed = (rate.rateBitsPerSec / value) * (1 + rate.relativeHalfWidth + halfWidth);
  // Packets that left at once tell next to nothing of it.
  if (timeShare < LEAST_TIME_SHARE && passed > LEAST_PASSED) return 0;
  return passed < 1 ? (1 - passed) / timeShare : 0;
}
