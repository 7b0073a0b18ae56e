// The two directions differ in rate: what access lines are sold as, and sometimes a port or a shaper that only one direction passes.
import { formatFigure, RATE } from '../../model/figures.js';
import type { Estimate } from '../../model/estimates.js';
import type { Finding } from '../../model/report.js';
import { BITS_PER_BYTE, ETHERNET_HEADER_BYTES, NS_PER_SEC } from '../../model/units.js';
import { computeFarDepartureCurve, computeForwardCurve, computeReplyCurve } from '../estimators/load/arrival-curve.js';
import type { ArrivalCurve } from '../estimators/load/arrival-curve.js';
import { Z_95 } from '../statistics/wilson-interval.js';
import { computePosterior } from './observations.js';
import type { Judgement, Observations } from './observations.js';

/** Access lines with two rates, among all paths. */
const PRIOR = 0.2;
/**
 * Equal lines differ by so much in what their frames take, as a factor's logarithm; some by more, where one direction loses packets of the trains
 * or what others sent has just begun or ended.
 */
const EQUAL_SPREAD = 0.04;
const DISTURBED = { share: 0.05, spread: 0.15 } as const;
/** Rates that differ differ by 1.3 to 100 times, evenly on a logarithmic scale. */
const LEAST_LOG = Math.log(1.3);
const MOST_LOG = Math.log(100);
const LEAST_PROBABILITY = 0.7;
/**
 * Other traffic that takes its share of one direction makes it look slower than it is: then packets at rest mostly wait there, too, for packets
 * of others at the faster rate, and large packets do not take as long as on a link so slow. A line that a shaper makes slow does not show by
 * size either.
 */
const BUSY_PRIOR = 0.15;
const WAITS = { unequal: { seen: 0.25 }, busy: { seen: 0.9 } } as const;
const TOO_FAST = { unequal: { seen: 0.17 }, busy: { seen: 0.6 } } as const;
/** Share of replies that come more than once from which on copies take room that is missed. */
const LEAST_COPIED = 0.05;
/** Waits at rest: of so much of a full packet, and so many times what half of the packets wait in the quieter direction. */
const WAITING_PACKETS = 0.5;
const NOISE_FACTOR = 2.5;
/** Standard deviation of the logarithm of a pace without an interval of its own by so many arrivals, and the fewest that tell one. */
const PACE_SPREAD = 0.08;
const PACE_ARRIVALS = 30;
const LEAST_ARRIVALS = 15;
const LEAST_FILLING = 0.7;

export function judgeAsymmetricRate(observations: Observations): Judgement | null {
  const rates = selectSurest(readCapacities(observations), readPaces(observations));
  if (rates === null) return null;
  const { forward, reverse, logSpread } = rates;
  const logRatio = Math.abs(Math.log(forward / reverse));
  if (logRatio <= computeCopiedLog(observations) + 2 * logSpread) {
    return { condition: 'asymmetric-rate', probability: PRIOR, finding: null };
  }
  const disturbed = Math.hypot(DISTURBED.spread, logSpread);
  const density =
    (1 - DISTURBED.share) * computeNormalDensity(logRatio, logSpread) +
    DISTURBED.share * computeNormalDensity(logRatio, disturbed);
  const isWithin = logRatio >= LEAST_LOG - 2 * logSpread && logRatio <= MOST_LOG;
  // Either direction may be the faster one.
  const spread = isWithin ? 1 / (2 * (MOST_LOG - LEAST_LOG)) : 0;
  const [waits, isTooFast] = [waitsAtRest(observations, rates), isTooFastForSizes(observations, rates)];
  const chance = (isSo: boolean, { seen }: { readonly seen: number }): number => (isSo ? seen : 1 - seen);
  const probability = computePosterior([
    Math.log(PRIOR * spread * chance(waits, WAITS.unequal) * chance(isTooFast, TOO_FAST.unequal)),
    Math.log((1 - PRIOR - BUSY_PRIOR) * density),
    Math.log(BUSY_PRIOR * spread * chance(waits, WAITS.busy) * chance(isTooFast, TOO_FAST.busy)),
  ]);
  if (!(probability >= LEAST_PROBABILITY)) return { condition: 'asymmetric-rate', probability, finding: null };
  return { condition: 'asymmetric-rate', probability, finding: describe(rates, probability) };
}

/** By how much copies of packets may slow a direction down, as a logarithm: a difference up to that tells nothing. −Infinity where there are none. */
function computeCopiedLog({ estimates: { duplication }, all }: Observations): number {
  if (duplication === null || duplication.low < LEAST_COPIED) return -Infinity;
  const most = all.reduce((copies, trace) => trace.duplicates.reduce((a, b) => Math.max(a, b), copies), 0);
  return Math.log(1 + most);
}

function computeNormalDensity(value: number, spread: number): number {
  return Math.exp(-0.5 * (value / spread) ** 2) / (spread * Math.sqrt(2 * Math.PI));
}

/** Bits per second, and the standard deviation of the logarithm of their ratio. */
interface Rates {
  readonly forward: number;
  readonly reverse: number;
  readonly logSpread: number;
  /** Whether the faster of them may be any faster. */
  readonly isLeast: boolean;
}

/** A capacity that may be anything says less than the pace of one load there and back. */
function selectSurest(capacities: Rates | null, paces: Rates | null): Rates | null {
  if (capacities === null || paces === null) return capacities ?? paces;
  return paces.logSpread < capacities.logSpread ? paces : capacities;
}

function readCapacities({ estimates }: Observations): Rates | null {
  const { forward, reverse } = estimates.capacity;
  if (forward === null || reverse === null || !isUsable(forward, reverse)) return null;
  const logSpread = computeLogSpread(forward, reverse);
  return { forward: forward.value, reverse: reverse.value, logSpread, isLeast: false };
}

/**
 * Where a direction has no capacity to rely on: replies to a load that came back much slower than they left. The way there may be
 * faster still.
 */
function readPaces({ byPhase }: Observations): Rates | null {
  const paces = byPhase.capacity.flatMap((trace) => {
    if (trace.stamps.far === null) return [];
    const forward = computePace(computeForwardCurve(trace));
    const reverse = computePace(computeReplyCurve(trace));
    if (forward === null || reverse === null) return [];
    // A host that answers slower than it is asked sends no faster than the way back may carry.
    const leaving = computePace(computeFarDepartureCurve(trace)) ?? Infinity;
    const arrivals = Math.min(PACE_ARRIVALS, trace.rxOffsetNs.filter(Number.isFinite).length >> 1);
    const logSpread = PACE_SPREAD * Math.sqrt(PACE_ARRIVALS / arrivals);
    return [{ forward: Math.min(forward, leaving), reverse, logSpread, isLeast: true }];
  });
  // Of those that came fastest all fill a way back that is slower; the widest of them would be the luckiest.
  const fastest = paces.reduce((most, { forward }) => Math.max(most, forward), 0);
  const filling = paces.filter(({ forward }) => forward >= LEAST_FILLING * fastest);
  const [usual] = filling.sort((a, b) => a.forward / a.reverse - b.forward / b.reverse).slice(filling.length >> 1);
  return usual !== undefined && usual.forward > usual.reverse ? usual : null;
}

/** Of the latter half of a load, bits of frames per second; null where it is too short to tell. */
function computePace({ timeNs, packets, sizeBytes }: ArrivalCurve): number | null {
  const last = timeNs.length - 1;
  const half = last >> 1;
  const spanNs = (timeNs[last] ?? 0) - (timeNs[half] ?? 0);
  if (last - half < LEAST_ARRIVALS || !(spanNs > 0)) return null;
  const bits = ((packets[last] ?? 0) - (packets[half] ?? 0)) * (sizeBytes + ETHERNET_HEADER_BYTES) * BITS_PER_BYTE;
  return (bits * NS_PER_SEC) / spanNs;
}

/** Whether packets at rest wait in the slower direction as if others sent there at the faster rate. */
function waitsAtRest({ estimates: { oneWay }, path }: Observations, { forward, reverse }: Rates): boolean {
  const delay = forward < reverse ? oneWay.forward : oneWay.reverse;
  if (delay === null) return false;
  const noiseNs = Math.min(
    ...[oneWay.forward, oneWay.reverse].map((one) => (one === null ? Infinity : one.p50Ns - one.minNs)),
  );
  const packetNs = (path.mtuBytes * BITS_PER_BYTE * NS_PER_SEC) / Math.max(forward, reverse);
  return delay.p95Ns - delay.minNs > Math.max(WAITING_PACKETS * packetNs, NOISE_FACTOR * noiseNs);
}

/** Whether large packets make the round trip in less than links of these two rates take to send them. */
function isTooFastForSizes({ estimates, path }: Observations, rates: Rates): boolean {
  const { forward, reverse, logSpread, isLeast } = rates;
  if (estimates.serialisation === null || path.replySize !== 'same') return false;
  const [slow, fast] = forward < reverse ? [forward, reverse] : [reverse, forward];
  const nsPerByteOf = (rate: number): number => (BITS_PER_BYTE * NS_PER_SEC) / rate;
  const least = (isLeast ? 0 : nsPerByteOf(fast)) + nsPerByteOf(slow * Math.exp(Z_95 * logSpread));
  return least > estimates.serialisation.high;
}

/** A lower bound may stand for the faster direction, not for the slower one. */
function isUsable(forward: Estimate, reverse: Estimate): boolean {
  const slower = forward.value < reverse.value ? forward : reverse;
  const isBound = slower.limitedBy === 'probe' || slower.limitedBy === 'target';
  return !isBound && forward.value > 0 && reverse.value > 0;
}

/** Standard deviation of the logarithm of equal rates' ratio, by the sides of the intervals that face each other. */
function computeLogSpread(one: Estimate, other: Estimate): number {
  const [slow, fast] = one.value < other.value ? [one, other] : [other, one];
  const above = Math.log(Math.max(slow.high, slow.value) / slow.value) / Z_95;
  const below = Math.log(fast.value / Math.max(Math.min(fast.low, fast.value), fast.value * 1e-3)) / Z_95;
  return Math.hypot(EQUAL_SPREAD, above, below);
}

function describe({ forward, reverse }: Rates, probability: number): Finding {
  const isForwardSlow = forward < reverse;
  const text = `${formatFigure(forward, RATE)} towards the target, ${formatFigure(reverse, RATE)} from it`;
  return {
    condition: 'asymmetric-rate',
    probability,
    severity: 'info',
    where: { kind: 'path' },
    direction: isForwardSlow ? 'forward' : 'reverse',
    evidence: [{ text, metric: 'capacity.reverse', value: Math.round(reverse), expected: Math.round(forward) }],
    advice:
      'Usual for DSL, cable and mobile access. Where both rates should be equal, look for a shaper on, or a lower port speed of, ' +
      `the ${isForwardSlow ? 'way to' : 'way from'} the target.`,
  };
}
