// Capacity of the narrow link from the rates of several trains: which of them speak of the path, and what they say together.
// Counted on Ethernet frames without FCS and preamble (IP packet + 14 bytes), as a Linux queueing discipline counts.
import type { Estimate } from '../../model/report.js';
import type { BulkDispersion } from './bulk-dispersion.js';
import { extrapolateRate } from './rate-extrapolation.js';
import { isOverload, isSelfPaced } from './train-rate.js';
import type { TrainRate } from './train-rate.js';

export interface CapacityResult {
  readonly estimate: Estimate;
  /** Why it is only a lower bound, as a sentence; null where it is a capacity. */
  readonly boundedBy: string | null;
  /** Whether long trains of which neither saw only a bucket's head disagree, with nothing to explain it. */
  readonly isDisputed: boolean;
  /** Whether any train disagrees, also a short one that may have passed on tokens. */
  readonly isDoubted: boolean;
  /** Half of the 95 % interval as a share of the value, before a bound or a dispute widened it. */
  readonly halfWidth: number;
  /** Bytes that passed faster before the lasting rate set in; 0 where none were seen. */
  readonly burstBytes: number;
  /** Time from batch to batch where packets come in batches, so that gaps say nothing; null where they do not. */
  readonly batchNs: number | null;
  /** Bytes that one train pushed through at most: tokens beyond that were not seen. */
  readonly pushedBytes: number;
}

/** Which direction trains were watched in: `both` where the far end only echoes. */
export type Direction = 'forward' | 'reverse' | 'both';
const METHOD = 'dispersion of packet trains behind the burst of a token bucket, Ethernet frames without FCS';
const DIRECTIONS: Readonly<Record<Direction, string>> = {
  forward: 'forward',
  reverse: 'reverse',
  both: 'narrower direction',
};
/** Trains of smaller packets that took this share of the time per packet: time goes by packets, not by bytes. */
const BY_PACKETS_ABOVE = 0.75;
/** Trains of packets below this share of the largest size check what time goes by; they give no rate. */
const CHECK_SIZE_SHARE = 0.7;
/** Rates of two trains agree within their intervals plus this. */
const AGREEMENT = 0.02;
/** An interval this wide agrees with anything. */
const TOO_VAGUE = 0.2;
/** Clearly lower, intervals apart; and lower than 60 % of other traffic would make it. */
const LOWER = 0.9;
const MUCH_LOWER = 0.4;
/** A train that pushed less than this share of the reference's bytes is too short to dispute it. */
const SHORT_SHARE = 0.25;
/** Other traffic of this share of the link, or more, would leave nothing of the train: something else stood in the way. */
const MOST_TRAFFIC = 0.97;
/** Packets that left at this share of the time between arrivals, or more, do not show the link's pace. */
const SLOW_DEPARTURE = 0.7;
/** Bulks this precise need no help from whole trains, which other traffic and losses slow a little. */
const PRECISE = 0.005;
/** One time in twenty bulks are off by more than their interval: a precise train is not left out for that. */
const LENIENCE = 1.6;
/** The correction for other traffic is known to this share of itself. */
const ADDED_MARGIN = 0.4;
/** More packets missing than this were refused by a queue that holds next to nothing, or for want of tokens. */
const MANY_MISSING = 0.1;
/** Trains sent in less of the time that they took to arrive came as one bulk. */
const LEAST_TIME_SHARE = 0.15;
/** More packets than this right behind another: they come in batches. */
const MOSTLY_BATCHED = 0.5;
/** Behind batches other traffic does not show; a third of the link's capacity may be its. */
const BATCHED_FACTOR = 1.5;
/** A capacity this far above what whole trains got. */
const HEADLESS = 1.1;
/** With more packets missing a whole train says too little. */
const FEW_MISSING = 0.06;
const GOOD_HALF_WIDTH = 0.02;
const FAIR_HALF_WIDTH = 0.06;
/** Above a lower bound anything is possible; the interval says so by this factor. */
const UNBOUNDED_FACTOR = 10;
/** A lower bound itself is no more certain than a processor's speed from one moment to the next. */
const BOUND_MARGIN = 0.1;

/** Rates that a processor or a driver may have set instead of a link; below both bounds none is that slow. */
const DOUBTFUL_ABOVE = 250e6;
const DOUBTFUL_IF_SELF_PACED_ABOVE = 20e6;

export function isDoubtful(rate: TrainRate): boolean {
  const bound = isSelfPaced(rate) ? DOUBTFUL_IF_SELF_PACED_ABOVE : DOUBTFUL_ABOVE;
  return isOverload(rate) && rate.rateBitsPerSec > bound;
}

export function selectLargeTrains(rates: readonly TrainRate[]): readonly TrainRate[] {
  const largest = rates.reduce((most, rate) => Math.max(most, rate.frameBytes), 0);
  return rates.filter((rate) => rate.frameBytes > CHECK_SIZE_SHARE * largest);
}

/**
 * The train that pushed most bytes through is the reference, since only it may have emptied a token bucket; trains that agree
 * with it are averaged by inverse variance. null without a train.
 */
export function estimateCapacity(rates: readonly TrainRate[], direction: Direction = 'both'): CapacityResult | null {
  const large = selectLargeTrains(rates);
  const overloading = large.filter(isOverload);
  const lasting = overloading.filter((rate) => !isHeadOfAnother(rate, overloading));
  const candidates = lasting.length > 0 ? lasting : large;
  const reference = candidates.reduce<TrainRate | null>(
    (best, rate) => (best === null || scoreOf(rate) > scoreOf(best) ? rate : best),
    null,
  );
  if (reference === null) return null;
  const clear = candidates.filter((rate) => rate === reference || rate.relativeHalfWidth < TOO_VAGUE);
  const view = weighDispersion(clear, reference) ?? weighRates(clear, reference);
  return composeResult(view, { reference, rates, clear, isCarried: overloading.length === 0, direction });
}

/** One reading of the trains: what it says, and which of them it leaves unexplained. */
interface CapacityView {
  readonly value: number;
  readonly halfWidth: number;
  readonly explained: readonly TrainRate[];
  /** In words, for the method. */
  readonly basis: string;
  /** As in CapacityResult. */
  readonly batchNs?: number;
}

function weighRates(clear: readonly TrainRate[], reference: TrainRate): CapacityView {
  const extrapolated = extrapolateRate(clear);
  if (extrapolated?.isSeen === true)
    return { ...extrapolated, explained: clear, basis: ', extrapolated over other traffic' };
  const explained = clear.filter((rate) => agrees(rate, reference));
  const batches = reference.batchedShare > MOSTLY_BATCHED ? { batchNs: reference.batchNs } : {};
  return { ...combine(explained), explained, basis: '', ...batches };
}

/**
 * The rate inside bulks, where it explains what whole trains got: a link of that rate which carries less other traffic than it
 * can. null where there is no such rate, or where trains got so little that a bucket of tokens must have stood in the way.
 */
function weighDispersion(clear: readonly TrainRate[], reference: TrainRate): CapacityView | null {
  // Bulks that met a queue cannot have passed on tokens; the others may have, and must explain what whole trains got.
  const queued = clear.filter(({ dispersion }) => dispersion?.isBacklogged === true);
  const bulks = (queued.length > 0 ? queued : clear).flatMap((rate) => toBulkRate(rate) ?? []);
  if (bulks.length === 0) return null;
  // What other traffic adds is guessed from the same trains: its error does not shrink with their number.
  const guessed = ADDED_MARGIN * Math.max(...bulks.map(({ addedShare }) => addedShare));
  const bare = combine(bulks);
  const inside = { value: bare.value, halfWidth: Math.hypot(bare.halfWidth, guessed) };
  const isExplained = queued.length > 0 || clear.every((rate) => isTraffic(rate, inside));
  if (!isExplained || inside.value * (1 + inside.halfWidth + AGREEMENT) < reference.rateBitsPerSec) return null;
  const helping = inside.halfWidth < PRECISE ? [] : selectHelping(clear, inside);
  return {
    ...(helping.length === 0 ? inside : combine([toRate(inside), ...helping])),
    explained: clear,
    basis: ', inside bulks of back-to-back packets',
  };
}

/** Whether other traffic explains that a train came slower than bulks of packets: it leaves something, and fills a queue. */
function isTraffic(rate: TrainRate, inside: Combined): boolean {
  const share = computeTrafficShare(rate, inside);
  const isDropped = rate.missingShare > MANY_MISSING && isOverload(rate) && rate.plannedShare > 0;
  return share < MOST_TRAFFIC && !(share > 0 && isDropped);
}

/** What whole trains add to bulks that are not precise: the line through what they got at different rates, and each of them. */
function selectHelping(clear: readonly TrainRate[], inside: Combined): Rate[] {
  const whole = clear.filter(({ lostShare }) => lostShare < FEW_MISSING);
  const line = extrapolateRate(whole.map(countHalfOfMissing));
  const near =
    line !== null && Math.abs(line.value / inside.value - 1) < line.halfWidth + inside.halfWidth ? line : null;
  const lines = near === null ? [] : [{ rateBitsPerSec: near.value, relativeHalfWidth: near.halfWidth }];
  if (near?.isSeen === true) return lines;
  const first = near === null ? inside : combine([...lines, toRate(inside)]);
  return [...lines, ...whole.flatMap((rate) => toPlainRate(rate, first) ?? [])];
}

interface Rate {
  readonly rateBitsPerSec: number;
  readonly relativeHalfWidth: number;
}

interface BulkRate extends Rate {
  readonly addedShare: number;
}

interface Combined {
  readonly value: number;
  readonly halfWidth: number;
}

/** What the bulks of a train say, less what other traffic adds to a mean. null where they left no faster than they came. */
function toBulkRate(rate: TrainRate): BulkRate | null {
  const { dispersion } = rate;
  if (dispersion === null || dispersion.departureShare > SLOW_DEPARTURE) return null;
  const { rateBitsPerSec, relativeHalfWidth } = dispersion;
  const addedShare = dispersion.kind === 'mode' ? 0 : computeAddedShare(rate, dispersion);
  return { rateBitsPerSec: rateBitsPerSec * (1 + addedShare), relativeHalfWidth, addedShare };
}

function toRate({ value, halfWidth }: Combined): Rate {
  return { rateBitsPerSec: value, relativeHalfWidth: halfWidth };
}

/**
 * What other traffic adds to the mean gap inside bulks, as a share of the bare gap: the line of `extrapolateRate` through the bulks,
 * which hardly waited for the sender, and the whole train, which did.
 */
function computeAddedShare(rate: TrainRate, dispersion: BulkDispersion): number {
  const isSeen =
    dispersion.rateBitsPerSec * (1 - dispersion.relativeHalfWidth) > rate.rateBitsPerSec * (1 + rate.relativeHalfWidth);
  if (!isSeen) return 0;
  const insideTime = 1 / dispersion.rateBitsPerSec;
  // What was lost behind the narrow link took its time: it is not other traffic.
  const lost = rate.lostShare < FEW_MISSING ? rate.lostShare : 0;
  const wholeTime = 1 / (rate.rateBitsPerSec * (1 + lost));
  const insideOffered = Math.max(0, dispersion.departureShare || 0) * insideTime;
  const wholeOffered = Math.max(rate.plannedShare || 0, rate.departureShare || 0) * wholeTime;
  const slope = (wholeTime - insideTime) / (wholeOffered - insideOffered);
  if (!(slope > 0) || wholeOffered < 2 * insideOffered) return 0;
  return Math.min(1, insideTime / (insideTime - Math.min(1, slope) * insideOffered) - 1);
}

/** Packets may have been lost behind the narrow link, where they took their time, or in front of it. */
function countHalfOfMissing(rate: TrainRate): TrainRate {
  const half = rate.lostShare / 2;
  return {
    ...rate,
    rateBitsPerSec: rate.rateBitsPerSec * (1 + half),
    relativeHalfWidth: Math.hypot(rate.relativeHalfWidth, half),
  };
}

/** A whole train that agrees with the bulks: a little other traffic would slow it, and not be seen. null where it does not agree. */
function toPlainRate(rate: TrainRate, inside: Combined): Rate | null {
  const { rateBitsPerSec, relativeHalfWidth } = countHalfOfMissing(rate);
  const shortfall = inside.value / rateBitsPerSec - 1;
  if (Math.abs(shortfall) > relativeHalfWidth + LENIENCE * inside.halfWidth) return null;
  const margin = Math.max(0, shortfall + inside.halfWidth / 2) / 3;
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
  if (timeShare < LEAST_TIME_SHARE && passed > MUCH_LOWER) return 0;
  return passed < 1 ? (1 - passed) / timeShare : 0;
}

interface Surroundings {
  readonly reference: TrainRate;
  readonly rates: readonly TrainRate[];
  readonly clear: readonly TrainRate[];
  /** No train overloaded the path. */
  readonly isCarried: boolean;
  readonly direction: Direction;
}

function composeResult(
  view: CapacityView,
  { reference, rates, clear, isCarried, direction }: Surroundings,
): CapacityResult {
  const { value, halfWidth, explained } = view;
  const disputing = clear.filter((rate) => !explained.includes(rate));
  const isDisputed = disputing.some((rate) => rate.passedBytes > SHORT_SHARE * reference.passedBytes);
  const boundedBy = isCarried ? 'The path carried all that was sent' : findOwnLimit(reference, rates, isDisputed);
  const isBatched = view.batchNs !== undefined;
  const interval = spanInterval(value, halfWidth, isDisputed ? clear : []);
  const samples = explained.reduce((sum, rate) => sum + rate.arrivals, 0);
  return {
    estimate: {
      value,
      ...interval,
      ...(isBatched ? { high: Math.max(interval.high, value * BATCHED_FACTOR) } : {}),
      ...(boundedBy === null
        ? {}
        : { low: value * (1 - Math.max(halfWidth, BOUND_MARGIN)), high: value * UNBOUNDED_FACTOR }),
      method: `${METHOD}, ${DIRECTIONS[direction]}${view.basis}`,
      samples,
      ...judge(isDisputed || isBatched ? 1 : halfWidth, samples, boundedBy !== null),
    },
    boundedBy,
    isDisputed,
    isDoubted: disputing.length > 0,
    halfWidth,
    batchNs: view.batchNs ?? null,
    // Where other traffic slowed the tail, the head passed on no tokens.
    burstBytes:
      value > HEADLESS * reference.rateBitsPerSec ? 0 : findLargest(explained, ({ burstBytes }) => burstBytes),
    pushedBytes: findLargest(selectLargeTrains(rates), ({ passedBytes }) => passedBytes),
  };
}

function findLargest(rates: readonly TrainRate[], pick: (rate: TrainRate) => number): number {
  return rates.reduce((most, rate) => Math.max(most, pick(rate)), 0);
}

/** Where trains disagree and nothing explains it, the interval holds what each of them says. */
function spanInterval(
  value: number,
  halfWidth: number,
  disputing: readonly TrainRate[],
): { low: number; high: number } {
  const lows = disputing.map((rate) => rate.rateBitsPerSec * (1 - rate.relativeHalfWidth));
  const highs = disputing.map((rate) => rate.rateBitsPerSec * (1 + rate.relativeHalfWidth));
  return { low: Math.min(value * (1 - halfWidth), ...lows), high: Math.max(value * (1 + halfWidth), ...highs) };
}

/**
 * A train that pushed more bytes through came to a clearly lower rate, and showed tokens enough for this one to have passed on
 * them, or is so much slower that other traffic is no explanation: this one saw only the head of a bucket.
 */
function isHeadOfAnother(rate: TrainRate, rates: readonly TrainRate[]): boolean {
  return rates.some((other) => {
    const ratio = other.rateBitsPerSec / rate.rateBitsPerSec;
    const isLower = ratio * (1 + other.relativeHalfWidth) < LOWER * (1 - rate.relativeHalfWidth);
    const hasTokens = other.hasKnee && rate.passedBytes <= 2 * other.burstBytes;
    return other.passedBytes >= rate.passedBytes && isLower && (hasTokens || ratio < MUCH_LOWER);
  });
}

/** A train with too few replies behind its knee must not outrank a short one that is steady. */
function scoreOf(rate: TrainRate): number {
  return rate.passedBytes * Math.min(1, rate.arrivals / 20) ** 2;
}

function agrees(rate: TrainRate, reference: Rate): boolean {
  const difference = Math.abs(rate.rateBitsPerSec / reference.rateBitsPerSec - 1);
  return difference <= rate.relativeHalfWidth + reference.relativeHalfWidth + AGREEMENT;
}

/** Inverse-variance mean; its half-width never below what the spread of the trains themselves says. */
function combine(rates: readonly Rate[]): Combined {
  let weights = 0;
  let sum = 0;
  for (const rate of rates) {
    const weight = rate.relativeHalfWidth ** -2;
    weights += weight;
    sum += weight * rate.rateBitsPerSec;
  }
  const value = sum / weights;
  const scatter = rates.reduce(
    (total, rate) => total + rate.relativeHalfWidth ** -2 * (rate.rateBitsPerSec / value - 1) ** 2,
    0,
  );
  const spread = rates.length > 1 ? 2 * Math.sqrt(scatter / weights / (rates.length - 1)) : 0;
  return { value, halfWidth: Math.min(1, Math.max(1 / Math.sqrt(weights), spread)) };
}

/**
 * Compares the trains with ones of smaller packets: a link's time goes by bytes, a processor's by packets. And a link has one
 * pace, while a processor's changes from train to train.
 */
function findOwnLimit(reference: TrainRate, rates: readonly TrainRate[], isDisputed: boolean): string | null {
  if (isDisputed && isDoubtful(reference) && isSelfPaced(reference)) {
    return 'Packets left no faster than their replies came, each train at another pace';
  }
  const checks = rates.filter((rate) => rate.frameBytes <= CHECK_SIZE_SHARE * reference.frameBytes);
  const share = Math.min(...checks.map((rate) => timePerPacket(rate) / timePerPacket(reference)));
  if (checks.length === 0)
    return isDoubtful(reference) && isSelfPaced(reference) ? 'Packets left no faster than their replies came' : null;
  return share > BY_PACKETS_ABOVE ? 'Time went by packets, not by bytes, as in a processor and not on a link' : null;
}

function timePerPacket(rate: TrainRate): number {
  return rate.frameBytes / rate.rateBitsPerSec;
}

function judge(halfWidth: number, samples: number, isBound: boolean): Pick<Estimate, 'quality' | 'limitedBy'> {
  if (isBound) return { quality: 'poor', limitedBy: 'probe' };
  if (halfWidth <= GOOD_HALF_WIDTH) return { quality: 'good', limitedBy: null };
  const limitedBy = samples < 20 ? 'samples' : 'noise';
  return { quality: halfWidth <= FAIR_HALF_WIDTH ? 'fair' : 'poor', limitedBy };
}
