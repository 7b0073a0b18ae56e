// Does whoever answers stop now and then for milliseconds, or do packets wait for others? Packets that leave evenly meet a queue or a
// stopped host alike, in order; what differs is how much each adds to the wait that the one before it left behind.
import { computeLogLossLikelihood, computeLogSum } from '../statistics/beta-binomial.js';
import { computePercentile, sortAscending } from '../statistics/quantile.js';

export interface Stalls {
  /** ln of the odds of stalls against all else, by what was seen. */
  readonly logOdds: number;
  /** Share of the packets that met one, 0-1, and how long those lasted: median and longest, ns. */
  readonly share: number;
  readonly medianNs: number;
  readonly longestNs: number;
  readonly count: number;
}

const LEAST_PACKETS = 100;
const LEAST_STALLS = 4;
/** Waits below this, and below a few times what most packets add to those before them, are no event, ns. */
const LEAST_EVENT_NS = 100e3;
const MOST_NOISE_NS = 1e6;
const QUIET_SHARE = 0.4;
const NOISE_FACTOR = 4;
/** Shares of packets that meet an event, evenly by logarithm; jitter and slots delay nearly all. */
const FEW = [0.01, 0.02, 0.04, 0.08, 0.15, 0.25, 0.35];
const MANY = [0.5, 0.65, 0.8, 0.95];
/** What queues add between two packets of ours: up to so many full packets of others. */
const QUEUED_PACKETS = [
  { packets: 0.4, logShare: Math.log(0.35) },
  { packets: 0.8, logShare: Math.log(0.47) },
  { packets: 1.6, logShare: Math.log(0.15) },
  { packets: 3.2, logShare: Math.log(0.03) },
] as const;
/** How often more than one packet of others waits where they come alone, and how much longer a packet may take than it was measured to. */
const MORE_THAN_ONE = 0.15;
const LONGEST_LEFT = 1.05;
const STALL_NS = [0.5e6, 1e6, 2e6, 4e6, 8e6, 16e6, 32e6, 64e6, 128e6];
/** Standard deviations of the logarithm: of stalls, and of detours, which all take as long. */
const STALL_SPREADS = [0.5, 1];
const DETOUR_SPREAD = 0.08;
/** How probable an event is behind an event where others fill a queue for a while. */
const PERSISTENCE = [0.5, 0.7, 0.9];
const FIRMNESS = 100;
/**
 * What delays nearly all packets delays a few of them by several times as much: exponentially, with a mean told by what most packets wait, or
 * so many times that where it adds up with queues.
 */
const TAILS = [0.7, 1, 1.4, 2, 2.8];
/** How common each is relative to stalls: lone packets of others, their bursts, jitter and its tail, detours. */
const LOG_RIVALS = {
  lone: Math.log(8),
  bursts: Math.log(8),
  jitter: Math.log(3),
  tail: Math.log(8),
  detours: Math.log(1),
};

/** All in ns. */
export interface WatchedPacket {
  readonly leftNs: number;
  /** The least round trip of its size, and what it waited beyond that. */
  readonly leastNs: number;
  readonly waitNs: number;
  /** What it takes on the narrow link: those that were held up together follow each other by that. */
  readonly ownNs: number;
}

/**
 * From evenly sent packets in the order of sending. `packetNs` is what a full packet of others may take on the narrow link, each as likely. null
 * where nothing stands out.
 */
export function weighStalls(packets: readonly WatchedPacket[], packetNs: readonly number[]): Stalls | null {
  const added = packets.slice(1).map((packet, k) => computeAdded(packet, packets[k] ?? packet));
  // Not what they wait: behind a host that stops often and for long all do, and add nothing of their own.
  const quietNs = Math.max(0, computePercentile(sortAscending(added), QUIET_SHARE));
  const toleranceNs = Math.max(LEAST_EVENT_NS, NOISE_FACTOR * quietNs);
  // Where most packets add to the wait no stall stands out.
  if (packets.length < LEAST_PACKETS || toleranceNs > MOST_NOISE_NS) return null;
  const isEvent = added.map((ns) => ns > toleranceNs);
  const events = sortAscending(added.filter((ns) => ns > toleranceNs));
  if (events.length < LEAST_STALLS) return null;
  const counts = { sent: added.length, events: events.length };
  const logStalls = averageOver(FEW, (share) => weighShare(counts, share)) + weighStallSizes(events, toleranceNs);
  const logRivals = computeLogSum([
    LOG_RIVALS.lone +
      averageOver([...FEW, ...MANY], (share) => weighShare(counts, share)) +
      averageOver(packetNs, (ns) => weighLone(events, ns, toleranceNs)),
    LOG_RIVALS.bursts + weighRuns(isEvent) + weighStallSizes(events, toleranceNs),
    LOG_RIVALS.jitter + averageOver(MANY, (share) => weighShare(counts, share)) + weighStallSizes(events, toleranceNs),
    LOG_RIVALS.tail + weighTail(events, counts, { quietNs, toleranceNs }),
    LOG_RIVALS.detours + averageOver(FEW, (share) => weighShare(counts, share)) + weighSizes(events, DETOUR_SPREAD),
  ]);
  return {
    logOdds: logStalls - logRivals,
    share: events.length / added.length,
    medianNs: computePercentile(events, 0.5),
    longestNs: events.at(-1) ?? 0,
    count: events.length,
  };
}

/** What it waited for itself: replies do not overtake each other, and one that came late holds up the next. */
function computeAdded({ leftNs, leastNs, waitNs, ownNs }: WatchedPacket, before: WatchedPacket): number {
  const freeNs = before.leftNs + before.leastNs + before.waitNs;
  const leftOverNs = freeNs - leftNs - leastNs;
  return leftOverNs > 0 ? waitNs - leftOverNs - ownNs : waitNs;
}

function averageOver(grid: readonly number[], weigh: (value: number) => number): number {
  return computeLogSum(grid.map(weigh)) - Math.log(grid.length);
}

function weighShare({ sent, events }: { readonly sent: number; readonly events: number }, share: number): number {
  return computeLogLossLikelihood(events, sent, share, FIRMNESS);
}

/** Log-normal about a usual length, or exponential, as waits for a turn are. */
function weighStallSizes(events: Float64Array, toleranceNs: number): number {
  const logs = STALL_SPREADS.map((spread) => weighSizes(events, spread));
  const exponential = averageOver(STALL_NS, (meanNs) => weighExponential(events, meanNs, toleranceNs));
  return averageOver([...logs, exponential], (log) => log);
}

function weighExponential(events: Float64Array, meanNs: number, toleranceNs: number): number {
  const beyondNs = Array.from(events).reduce((sum, ns) => sum + ns - toleranceNs, 0);
  return (events.length * Math.log(2 * Math.PI)) / 2 - beyondNs / meanNs - events.length * Math.log(meanNs);
}

/** Log-normal lengths about a median that nobody knows beforehand. */
function weighSizes(events: Float64Array, spread: number): number {
  const logs = Array.from(events, Math.log);
  const grid = spread === DETOUR_SPREAD ? logs : STALL_NS.map(Math.log);
  return averageOver(grid, (middle) =>
    logs.reduce((sum, log) => sum - 0.5 * ((log - middle) / spread) ** 2 - Math.log(spread) - log, 0),
  );
}

/** What is left of the packet that is being sent, anything up to all of it, or as queues of several leave it. */
function weighLone(events: Float64Array, packetNs: number, toleranceNs: number): number {
  const widthNs = LONGEST_LEFT * packetNs - toleranceNs;
  const queued = weighQueued(events, packetNs, toleranceNs);
  if (widthNs <= 0) return queued;
  const left = Array.from(events).reduce((sum, ns) => {
    const ofOne = ns <= LONGEST_LEFT * packetNs ? 1 / widthNs : 0;
    const ofMore = Math.exp((toleranceNs - ns) / packetNs) / packetNs;
    return sum + Math.log((1 - MORE_THAN_ONE) * ofOne + MORE_THAN_ONE * ofMore);
  }, 0);
  return averageOver([queued, left + (events.length * Math.log(2 * Math.PI)) / 2], (log) => log);
}

/** Exponential work of others in front of ours, of what is long enough to be an event; more than a packet of it is rare where they come by themselves. */
function weighQueued(events: Float64Array, packetNs: number, toleranceNs: number): number {
  return computeLogSum(
    QUEUED_PACKETS.map(({ packets, logShare }) => logShare + weighExponential(events, packets * packetNs, toleranceNs)),
  );
}

/** The end of the distribution that most packets are of. */
function weighTail(
  events: Float64Array,
  counts: { readonly sent: number; readonly events: number },
  { quietNs, toleranceNs }: { readonly quietNs: number; readonly toleranceNs: number },
): number {
  return averageOver(TAILS, (factor) => {
    const meanNs = (factor * Math.max(1, quietNs)) / -Math.log1p(-QUIET_SHARE);
    const share = Math.max(Number.MIN_VALUE, Math.exp(-toleranceNs / meanNs));
    return weighShare(counts, share) + weighExponential(events, meanNs, toleranceNs);
  });
}

/** Events follow events; how often a run begins nobody knows. */
function weighRuns(isEvent: readonly boolean[]): number {
  const after = { quiet: { sent: 0, events: 0 }, event: { sent: 0, events: 0 } };
  for (let k = 1; k < isEvent.length; k += 1) {
    const cell = isEvent[k - 1] === true ? after.event : after.quiet;
    cell.sent += 1;
    cell.events += isEvent[k] === true ? 1 : 0;
  }
  return (
    averageOver([...FEW, ...MANY], (share) => weighShare(after.quiet, share)) +
    averageOver(PERSISTENCE, (share) => weighShare(after.event, share))
  );
}
