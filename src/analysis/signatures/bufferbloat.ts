// A queue so long that our own load delays everything behind it by hundreds of milliseconds. A queue that others fill is congestion.
// One that no load of ours can reach is an alternative, with how common such queues are.
import { formatFigure, RATE, TIME, VOLUME } from '../../model/figures.js';
import type { Evidence, Finding } from '../../model/report.js';
import { BITS_PER_BYTE, ETHERNET_HEADER_BYTES, NS_PER_MS, NS_PER_SEC } from '../../model/units.js';
import { measureFarLoadQueue, measureLoadQueue } from '../estimators/load/load-queue.js';
import type { LoadQueue } from '../estimators/load/load-queue.js';
import { computeMean } from '../statistics/quantile.js';
import { computePosterior } from './observations.js';
import type { Judgement, Observations } from './observations.js';

/** A call is hurt above it: 150 ms one way is the limit of good speech (ITU-T G.114), and the way itself takes some of that. */
export const BLOATED_NS = 200 * NS_PER_MS;
/** Queues of access lines last from 1 ms to 10 s, evenly on a logarithmic scale. */
const SHORTEST_NS = 1 * NS_PER_MS;
const LONGEST_NS = 10 * NS_PER_SEC;
/** Standard deviation of a queue's length as a load shows it, as a share of it. */
const SPREAD = 0.08;
const GRID = 200;
/** A queue that others keep this full at rest is theirs. */
const OTHERS_SHARE = 0.5;
/** Where small packets take this share of the time of large ones, time goes by packets: a slow host and no queue of bytes. */
const BY_PACKETS_ABOVE = 0.5;
const LEAST_PROBABILITY = 0.5;
/** Lines that carry exactly what full frames leave of these may run half duplex: a queue that waits for both directions takes twice its time. */
const SHARED_RATES = [10e6, 100e6] as const;
const FRAME_SHARE = 1514 / 1538;
const SAME_RATE = 0.02;
const SHARED_PRIOR = 0.5;

/**
 * On a line no faster there than back our load reaches the queue of the way back no faster than it drains: only a far end that sends can fill it.
 * Lines with a long one there, among all up to the rate above which no queue is filled for these bytes.
 */
const UNREACHED_PRIOR = 0.05;
const MOST_FILLED = 50e6;

interface Bloat {
  readonly increaseNs: number;
  readonly direction: Finding['direction'];
  /** False where the queue might have grown on. */
  readonly isFull: boolean;
}

export function judgeBufferbloat(observations: Observations): Judgement | null {
  const seen = judgeSeen(observations);
  if ((seen?.finding ?? null) !== null || !hidesQueueBack(observations)) return seen;
  const probability = 1 - (1 - (seen?.probability ?? 0)) * (1 - UNREACHED_PRIOR);
  return { condition: 'bufferbloat', probability, finding: null };
}

/** Whether a long queue of the way back would not have shown, whatever was sent from here. */
export function hidesQueueBack({ path, byPhase, estimates }: Pick<Observations, 'path' | 'byPhase' | 'estimates'>) {
  const { capacity, loaded } = estimates;
  if (path.farSends || capacity.forward === null || capacity.forward.value > MOST_FILLED || loaded?.down) return false;
  return !listQueues(byPhase).some(
    ({ direction, settledNs, isFull }) => direction === 'reverse' && (isFull || settledNs >= BLOATED_NS),
  );
}

function judgeSeen(observations: Observations): Judgement | null {
  const worst = [...readLoaded(observations), ...readQueues(observations)].reduce<Bloat | null>(
    (most, one) => (most === null || one.increaseNs > most.increaseNs ? one : most),
    null,
  );
  const { rtt } = observations.estimates;
  if (worst === null || rtt === null) return null;
  if (rtt.p95Ns - rtt.minNs > OTHERS_SHARE * worst.increaseNs || isByPackets(observations)) return null;
  // A short load that found room for all of it tells nothing of the queue's end.
  if (!worst.isFull && worst.increaseNs < BLOATED_NS) return null;
  const shared = isSharedRate(observations) ? SHARED_PRIOR : 0;
  const halved = { ...worst, increaseNs: worst.increaseNs / 2 };
  const probability = (1 - shared) * computeProbability(worst) + shared * computeProbability(halved);
  if (probability < LEAST_PROBABILITY) return { condition: 'bufferbloat', probability, finding: null };
  return { condition: 'bufferbloat', probability, finding: describe(worst, probability, observations) };
}

/** Posterior that the queue is longer than BLOATED_NS, from what was seen of it and how long queues are. */
function computeProbability({ increaseNs, isFull }: Bloat): number {
  const step = Math.log(LONGEST_NS / SHORTEST_NS) / GRID;
  const lengths = Array.from({ length: GRID }, (_, i) => SHORTEST_NS * Math.exp((i + 0.5) * step));
  const sum = (isBloated: boolean): number => {
    const logs = lengths
      .filter((ns) => ns > BLOATED_NS === isBloated)
      .map((ns) =>
        ns > increaseNs && !isFull ? 0 : -0.5 * (Math.log(Math.min(increaseNs, LONGEST_NS) / ns) / SPREAD) ** 2,
      );
    const most = Math.max(...logs);
    return most + Math.log(logs.reduce((total, log) => total + Math.exp(log - most), 0));
  };
  return increaseNs <= 0 ? 0 : computePosterior([sum(true), sum(false)]);
}

function isSharedRate({ estimates }: Observations): boolean {
  const rate = estimates.capacity.forward?.value ?? 0;
  return SHARED_RATES.some((shared) => Math.abs(rate / (FRAME_SHARE * shared) - 1) < SAME_RATE);
}

/** Delay beside a load of seconds, where it was measured. */
function readLoaded({ estimates }: Observations): Bloat[] {
  const { loaded } = estimates;
  return [
    ...(loaded?.up ? [{ increaseNs: loaded.up.increaseNs, direction: 'forward' as const, isFull: true }] : []),
    ...(loaded?.down ? [{ increaseNs: loaded.down.increaseNs, direction: 'reverse' as const, isFull: true }] : []),
  ];
}

/** The queue that trains left behind: at least so long. */
function readQueues({ byPhase }: Observations): Bloat[] {
  return listQueues(byPhase).map(({ settledNs, direction, isFull }) => ({
    increaseNs: settledNs,
    direction: direction ?? 'unknown',
    isFull,
  }));
}

function listQueues({ rate, capacity, fill }: Observations['byPhase']): readonly LoadQueue[] {
  return [...rate, ...capacity, ...fill]
    .flatMap((trace) => [measureLoadQueue(trace) ?? [], measureFarLoadQueue(trace) ?? []].flat())
    .filter(({ settledNs }) => Number.isFinite(settledNs));
}

/** Pace of small packets back to back against that of large ones at the capacity; the mean, as a host may stall at few of them. */
function isByPackets({ byPhase, estimates }: Observations): boolean {
  const capacity = estimates.capacity.forward?.value;
  const [closest] = byPhase.spacing;
  if (capacity === undefined || closest === undefined || estimates.oneWay.forward !== null) return false;
  const gaps = [...closest.position.keys()].flatMap((row) => {
    const isNext = (closest.position[row] ?? 0) > 0;
    const gapNs = (closest.rxOffsetNs[row] ?? NaN) - (closest.rxOffsetNs[row - 1] ?? NaN);
    return isNext && Number.isFinite(gapNs) ? [gapNs] : [];
  });
  const largeNs = ((1500 + ETHERNET_HEADER_BYTES) * BITS_PER_BYTE * NS_PER_SEC) / capacity;
  return gaps.length > 0 && computeMean(gaps) > BY_PACKETS_ABOVE * largeNs;
}

function describe({ increaseNs, direction }: Bloat, probability: number, { estimates }: Observations): Finding {
  const more = formatFigure(increaseNs, TIME);
  const rate = direction === 'reverse' ? estimates.capacity.reverse : estimates.capacity.forward;
  const evidence: Evidence[] = [
    {
      text: `Delay grew by ${more} while our own load filled the path, from ${formatFigure(estimates.rtt?.p50Ns ?? 0, TIME)} at rest`,
      metric: 'loaded.increaseNs',
      value: increaseNs,
      expected: BLOATED_NS,
    },
  ];
  if (rate !== null) {
    const bytes = (increaseNs * rate.value) / BITS_PER_BYTE / NS_PER_SEC;
    const text = `The queue holds at least ${formatFigure(bytes, VOLUME)} at ${formatFigure(rate.value, RATE)}`;
    evidence.push({ text, metric: 'loaded.bufferBytes', value: Math.round(bytes), expected: null });
  }
  return {
    condition: 'bufferbloat',
    probability,
    severity: 'warning',
    where: { kind: 'path' },
    direction,
    evidence,
    advice:
      'On the router in front of the slowest link switch on a queue that keeps delay short (fq_codel, CAKE; "SQM"), with its rate a ' +
      'little below that of the link. Where that cannot be, shorten its queue to about 50 ms.',
    confirm: 'apparenet measure TARGET responsiveness shows the delay beside a load of seconds, for each direction.',
  };
}
