// Something takes a time for each packet, whatever its length, and that time, not a link's rate, is what trains meet: packets of both sizes
// of a mixed burst come at one distance, and those of loads. What only drops packets by their number is judged among the load faults.
import { formatFigure, TIME } from '../../model/figures.js';
import type { Finding } from '../../model/report.js';
import { NS_PER_SEC } from '../../model/units.js';
import { estimatePacketPace, LEAST_GAIN } from '../estimators/capacity/packet-pace.js';
import type { PacketPace, SmallPace } from '../estimators/capacity/packet-pace.js';
import type { Leg } from '../estimators/capacity/train-arrivals.js';
import { chooseForwardLeg } from '../examination/readings/train-readings.js';
import { countPathLoss, isLossClear, judgeSeverity } from './load/loss-severity.js';
import { computeLogSum } from '../statistics/beta-binomial.js';
import { computePosterior, formatPercent } from './observations.js';
import type { Judgement, Observations } from './observations.js';

/** Paths on which a processor is slower than every link, among all. */
const PRIOR = 0.04;
/** A processor takes as long for a small packet as for a large one, up to this share of it; a link as it has bytes. */
const OF_PROCESSOR = 0.08;
const LINK_TOLERANCE = 0.1;
/** Links with a preamble, a turn or a backoff for each packet save less; so many of them, up to here. */
const MIXED_SHARE = 0.3;
const MOST_MIXED = 0.9;
const LEAST_PROBABILITY = 0.6;
const LEAST_TOLD = 0.02;
/** What the mixed bursts say more firmly than this is settled. */
const UNTOLD = [0.005, 0.95] as const;
/** What packets that came no slower than they left must show where none is lost, ln: nobody keeps the processor full then. */
const SURE_GAIN = 30;
/** No faster than this do hosts receive and stamp packet by packet: the far end may be what takes the time. */
const HOST_NS = 5e3;
/**
 * Hosts take up to so long for an answer, and pings do not tell them from the path. One path in three ends at such a host, one in 25 has so fast a
 * processor. That packets of others seem to lie between ours says nothing: a host's own jitter is that of multiples of its time as well.
 */
const ANSWER_NS = 60e3;
const HOST_PROBABILITY = 0.12;
/** ln of how much better packets of others between ours explain the distances. */
const SHARED_ABOVE = 5;
/** Of what the own port was measured to do. */
const NEAR_OWN = 0.5;

interface Processor {
  readonly pace: PacketPace;
  readonly probability: number;
}

export function judgePacketProcessor(observations: Observations): Judgement | null {
  const { byPhase } = observations;
  const isEcho = chooseForwardLeg(byPhase) === 'round-trip';
  const there = readProcessor(observations, isEcho ? 'round-trip' : 'forward');
  const back = isEcho ? null : readProcessor(observations, 'reverse');
  const surer = (there?.probability ?? 0) >= (back?.probability ?? 0) ? there : back;
  if (surer === null || surer.probability < LEAST_TOLD) return null;
  const isHost = isEcho && surer.pace.largeNs < ANSWER_NS;
  const probability = isHost ? Math.min(HOST_PROBABILITY, surer.probability) : surer.probability;
  if (probability < LEAST_PROBABILITY) return { condition: 'packet-rate-limit', probability, finding: null };
  const isBoth = Math.min(there?.probability ?? 0, back?.probability ?? 0) >= LEAST_PROBABILITY;
  const direction = isEcho ? 'unknown' : isBoth ? 'both' : surer === there ? 'forward' : 'reverse';
  return { condition: 'packet-rate-limit', probability, finding: describe(observations, { ...surer, direction }) };
}

/**
 * By the mixed bursts. What they leave open all loads tell together where packets sent one by one are lost: others keep a processor full then, and
 * hardly two packets of a run come through one after the other.
 */
function readProcessor(observations: Observations, leg: Leg): Processor | null {
  const { byPhase, path, light } = observations;
  const mixed = weighPace(path, leg, estimatePacketPace(byPhase.mixture, leg));
  const isSettled = mixed !== null && (mixed.probability < UNTOLD[0] || mixed.probability > UNTOLD[1]);
  if (isSettled) return mixed;
  const leastGain = isLossClear(countPathLoss(light)) ? LEAST_GAIN : SURE_GAIN;
  return weighPace(path, leg, estimatePacketPace(listLoads(byPhase), leg, leastGain)) ?? mixed;
}

function listLoads({ spacing, mixture, meet, capacity, separate }: Observations['byPhase']) {
  return [...spacing, ...mixture, ...meet, ...capacity, ...separate];
}

function weighPace(path: Observations['path'], leg: Leg, pace: PacketPace | null): Processor | null {
  if (pace === null || pace.largeNs < HOST_NS) return null;
  const { sendPacketsPerSec = Infinity, receivePacketsPerSec = Infinity } = path.abilities ?? {};
  const own = leg === 'forward' ? sendPacketsPerSec : Math.min(sendPacketsPerSec, receivePacketsPerSec);
  return NS_PER_SEC / (findShare(pace) * pace.largeNs) > NEAR_OWN * own ? null : { pace, probability: weigh(pace) };
}

/** The most probable one, of the size with most distances. */
function findShare({ small: [{ shares }] }: PacketPace): number {
  return shares.reduce((best, one) => (one.logLikelihood > best.logLikelihood ? one : best)).share;
}

/** Shares of each kind equally probable beforehand. */
function weigh({ small, largeBytes, isKeptFull, logOthers }: PacketPace): number {
  const isShared = isKeptFull || logOthers > SHARED_ABOVE;
  const kinds = small.map((one) => weighKinds(one, one.sizeBytes / largeBytes, isShared));
  const sum = (kind: keyof (typeof kinds)[number]): number => kinds.reduce((total, one) => total + one[kind], 0);
  return computePosterior([
    Math.log(PRIOR) + sum('processor'),
    Math.log((1 - PRIOR) * (1 - MIXED_SHARE)) + sum('plain'),
    Math.log((1 - PRIOR) * MIXED_SHARE) + sum('mixed'),
  ]);
}

/**
 * ln likelihood of one small size's distances behind a processor, a link, and a link with a part for each packet. Where others keep a link full with
 * large packets, one of these is between any two of ours: they come by the small packet's own share later than one large packet's time.
 */
function weighKinds({ shares }: SmallPace, ofBytes: number, isShared: boolean) {
  const tolerance = isShared ? Math.min(OF_PROCESSOR, ofBytes / 2) : OF_PROCESSOR;
  const meanOf = (isIn: (share: number) => boolean): number => {
    const inside = shares.filter(({ share }) => isIn(share)).map(({ logLikelihood }) => logLikelihood);
    return inside.length === 0 ? -Infinity : computeLogSum(inside) - Math.log(inside.length);
  };
  const isBetween = (low: number, high: number) => (share: number) => share >= low && share <= high;
  const plain = meanOf(isBetween(ofBytes - LINK_TOLERANCE, ofBytes + LINK_TOLERANCE));
  const behindLarge = isShared ? meanOf(isBetween(1 + ofBytes - tolerance, 1 + ofBytes + tolerance)) : -Infinity;
  return {
    processor: meanOf(isBetween(1 - tolerance, 1 + tolerance)),
    plain: Math.max(plain, behindLarge),
    mixed: meanOf(isBetween(ofBytes + LINK_TOLERANCE, MOST_MIXED)),
  };
}

function describe(
  observations: Observations,
  { pace, probability, direction }: Processor & Pick<Finding, 'direction'>,
): Finding {
  const { largeBytes, largeNs, small } = pace;
  const [{ sizeBytes: smallBytes, gaps }] = small;
  const packetsPerSec = NS_PER_SEC / largeNs;
  const share = findShare(pace);
  const isEcho = direction === 'unknown';
  const losesPaced = isLossClear(countPathLoss(observations.light));
  return {
    condition: 'packet-rate-limit',
    probability,
    // Where packets sent one at a time pass, pings alone cannot tell a path that is slow from a host that may be.
    severity: losesPaced ? judgeSeverity(observations) : isEcho ? 'info' : 'warning',
    where: { kind: isEcho && !losesPaced ? 'target' : 'path' },
    direction,
    evidence: [
      {
        text:
          `Packets of ${largeBytes} bytes that left back to back came ${formatFigure(largeNs, TIME)} apart, or several times that: something ` +
          `takes its time for each packet, ${Number(packetsPerSec.toPrecision(3))} a second`,
        metric: 'packetRateLimit.packetsPerSec',
        value: packetsPerSec,
        expected: null,
      },
      {
        text:
          `A packet of ${smallBytes} bytes took ${formatPercent(share)} of that (by ${gaps} distances); on a link it would be ` +
          formatPercent(smallBytes / largeBytes),
        metric: 'packetRateLimit.smallShare',
        value: share,
        expected: smallBytes / largeBytes,
      },
    ],
    advice:
      'Look for a device that forwards in software or has a packet filter at its limit: a home router, a firewall, a virtual machine. ' +
      'Large packets pass at a higher rate in bits; fewer rules or a faster device help.' +
      (isEcho ? ' Or the target itself answers no faster: a reflector behind the same path tells.' : ''),
  };
}
