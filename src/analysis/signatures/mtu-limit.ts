// What an unannounced limit of size shows, for the two conditions that explain one: a router whose word gets lost, and a switch
// or port that drops long frames without a word. The hypotheses compete here; each condition words its own finding.
import type { MtuEstimate } from '../../model/estimates.js';
import type { Evidence, Finding } from '../../model/report.js';
import type { PathDescription } from '../../model/path.js';
import { readMtu } from '../estimators/loss/mtu.js';
import type { SizeTallies } from '../estimators/loss/size-limit.js';
import { formatCount } from './observations.js';
import type { Observations } from './observations.js';
import { computeLimitProbability } from './size-limit-odds.js';

export interface MtuLimit {
  readonly mtu: MtuEstimate;
  /** Of the direction that the limit was seen in; the forward one where both have it. */
  readonly passedBytes: number;
  readonly failedBytes: number;
  readonly direction: Finding['direction'];
  /** Probabilities, with the limit's own in both: a router that may not speak, and frames too long for a link. */
  readonly blackHole: number;
  readonly mismatch: number;
  /** Whether a limit explains the losses better than chance. */
  readonly isLikely: boolean;
  readonly evidence: readonly Evidence[];
  /** The neighbour's word on its longest frame, where it is too short for our packets; null elsewhere. */
  readonly neighbourBytes: number | null;
}

/** Tunnels and filters are more common than links with unequal settings. */
const BLACK_HOLE_PRIOR = 0.7;
/** Without a router in between only a link can drop a packet for its size. */
const BLACK_HOLE_PRIOR_ON_LINK = 0.02;
/** A tunnel mostly narrows both directions; a wrong setting mostly one. */
const ONE_WAY = { blackHole: 0.15, mismatch: 0.8 } as const;
/** Routers of IPv4 fragment what may be, unless fragments are filtered; switches never do. */
const FRAGMENTS_PASS = { blackHole: 0.9, mismatch: 0.005 } as const;
/** There and back, where a reply that is as large may be what is lost: two ways with filters, and hosts whose replies are never fragmented. */
const FRAGMENTS_RETURN = { blackHole: 0.75, mismatch: 0.005 } as const;
/** A neighbour that names a frame too short for ours. */
const NEIGHBOUR_TELLS = { blackHole: 0.01, mismatch: 0.3 } as const;
const LEAST_LIKELY = 0.5;
/** Ethernet header and FCS, and a VLAN tag that a frame may carry beside. */
const FRAME_OVERHEAD_BYTES = 18;

/** null where no size fails, where a router said so, or where chance explains it as well. */
export function readMtuLimit({ path, estimates, byPhase }: Observations): MtuLimit | null {
  const { mtu } = estimates;
  if (mtu === null) return null;
  const { tallies, inSpells, isCounting } = readMtu(byPhase.mtu);
  const limit = findLimit(mtu, isCounting || path.replySize === 'small');
  const way = limit?.direction === 'reverse' ? 'reverse' : 'forward';
  const counted = limit === null ? null : tallies[way];
  if (limit === null || counted === null) return null;
  const isLimited = computeLimitProbability(counted, {
    passedBytes: limit.passedBytes,
    inSpells: inSpells[way] ?? new Map(),
    lossRatio: estimates.loss.roundTrip?.value ?? 0,
  });
  const neighbourBytes = readNeighbourLimit(path, limit.passedBytes);
  const share = computeBlackHoleShare({ mtu, path, direction: limit.direction, neighbourBytes });
  return {
    mtu,
    ...limit,
    blackHole: isLimited * share,
    mismatch: isLimited * (1 - share),
    isLikely: isLimited >= LEAST_LIKELY,
    evidence: describeLimit(limit, mtu, counted),
    neighbourBytes,
  };
}

type Limit = Pick<MtuLimit, 'passedBytes' | 'failedBytes' | 'direction'>;

/** The far end's replies are not announced to us, so that a limit on the way back is always without a word. */
function findLimit(mtu: MtuEstimate, tellsForward: boolean): Limit | null {
  const { forwardBytes, reverseBytes, failedBytes, isAnnounced } = mtu;
  const isForward = failedBytes.forward !== null && isAnnounced === false;
  if (isForward) {
    const direction = failedBytes.reverse !== null ? 'both' : tellsForward ? 'forward' : 'unknown';
    return { passedBytes: forwardBytes, failedBytes: failedBytes.forward, direction };
  }
  if (failedBytes.reverse === null || reverseBytes === null) return null;
  // What a router announced of the way there will mostly hold of the way back: the same tunnel.
  if (failedBytes.forward !== null && failedBytes.reverse >= failedBytes.forward) return null;
  return { passedBytes: reverseBytes, failedBytes: failedBytes.reverse, direction: 'reverse' };
}

interface Circumstances {
  readonly mtu: MtuEstimate;
  readonly path: PathDescription;
  readonly direction: Finding['direction'];
  readonly neighbourBytes: number | null;
}

function computeBlackHoleShare({ mtu, path, direction, neighbourBytes }: Circumstances): number {
  const isOnLink = path.nextHop.address === path.target.address;
  const prior = isOnLink ? BLACK_HOLE_PRIOR_ON_LINK : BLACK_HOLE_PRIOR;
  const likelihood = { blackHole: prior, mismatch: 1 - prior };
  const weigh = (chance: { readonly blackHole: number; readonly mismatch: number }, isSeen: boolean): void => {
    likelihood.blackHole *= isSeen ? chance.blackHole : 1 - chance.blackHole;
    likelihood.mismatch *= isSeen ? chance.mismatch : 1 - chance.mismatch;
  };
  // Replies above the limit can only be asked for where fragments reach the far end.
  if (mtu.reverseBytes !== null) weigh(ONE_WAY, direction !== 'both');
  const isRoundTrip = direction === 'unknown';
  if (mtu.fragmentsPass !== null && direction !== 'reverse')
    weigh(isRoundTrip ? FRAGMENTS_RETURN : FRAGMENTS_PASS, mtu.fragmentsPass);
  if (neighbourBytes !== null) weigh(NEIGHBOUR_TELLS, true);
  return likelihood.blackHole / (likelihood.blackHole + likelihood.mismatch);
}

/** IP bytes of the longest frame that the neighbour names, where it is the limit that was found; else null. */
function readNeighbourLimit({ neighbour, port }: PathDescription, passedBytes: number): number | null {
  const frameBytes = neighbour?.maxFrameBytes ?? null;
  if (frameBytes === null) return null;
  const bytes = frameBytes - FRAME_OVERHEAD_BYTES;
  return bytes < port.mtuBytes && Math.abs(bytes - passedBytes) <= FRAME_OVERHEAD_BYTES ? bytes : null;
}

function describeLimit({ passedBytes, failedBytes }: Limit, mtu: MtuEstimate, tallies: SizeTallies): Evidence[] {
  const count = (isAbove: boolean): { failed: number; sent: number } =>
    [...tallies]
      .filter(([size]) => size > passedBytes === isAbove)
      .reduce((sum, [, { passed, failed }]) => ({ failed: sum.failed + failed, sent: sum.sent + passed + failed }), {
        failed: 0,
        sent: 0,
      });
  const above = count(true);
  const below = count(false);
  const evidence: Evidence[] = [
    {
      text:
        `All of ${formatCount(above.sent, 'packet')} of ${failedBytes} bytes and more were lost, ` +
        `${below.failed} of ${below.sent} smaller ones sent in between; no router said that they were too big`,
      metric: 'mtu.passedBytes',
      value: passedBytes,
      expected: null,
    },
  ];
  if (mtu.fragmentsPass === null) return evidence;
  const text = mtu.fragmentsPass
    ? 'The same size passes in fragments: a router on the way fragments it where it may'
    : 'The same size is lost, too, where it may be fragmented: nothing on the way fragments it';
  return [...evidence, { text, metric: 'mtu.fragmentsPass', value: mtu.fragmentsPass, expected: null }];
}
