// Capacity of the narrow link from the rates of several trains: which of them speak of the path, and what they say together.
// Counted on Ethernet frames without FCS and preamble (IP packet + 14 bytes), as a Linux queueing discipline counts.
import type { PathDescription } from '../../../model/path.js';
import type { Estimate } from '../../../model/estimates.js';
import { countHalfOfLost, FEW_MISSING, findSlots, isHeldBack, weighDispersion } from './bulk-evidence.js';
import type { CapacityView } from './bulk-evidence.js';
import { combine } from './combined-rate.js';
import type { Combined, Rate } from './combined-rate.js';
import { describeOwnCeiling } from './own-ceiling.js';
import type { Direction } from './own-ceiling.js';
import { extrapolateRate } from './rate-extrapolation.js';
import { isHeadOnly, isOverload, isSelfPaced, PACED_ABOVE } from './train-rate.js';
import type { TrainRate } from './train-rate.js';

export interface CapacityResult {
  readonly estimate: Estimate;
  /** Why it is only a lower bound, as a sentence; null where it is a capacity. */
  readonly boundedBy: string | null;
  /** Whether long trains of which neither saw only a bucket's head disagree, with nothing to explain it. */
  readonly isDisputed: boolean;
  /** Whether only what tokens let pass was seen, so that the lasting rate is somewhere below. */
  readonly isCutOff: boolean;
  /** Whether any train disagrees, also a short one that may have passed on tokens. */
  readonly isDoubted: boolean;
  /** Half of the 95 % interval as a share of the value, before a bound or a dispute widened it. */
  readonly halfWidth: number;
  /** Bytes that passed faster before the lasting rate set in; 0 where none were seen. */
  readonly burstBytes: number;
  /** Time from batch to batch where packets come in batches, so that single gaps say nothing; null where they do not. */
  readonly batchNs: number | null;
  /** Whether these are packets that share an interrupt and its stamp. */
  readonly sharesStamps: boolean;
  /** Bytes that one train pushed through at most, and for how long: tokens beyond that were not seen. */
  readonly pushedBytes: number;
  readonly pushedNs: number;
}

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
/** More packets than this right behind another: they come in batches. */
const MOSTLY_BATCHED = 0.5;
/** Behind batches other traffic does not show; a third of the link's capacity may be its. */
const BATCHED_FACTOR = 1.5;
/** A capacity this far above what whole trains got. */
const HEADLESS = 1.1;
const GOOD_HALF_WIDTH = 0.02;
const FAIR_HALF_WIDTH = 0.06;
/** Above a lower bound anything is possible; the interval says so by this factor. */
const UNBOUNDED_FACTOR = 10;
/** A lower bound itself is no more certain than a processor's speed from one moment to the next. */
const BOUND_MARGIN = 0.1;

/** Rates that a processor or a driver may have set instead of a link; below both bounds none is that slow. */
export const DOUBTFUL_ABOVE = 250e6;
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
 * with it are averaged by inverse variance. `direction` is that in which trains were watched: `both` where the far end only
 * echoes. Without a path nothing is known of the probe's own port. null without a train.
 */
export function estimateCapacity(
  rates: readonly TrainRate[],
  direction: Direction = 'both',
  path: PathDescription | null = null,
): CapacityResult | null {
  const large = selectLargeTrains(rates);
  const overloading = large.filter(isOverload);
  const lasting = overloading.filter((rate) => !isHeadOfAnother(rate, overloading) && !isHeadOnly(rate));
  const isCutOff = overloading.some(isHeadOnly) && !lasting.some((rate) => rate.plannedShare > PACED_ABOVE);
  const candidates = lasting.length > 0 ? lasting : large;
  const reference = candidates.reduce<TrainRate | null>(
    (best, rate) => (best === null || scoreOf(rate) > scoreOf(best) ? rate : best),
    null,
  );
  if (reference === null) return null;
  const clear = candidates.filter((rate) => rate === reference || rate.relativeHalfWidth < TOO_VAGUE);
  const view = weighDispersion(clear, reference) ?? weighRates(clear, reference);
  return composeResult(view, {
    reference,
    rates,
    clear,
    isCarried: overloading.length === 0,
    isCutOff,
    direction,
    path,
  });
}

function weighRates(clear: readonly TrainRate[], reference: TrainRate): CapacityView {
  const slotNs = findSlots(clear);
  const extrapolated = slotNs === null ? extrapolateRate(clear) : null;
  if (extrapolated?.isSeen === true)
    return { ...extrapolated, explained: clear, basis: ', extrapolated over other traffic' };
  const explained = clear.filter((rate) => agrees(rate, reference));
  const combined = combineWhole(explained);
  const isBatched = reference.sharesStamps || reference.batchedShare > MOSTLY_BATCHED;
  if (!isBatched && slotNs === null) return { ...combined, explained, basis: '' };
  // A train may begin and end anywhere in a slot.
  const batchNs = isBatched ? reference.batchNs : (slotNs ?? 0);
  return {
    ...combined,
    halfWidth: Math.max(combined.halfWidth, batchNs / reference.spanNs),
    explained,
    basis: '',
    batchNs,
  };
}

/** With a few packets lost, which may have taken their time on the link or not. */
function combineWhole(rates: readonly TrainRate[]): Combined {
  const few = rates.map((rate) => (rate.lostShare < FEW_MISSING ? countHalfOfLost(rate) : rate));
  const unplaced = rates.reduce(
    (most, { lostShare }) => Math.max(most, lostShare < FEW_MISSING ? lostShare / 2 : 0),
    0,
  );
  const { value, halfWidth } = combine(few);
  return { value, halfWidth: Math.hypot(halfWidth, unplaced) };
}

interface Surroundings {
  readonly reference: TrainRate;
  readonly rates: readonly TrainRate[];
  readonly clear: readonly TrainRate[];
  /** No train overloaded the path. */
  readonly isCarried: boolean;
  /** All that came was what tokens let pass: the lasting rate is below that. */
  readonly isCutOff: boolean;
  readonly direction: Direction;
  readonly path: PathDescription | null;
}

function composeResult(view: CapacityView, surroundings: Surroundings): CapacityResult {
  const { reference, rates, clear, isCutOff, direction } = surroundings;
  const { value, halfWidth, explained } = view;
  const disputing = clear.filter((rate) => !explained.includes(rate));
  const belied = clear.flatMap((rate) => rate.belied ?? []);
  const isDisputed =
    belied.length > 0 || disputing.some((rate) => rate.passedBytes > SHORT_SHARE * reference.passedBytes);
  const boundedBy = findBound(value, isDisputed, surroundings);
  const isBatched = view.batchNs !== undefined;
  const interval = spanInterval(value, halfWidth, isDisputed ? [...clear, ...belied] : []);
  const samples = explained.reduce((sum, rate) => sum + rate.arrivals, 0);
  return {
    estimate: {
      value,
      ...interval,
      ...(isBatched ? { high: Math.max(interval.high, value * BATCHED_FACTOR) } : {}),
      ...(boundedBy === null
        ? {}
        : { low: value * (1 - Math.max(halfWidth, BOUND_MARGIN)), high: computeUnboundedHigh(value, reference) }),
      method: `${METHOD}, ${DIRECTIONS[direction]}${view.basis}`,
      samples,
      ...(isCutOff ? { low: 0 } : {}),
      ...judge(isDisputed || isBatched || isCutOff ? 1 : halfWidth, samples, boundedBy !== null),
    },
    boundedBy,
    isDisputed,
    isCutOff,
    isDoubted: disputing.length > 0,
    halfWidth,
    sharesStamps: reference.sharesStamps,
    batchNs: view.batchNs ?? (reference.sharesStamps ? reference.batchNs : null),
    // Where other traffic slowed the tail, the head passed on no tokens.
    burstBytes:
      value > HEADLESS * reference.rateBitsPerSec ? 0 : findLargest(explained, ({ burstBytes }) => burstBytes),
    pushedBytes: findLargest(selectLargeTrains(rates), ({ passedBytes }) => passedBytes),
    pushedNs: findLargest(selectLargeTrains(rates), ({ spanNs }) => spanNs),
  };
}

/** Never below what bulks of packets came at. */
function computeUnboundedHigh(value: number, { dispersion }: TrainRate): number {
  const inside = dispersion === null ? 0 : dispersion.rateBitsPerSec * (1 + dispersion.relativeHalfWidth);
  return Math.max(value * UNBOUNDED_FACTOR, inside);
}

function findLargest(rates: readonly TrainRate[], pick: (rate: TrainRate) => number): number {
  return rates.reduce((most, rate) => Math.max(most, pick(rate)), 0);
}

/** Where trains disagree and nothing explains it, the interval holds what each of them says. */
function spanInterval(value: number, halfWidth: number, disputing: readonly Rate[]): { low: number; high: number } {
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

/** Why the value may be less than the path can do; null where the path set it. */
function findBound(value: number, isDisputed: boolean, surroundings: Surroundings): string | null {
  const { reference, rates, isCarried, direction, path } = surroundings;
  const own = path && describeOwnCeiling(value, { path, frameBytes: reference.frameBytes, direction });
  if (own !== null) return own;
  if (isCarried) return 'The path carried all that was sent';
  // What bulks say is free of it.
  const isOfWholeTrains = value < reference.rateBitsPerSec * (1 + reference.relativeHalfWidth);
  if (isOfWholeTrains && isSelfPaced(reference) && isHeldBack(reference))
    return 'Packets waited for others before they left';
  return findOwnLimit(reference, rates, isDisputed);
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
