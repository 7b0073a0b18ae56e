// Somebody holds traffic back to a rate behind a bucket of tokens: a burst passes at the speed of the link, what follows at the rate, and
// nothing is lost until a queue is full. No fault where it is the contracted rate.
import { RATE, formatFigure } from '../../model/figures.js';
import { selectLargeTrains } from '../estimators/capacity/capacity.js';
import type { CapacityResult } from '../estimators/capacity/capacity.js';
import type { TrainRate } from '../estimators/capacity/train-rate.js';
import {
  chooseForwardLeg,
  CLEAR_OVERLOAD,
  readCapacity,
  readFarRates,
  readReverseCapacity,
  readTrainRates,
} from '../examination/readings/train-readings.js';
import type { Judgement, Observations } from './observations.js';

/** A queue of a few packets, or a train that met an idle line, also lets the first ones pass faster. */
const LEAST_BURST_BYTES = 8e3;
/** Shapers that a person's own trains meet, against lines without one. */
const LOG_PRIOR_ODDS = Math.log(0.1);
/**
 * How much more probable a faster head is before a bucket: of a train that shows it itself, and beside one that lasted longer. Bursts of others that
 * begin within a train let one look so on one path in ten.
 */
const LOG_HEAD = Math.log(8);
const MOST_HEADS = 3;
/** A train that turns from one rate to what lasts shows it better than one that is merely faster. */
const LOG_TURN = Math.log(1.5);
/** By so much is a head faster than what lasts, beyond both intervals. */
const FASTER = 1.12;
/**
 * Others would have to take all but 1/r of the link behind a head that is r times as fast. With any share of theirs as likely, so fast a head
 * is r times as rare; no more than this is made of it.
 */
const MOST_RATIO = 10;
/** Trains that disagree otherwise: other traffic comes and goes. */
const LOG_DISPUTED = Math.log(0.2);
const LEAST_PROBABILITY = 0.5;
const LEAST_TOLD = 0.05;

interface Heads {
  readonly capacity: CapacityResult;
  readonly direction: 'forward' | 'reverse';
  readonly count: number;
  /** Whether one of them is the head of a train that came at what lasts behind it. */
  readonly turns: boolean;
  /** By how much the fastest of them beats the least that counts, 1-10. */
  readonly ratio: number;
  readonly burstBytes: number;
}

export function judgeShaper({ byPhase, path }: Observations): Judgement | null {
  const both = [
    findHeads('forward', readCapacity({ traces: byPhase, path }), readTrainRates(byPhase)),
    findHeads('reverse', readReverseCapacity({ traces: byPhase, path }), readReverseRates(byPhase)),
  ];
  const heads = both.reduce((a, b) => ((b?.count ?? 0) > (a?.count ?? 0) ? b : a));
  if (heads === null) return null;
  const { capacity, direction, burstBytes } = heads;
  const logOdds =
    LOG_PRIOR_ODDS +
    Math.min(MOST_HEADS, heads.count) * LOG_HEAD +
    (heads.turns ? LOG_TURN : 0) +
    Math.log(heads.ratio) +
    (capacity.isDisputed ? LOG_DISPUTED : 0);
  const probability = 1 / (1 + Math.exp(-logOdds));
  if (probability < LEAST_TOLD) return null;
  if (probability < LEAST_PROBABILITY) return { condition: 'shaper', probability, finding: null };
  const rate = formatFigure(capacity.estimate.value, RATE);
  const kilobytes = Math.round(burstBytes / 1e3);
  return {
    condition: 'shaper',
    probability,
    finding: {
      condition: 'shaper',
      probability,
      severity: 'info',
      where: { kind: 'path' },
      direction: path.stamps.far === null ? 'unknown' : direction,
      evidence: [
        {
          text: `About ${kilobytes} kB passed faster, everything behind them at ${rate}, held back and not dropped`,
          metric: 'shaper.rateBitsPerSec',
          value: capacity.estimate.value,
          expected: null,
        },
        {
          text: `The bucket holds about ${kilobytes} kB`,
          metric: 'shaper.burstBytes',
          value: burstBytes,
          expected: 0,
        },
      ],
      advice:
        'Nothing to do where this is the contracted rate. Else look for a rate limit in your own router or at the provider; a longer ' +
        'transfer at night that settles at the same rate confirms it.',
    },
  };
}

/**
 * Of the far end's own trains; else of replies that came much slower than they left, which is the way back's doing whatever bounds its
 * capacity, and of short trains: what lets them pass as they left and holds longer ones back has tokens.
 */
function readReverseRates(byPhase: Observations['byPhase']): readonly TrainRate[] {
  const far = readFarRates(byPhase);
  if (far.length > 0 || chooseForwardLeg(byPhase) === 'round-trip') return far;
  const rates = readTrainRates(byPhase, 'reverse');
  const isHeld = ({ departureShare }: TrainRate): boolean => departureShare < CLEAR_OVERLOAD;
  return rates.some(isHeld) ? rates.filter((rate) => isHeld(rate) || rate.passedBytes < MOST_HEAD_BYTES) : [];
}

/** Trains whose head passed at another rate than the one that lasts; null where none did, or nothing is known to last. */
function findHeads(
  direction: Heads['direction'],
  capacity: CapacityResult | null,
  rates: readonly TrainRate[],
): Heads | null {
  const isBounded =
    capacity?.boundedBy != null &&
    !rates.every(({ departureShare, passedBytes }) => departureShare < CLEAR_OVERLOAD || passedBytes < MOST_HEAD_BYTES);
  if (capacity === null || capacity.isCutOff || isBounded || capacity.batchNs !== null) return null;
  const { value, high } = capacity.estimate;
  const large = selectLargeTrains(rates);
  // What is shorter than the bucket must have passed on its tokens alone.
  const longestSlow = large.reduce((most, { dispersion, passedBytes }) => {
    const isSlow = dispersion !== null && dispersion.rateBitsPerSec < FASTER * value && passedBytes < MOST_HEAD_BYTES;
    return isSlow ? Math.max(most, passedBytes) : most;
  }, 0);
  const ownHeads = large.filter(
    (rate) =>
      rate.hasKnee &&
      isHeldBack(rate, value) &&
      rate.burstBytes >= LEAST_BURST_BYTES &&
      rate.burstBytes < (longestSlow > LEAST_BURST_BYTES ? longestSlow : Infinity) &&
      Math.abs(rate.rateBitsPerSec / value - 1) < rate.relativeHalfWidth + capacity.halfWidth + FASTER - 1,
  );
  // What came whole, and faster than anything that lasted longer: than the bulks in it, too, which a bucket that is empty spaces out as well.
  const lasting = large.flatMap(({ dispersion, passedBytes }) =>
    dispersion === null || passedBytes < MOST_HEAD_BYTES ? [] : [dispersion.rateBitsPerSec],
  );
  const fastest = Math.max(high, value, ...lasting);
  const shortHeads = large.filter(({ dispersion, passedBytes, missingShare }) => {
    const isWhole = missingShare < LEAST_MISSING && passedBytes >= LEAST_BURST_BYTES && passedBytes < MOST_HEAD_BYTES;
    const low = dispersion === null ? 0 : dispersion.rateBitsPerSec * (1 - dispersion.relativeHalfWidth);
    return isWhole && low > FASTER * fastest;
  });
  const heads = [...new Set([...ownHeads, ...shortHeads])].filter((rate) => !isPoliced(rate));
  if (heads.length === 0 || (large.some(isPoliced) && !ownHeads.some((rate) => !isPoliced(rate)))) return null;
  const burstBytes = heads.reduce((most, rate) => Math.max(most, rate.hasKnee ? rate.burstBytes : rate.passedBytes), 0);
  const fastestHead = shortHeads.reduce((most, { dispersion }) => Math.max(most, dispersion?.rateBitsPerSec ?? 0), 0);
  const ratio = Math.min(MOST_RATIO, Math.max(1, fastestHead / value / FASTER));
  const turns = heads.some((rate) => ownHeads.includes(rate));
  return { capacity, direction, count: heads.length, turns, ratio, burstBytes };
}

/**
 * Behind a bucket packets that left back to back come as far apart as the rate has it. Where others come and go, or a detour keeps some back, they
 * come closer than the train as a whole. Of a train too short to tell that, what is left behind its head must come at what lasts (`value`).
 */
function isHeldBack({ dispersion, rateBitsPerSec, relativeHalfWidth, passedBytes }: TrainRate, value: number): boolean {
  if (dispersion === null) return passedBytes < MOST_HEAD_BYTES && Math.abs(rateBitsPerSec / value - 1) < FASTER - 1;
  const tolerance = FASTER - 1 + relativeHalfWidth + dispersion.relativeHalfWidth;
  return Math.abs(dispersion.rateBitsPerSec / rateBitsPerSec - 1) < tolerance;
}

/** Lost without a wait: what is too much was dropped, and not held back. Replies of a queue worth the name wait for longer. */
function isPoliced({ missingShare, waitPackets }: TrainRate): boolean {
  return missingShare >= LEAST_MISSING && waitPackets < LEAST_WAIT_PACKETS;
}

const LEAST_WAIT_PACKETS = 3;
const LEAST_MISSING = 0.02;
/** Longer trains that were faster are no heads. */
const MOST_HEAD_BYTES = 60e3;
