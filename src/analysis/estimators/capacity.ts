// Capacity of the narrow link from the rates of several trains: which of them speak of the path, and what they say together.
// Counted on Ethernet frames without FCS and preamble (IP packet + 14 bytes), as a Linux queueing discipline counts.
import type { Estimate } from '../../model/report.js';
import type { TrainRate } from './train-rate.js';

export interface CapacityResult {
  readonly estimate: Estimate;
  /** Why it is only a lower bound, as a sentence; null where it is a capacity. */
  readonly boundedBy: string | null;
  /** Bytes that passed faster before the lasting rate set in; 0 where none were seen. */
  readonly burstBytes: number;
}

/** A train overloads the narrow link if its replies come this much slower than it was to leave. */
const OVERLOADED_BELOW = 0.96;
/** Departures this close to the arrivals: the packets left no faster than they came back. */
const SELF_PACED_ABOVE = 0.9;
/** Trains of smaller packets that took this share of the time per packet: time goes by packets, not by bytes. */
const BY_PACKETS_ABOVE = 0.75;
/** Trains of packets below this share of the largest size check what time goes by; they give no rate. */
const CHECK_SIZE_SHARE = 0.7;
/** Rates of two trains agree within their intervals plus this. */
const AGREEMENT = 0.02;
/** An interval this wide agrees with anything. */
const TOO_VAGUE = 0.2;
/** Clearly lower, intervals apart: by more than cross traffic on one train would explain. */
const LOWER = 0.9;
const GOOD_HALF_WIDTH = 0.02;
const FAIR_HALF_WIDTH = 0.06;
/** Above a lower bound anything is possible; the interval says so by this factor. */
const UNBOUNDED_FACTOR = 10;

export function isOverload(rate: TrainRate): boolean {
  return !(rate.plannedShare > OVERLOADED_BELOW);
}

/** Whether the packets' departures alone could explain the pace of the replies. */
export function isSelfPaced(rate: TrainRate): boolean {
  return rate.departureShare > SELF_PACED_ABOVE;
}

export function selectLargeTrains(rates: readonly TrainRate[]): readonly TrainRate[] {
  const largest = rates.reduce((most, rate) => Math.max(most, rate.frameBytes), 0);
  return rates.filter((rate) => rate.frameBytes > CHECK_SIZE_SHARE * largest);
}

/**
 * The train that pushed most bytes through is the reference, since only it may have emptied a token bucket; trains that agree
 * with it are averaged by inverse variance. null without a train.
 */
export function estimateCapacity(rates: readonly TrainRate[]): CapacityResult | null {
  const large = selectLargeTrains(rates);
  const overloading = large.filter(isOverload);
  const lasting = overloading.filter((rate) => !isHeadOfAnother(rate, overloading));
  const candidates = lasting.length > 0 ? lasting : large;
  const reference = candidates.reduce<TrainRate | null>(
    (best, rate) => (best === null || scoreOf(rate) > scoreOf(best) ? rate : best),
    null,
  );
  if (reference === null) return null;
  const agreeing = candidates.filter((rate) => agrees(rate, reference));
  const { value, halfWidth } = combine(agreeing);
  const boundedBy = overloading.length === 0 ? 'The path carried all that was sent' : findOwnLimit(reference, rates);
  const samples = agreeing.reduce((sum, rate) => sum + rate.arrivals, 0);
  return {
    estimate: {
      value,
      low: value * (1 - halfWidth),
      high: boundedBy === null ? value * (1 + halfWidth) : value * UNBOUNDED_FACTOR,
      method:
        'dispersion of packet trains behind the burst of a token bucket; Ethernet frames without FCS; ' +
        'the narrower direction where only echoes come back',
      samples,
      ...judge(halfWidth, samples, boundedBy !== null),
    },
    boundedBy,
    burstBytes: agreeing.reduce((most, rate) => Math.max(most, rate.burstBytes), 0),
  };
}

/** A train that pushed more bytes through came to a clearly lower rate: this one saw only the tokens of a bucket. */
function isHeadOfAnother(rate: TrainRate, rates: readonly TrainRate[]): boolean {
  return rates.some(
    (other) =>
      other.passedBytes >= rate.passedBytes &&
      other.rateBitsPerSec * (1 + other.relativeHalfWidth) < LOWER * rate.rateBitsPerSec * (1 - rate.relativeHalfWidth),
  );
}

/** A train with too few replies behind its knee must not outrank a short one that is steady. */
function scoreOf(rate: TrainRate): number {
  return rate.passedBytes * Math.min(1, rate.arrivals / 20) ** 2;
}

function agrees(rate: TrainRate, reference: TrainRate): boolean {
  const difference = Math.abs(rate.rateBitsPerSec / reference.rateBitsPerSec - 1);
  const tolerance = rate.relativeHalfWidth + reference.relativeHalfWidth + AGREEMENT;
  return rate === reference || (difference <= tolerance && rate.relativeHalfWidth < TOO_VAGUE);
}

/** Inverse-variance mean; its half-width never below what the spread of the trains themselves says. */
function combine(rates: readonly TrainRate[]): { value: number; halfWidth: number } {
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

/** Compares the trains with one of smaller packets: a link's time goes by bytes, a processor's by packets. */
function findOwnLimit(reference: TrainRate, rates: readonly TrainRate[]): string | null {
  const checks = rates.filter((rate) => rate.frameBytes <= CHECK_SIZE_SHARE * reference.frameBytes);
  const share = Math.min(...checks.map((rate) => timePerPacket(rate) / timePerPacket(reference)));
  if (checks.length === 0) return isSelfPaced(reference) ? 'Packets left no faster than their replies came' : null;
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
