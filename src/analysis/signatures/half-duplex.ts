// A link of 10 or 100 Mb/s on which both ends take turns (IEEE 802.3, clause 4): a hub, or a port that negotiated no better. No fault by
// itself. Told from the port's and its neighbour's word, and from replies that wait for requests that left later. Collisions that lose
// packets are judged elsewhere.
import { formatFigure, TIME } from '../../model/figures.js';
import type { Estimate } from '../../model/estimates.js';
import type { Evidence, Finding } from '../../model/report.js';
import { BITS_PER_BYTE, NS_PER_SEC } from '../../model/units.js';
import { chooseForwardLeg, readTrainRates } from '../examination/readings/train-readings.js';
import { measureSharedWaits } from '../estimators/capacity/shared-wait.js';
import type { SharedWait } from '../estimators/capacity/shared-wait.js';
import { computeMean, computeMedian } from '../statistics/quantile.js';
import { Z_95 } from '../statistics/wilson-interval.js';
import { computePosterior, formatCount } from './observations.js';
import type { Judgement, Observations } from './observations.js';

/** Links that run half duplex, among all paths. */
const PRIOR = 0.02;
const RATES = [10e6, 100e6] as const;
const LEAST_PROBABILITY = 0.9;

/** Replies wait for the train's end where the own station wins the medium and keeps it: in most trains, not in all. */
const CAPTURED_ABOVE = 0.15;
const CAPTURED = { shared: 0.7, calm: 0.03, busy: 0.3, restless: 0.65 } as const;
/** A reply that waits for longer than the whole train and a quarter of the longest backoff (802.3, 4.2.3.2.5) waits for something else. */
const CAPTURED_BELOW = 1.2;
const MOST_BACKOFF_BITS = 1023 * 512;
const BACKOFF_WAITED = 0.25;
const TOO_LONG = { shared: 0.02, other: 0.1 } as const;
/** Trains of one path resemble each other: no more of them than this count as independent, and their spans for less. */
const MOST_TRAINS = 4;
const MOST_SPANS = 1.5;
/** A path whose queues at rest vary by this share of a train may delay a reply by chance, and by this one mostly does. */
const BUSY_ABOVE = 0.1;
const RESTLESS_ABOVE = 0.3;

/** Standard deviation of the logarithm of the span, more where backoff is long beside the train, and the share of spans that other hosts on the medium spoil. */
const SPAN_SPREAD = 0.08;
const SPREAD_BY_BACKOFF = 0.06;
const SPOILT = 0.1;
const SPOILT_WIDTH = 2;
/** Spans of separate directions: from a twentieth of it to twenty times, evenly on a logarithmic scale. */
const ANY_SPAN = 1 / Math.log(400);

/**
 * Slope of delay over size over that of the medium alone: other links add to it, none takes from it. Bounds of its logarithm, and its scatter
 * where the interval of the slope is narrow.
 */
const SLOPE_LOW = -0.12;
const SLOPE_HIGH = 0.6;
const SLOPE_SPREAD = 0.05;
/** Slopes of all paths: 1 Mb/s to 1 Gb/s. */
const ANY_SLOPE = 1 / Math.log(1000);
/**
 * Separate directions of equal rates that make a train last as long as the medium would each have half of its rate, and cost a packet twice as much: so
 * often the slope goes by the span in this way, and is anything else.
 */
const EQUAL_RATES = 0.6;
const STEPS = [-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2] as const;

/**
 * Back to back packets of one direction, while it has the medium, come at its whole rate: as a share of it in frames without preamble, gap and FCS, with
 * its scatter; replies that take turns with them make it less, down to half, and that shows in the interval. Links of that very rate, among all.
 */
const CAPACITY_SHARE = 1514 / 1538;
const CAPACITY_SPREAD = 0.015;
const SLOWED = { share: 0.02, density: 1 / Math.LN2 } as const;
const OF_THE_RATE = 0.3;
/** How near half the rate, in logarithms, directions come that last as long as the medium would. */
const HALF_SPREAD = 0.2;

/** What hosts gather before they stamp makes a train look faster by less. */
const FASTER = 1.3;

/** A port whose neighbour says half as well, one that knows nothing of its neighbour, and one whose neighbour says full. */
const LOCAL = { agree: Math.log(20_000), alone: Math.log(50), disagree: -Math.log(3000) } as const;

interface Train extends SharedWait {
  /** The longest backoff over the time that the requests take on the medium. */
  readonly backoffs: number;
}

interface Suspect {
  readonly rateBitsPerSec: number;
  readonly trains: readonly Train[];
  readonly captured: number;
  /** ln of how much more likely what was seen is on the shared medium than on two directions of their own. */
  readonly logOdds: number;
}

export function judgeHalfDuplex(observations: Observations): Judgement | null {
  const local = weighPort(observations);
  const [best] = RATES.flatMap((rate) => weighRate(observations, rate) ?? []).sort((a, b) => b.logOdds - a.logOdds);
  if (best === undefined && local <= 0) return null;
  const packets = best === undefined ? 0 : best.logOdds - Math.log(RATES.length);
  // A port knows how it runs; trains that met no reply do not speak against it.
  const logOdds = local > 0 ? local + Math.max(0, packets) : local + packets;
  const probability = computePosterior([Math.log(PRIOR) + logOdds, Math.log(1 - PRIOR)]);
  if (probability < LEAST_PROBABILITY) return { condition: 'half-duplex', probability, finding: null };
  return { condition: 'half-duplex', probability, finding: describe(observations, best, probability) };
}

function weighPort({ path: { port, neighbour } }: Observations): number {
  if (port.duplex !== 'half') return 0;
  const other = neighbour?.duplex ?? 'unknown';
  return other === 'half' ? LOCAL.agree : other === 'full' ? LOCAL.disagree : LOCAL.alone;
}

/** null where no train would have filled a medium of this rate, or those that left came faster than it could bring them. */
function weighRate({ path, estimates, byPhase }: Observations, rateBitsPerSec: number): Suspect | null {
  const { rtt, serialisation, capacity } = estimates;
  if (rtt === null || isFasterThan(byPhase, rateBitsPerSec)) return null;
  const isSame = path.replySize === 'same';
  const replyBytes = isSame ? null : path.minSizeBytes;
  const trains = [...byPhase.rate, ...byPhase.capacity, ...byPhase.available]
    .flatMap((trace) => measureSharedWaits(trace, { rateBitsPerSec, replyBytes, leastRttNs: rtt.minNs }))
    .map((train) => ({ ...train, backoffs: (MOST_BACKOFF_BITS * NS_PER_SEC) / rateBitsPerSec / train.requestsNs }));
  if (trains.length === 0) return null;
  const variesNs = rtt.p95Ns - rtt.minNs;
  const spanRatio = isSame ? computeMedian(trains.map((train) => train.spanRatio)) : null;
  let log =
    Math.min(trains.length, MOST_TRAINS) * computeMean(trains.map((train) => weighOrder(train, variesNs))) +
    Math.min(trains.length, MOST_SPANS) * computeMean(trains.map(weighSpan));
  if (serialisation !== null) {
    const perByteNs = ((isSame ? 2 : 1) * BITS_PER_BYTE * NS_PER_SEC) / rateBitsPerSec;
    const spread = Math.hypot(SLOPE_SPREAD, (serialisation.high - serialisation.low) / (2 * Z_95 * perByteNs));
    // The own port is crossed first, unless it is the medium itself.
    const ofPort = rateBitsPerSec / (path.port.speedBitsPerSec ?? Infinity);
    const slope = { value: serialisation.value / perByteNs, spread, ofPort };
    log += weighSlope(slope, spanRatio);
  }
  if (capacity.forward !== null) log += weighCapacity(capacity.forward, rateBitsPerSec, spanRatio);
  const captured = trains.filter(isCaptured).length;
  return { rateBitsPerSec, trains, captured, logOdds: log };
}

/** By the far end's own stamps of most trains. */
function isFasterThan(byPhase: Observations['byPhase'], rateBitsPerSec: number): boolean {
  if (chooseForwardLeg(byPhase) !== 'forward') return false;
  const rates = readTrainRates(byPhase, 'forward').flatMap(({ dispersion }) => dispersion?.rateBitsPerSec ?? []);
  return rates.length > 0 && computeMedian(rates) > FASTER * rateBitsPerSec;
}

function isCaptured(train: Train): boolean {
  return train.untimelyRatio > CAPTURED_ABOVE && !isTooLong(train);
}

function isTooLong({ untimelyRatio, backoffs }: Train): boolean {
  return untimelyRatio >= CAPTURED_BELOW + BACKOFF_WAITED * backoffs;
}

function weighOrder(train: Train, variesNs: number): number {
  const varies = variesNs / train.requestsNs;
  const chance = CAPTURED[varies > RESTLESS_ABOVE ? 'restless' : varies > BUSY_ABOVE ? 'busy' : 'calm'];
  if (isTooLong(train)) return Math.log(TOO_LONG.shared / TOO_LONG.other);
  return Math.log(isCaptured(train) ? CAPTURED.shared / chance : (1 - CAPTURED.shared) / (1 - chance));
}

function weighSpan({ spanRatio, backoffs }: Train): number {
  const logRatio = Math.log(spanRatio);
  const spread = Math.hypot(SPAN_SPREAD, SPREAD_BY_BACKOFF * backoffs);
  const near = Math.exp(-0.5 * (logRatio / spread) ** 2) / (spread * Math.sqrt(2 * Math.PI));
  const spoilt = Math.abs(logRatio) < SPOILT_WIDTH / 2 ? 1 / SPOILT_WIDTH : ANY_SPAN / 100;
  return Math.log(((1 - SPOILT) * near + SPOILT * spoilt) / ANY_SPAN);
}

interface Slope {
  /** Over that of the medium alone, as its spread is. */
  readonly value: number;
  readonly spread: number;
  readonly ofPort: number;
}

/** `spanRatio` of the trains, where separate directions would have the slope go by it; else null. */
function weighSlope({ value, spread, ofPort }: Slope, spanRatio: number | null): number {
  const densityAt = (least: number): number => {
    const [low, high] = [Math.log(least) + SLOPE_LOW, Math.log(least) + SLOPE_HIGH];
    let sum = 0;
    let weights = 0;
    for (const step of STEPS) {
      const logRatio = Math.log(Math.max(value + step * spread, 1e-6));
      const weight = Math.exp(-0.5 * step * step);
      sum += logRatio > low && logRatio < high ? weight : 0;
      weights += weight;
    }
    return sum / weights / (high - low);
  };
  const shared = Math.max(densityAt(1), densityAt(1 + ofPort), ANY_SLOPE / 300);
  const any = spanRatio === null ? 1 : 1 - EQUAL_RATES;
  const equal = spanRatio === null ? 0 : EQUAL_RATES * densityAt(2 * Math.max(spanRatio, 1e-6));
  return Math.log(shared / (any * ANY_SLOPE + equal));
}

/** 0 where the capacity is known to no better than the difference. */
function weighCapacity(
  { value, low, high, quality }: Estimate,
  rateBitsPerSec: number,
  spanRatio: number | null,
): number {
  if (quality === 'poor' || !(value > 0) || !(low > 0)) return 0;
  const spread = Math.hypot(CAPACITY_SPREAD, Math.log(high / low) / (2 * Z_95));
  const logRatio = Math.log(value / rateBitsPerSec / CAPACITY_SHARE);
  const densityAt = (middle: number, sigma: number): number =>
    Math.exp(-0.5 * ((logRatio - middle) / sigma) ** 2) / (sigma * Math.sqrt(2 * Math.PI));
  const whole = densityAt(0, spread);
  const shared = (1 - SLOWED.share) * whole + SLOWED.share * SLOWED.density;
  const half = spanRatio === null ? ANY_SLOPE : densityAt(-Math.log(2 * spanRatio), Math.hypot(HALF_SPREAD, spread));
  const others = EQUAL_RATES * half + (1 - EQUAL_RATES) * ANY_SLOPE;
  return Math.log(shared / (OF_THE_RATE * whole + (1 - OF_THE_RATE) * others));
}

function describe({ path }: Observations, best: Suspect | undefined, probability: number): Finding {
  const { port, neighbour } = path;
  const isOwnPort = port.duplex === 'half';
  const evidence: Evidence[] = [];
  if (isOwnPort) {
    const says = neighbour?.duplex === 'half' ? ', and so does its neighbour by its own word' : '';
    const text = `Port ${port.name} runs half duplex${says}`;
    evidence.push({ text, metric: 'port.duplex', value: 'half', expected: 'full' });
  }
  if (best !== undefined && best.logOdds > 0) evidence.push(...describeTrains(best));
  return {
    condition: 'half-duplex',
    probability,
    severity: 'info',
    where: { kind: isOwnPort ? 'first-hop' : 'path' },
    direction: 'both',
    evidence,
    advice:
      'Both directions share the rate of this link, which is how a hub works and no fault. Where that is too little, put a switch in its ' +
      'place, or let both ends of the cable negotiate full duplex.',
    confirm:
      'Ports on that link that say half duplex, and collision counters that rise under load without late collisions.',
  };
}

function describeTrains({ rateBitsPerSec, trains, captured }: Suspect): Evidence[] {
  const rate = `${rateBitsPerSec / 1e6} Mb/s`;
  const span = computeMedian(trains.map(({ spanRatio }) => spanRatio));
  const longest = trains.reduce((most, one) => (one.untimelyRatio > most.untimelyRatio ? one : most));
  return [
    {
      text:
        `Requests and replies of a train together took ${span.toFixed(2)} of the time that one link of ${rate} needs for both after ` +
        'each other; with a direction for each they would take about half where they are of one size',
      metric: 'sharedMedium.spanRatio',
      value: span,
      expected: 1,
    },
    {
      text:
        `In ${captured} of ${formatCount(trains.length, 'train')} replies waited for requests that left after theirs: the first ones up to ` +
        `${formatFigure(longest.earlyNs, TIME)} behind ${formatCount(longest.packets, 'packet')}`,
      metric: 'sharedMedium.capturedTrains',
      value: captured,
      expected: 0,
    },
  ];
}
