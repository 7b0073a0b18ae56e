// A link that sends in slots (wireless, cable, mobile): packets that leave at any time come only when a slot ends. No fault, unless so
// much is sent again that delay suffers. Jitter without slots is not judged here, nor what a port gathers for its interrupt.
import { formatFigure, RATE, TIME, VOLUME } from '../../model/figures.js';
import type { Evidence, Finding } from '../../model/report.js';
import type { Trace } from '../../model/trace.js';
import { BITS_PER_BYTE, ETHERNET_HEADER_BYTES, NS_PER_SEC } from '../../model/units.js';
import { computeLightSize } from '../examination/knowledge.js';
import { readCapacity } from '../examination/readings/train-readings.js';
import { findArrivalLattice } from '../estimators/capacity/arrival-lattice.js';
import type { ArrivalLattice } from '../estimators/capacity/arrival-lattice.js';
import { LONGEST_INTERRUPT_NS } from '../estimators/capacity/stamp-batches.js';
import { listAnsweredRows } from '../estimators/packet-fate.js';
import { hasUsableStamps } from '../estimators/round-trip-times.js';
import { computeWilsonInterval } from '../statistics/wilson-interval.js';
import { computePosterior, formatPercent } from './observations.js';
import type { Judgement, Observations } from './observations.js';

/** Such links among all paths. */
const PRIOR = 0.1;
const LEAST_PROBABILITY = 0.9;
/** Not worth a line among the alternatives: any arrivals fit some period a little. */
const LEAST_TOLD = 0.05;
/** Calls and games feel it where so many packets come outside their slots. */
const HARMFUL_SHARE = 0.15;

const HARMLESS_ADVICE =
  'Usual for wireless, cable and mobile access: packets wait for their slot. Where a cable was expected, look which way the traffic ' +
  'really takes.';
const CONFIRM = 'The same test by cable, or from the other side of the access link: the slots must be gone.';

interface Slots extends ArrivalLattice {
  readonly direction: Finding['direction'];
}

export function judgeWirelessHop(observations: Observations): Judgement | null {
  const [trace] = observations.byPhase.delay;
  const slots = trace === undefined ? null : findSlots(trace);
  if (slots === null || isPacketTime(slots, observations)) return judgeBatches(observations);
  const probability = computePosterior([Math.log(PRIOR) + slots.logOdds, Math.log(1 - PRIOR)]);
  if (probability < LEAST_TOLD) return judgeBatches(observations);
  const finding = probability < LEAST_PROBABILITY ? null : describe(slots, probability, observations);
  return { condition: 'wireless-hop', probability, finding };
}

/**
 * Behind full packets of others ours come at instants, too: those at which the narrow link is through with one, or with one and one of ours. No slot
 * carries just one. Of the round trip the capacity is that of the narrower direction; what others leave of it is less than what a packet's size costs.
 */
function isPacketTime({ periodNs, direction }: Slots, { estimates, path }: Observations): boolean {
  const { forward, reverse } = estimates.capacity;
  const rates = direction === 'both' ? [forward, reverse] : [direction === 'reverse' ? reverse : forward];
  const fullBytes = path.mtuBytes + ETHERNET_HEADER_BYTES;
  const ownBytes = computeLightSize(path) + ETHERNET_HEADER_BYTES;
  const byRate = rates.flatMap((rate) => (rate === null ? [] : [(BITS_PER_BYTE * NS_PER_SEC) / rate.value]));
  const slope = estimates.serialisation?.value ?? 0;
  const bySize = estimates.oneWay.forward === null ? [slope, slope / 2] : [];
  return [...byRate, ...bySize].some((nsPerByte) => {
    const least = nsPerByte * fullBytes * (1 - PACKET_TOLERANCE);
    return periodNs >= least && periodNs <= nsPerByte * (fullBytes + ownBytes) * (1 + PACKET_TOLERANCE);
  });
}

/** Capacities count headers that a link may not send, or preambles that they do not. */
const PACKET_TOLERANCE = 0.05;

/**
 * Batches of a load, longer apart than any interrupt of a port gathers. Slots of changing length make single packets wait for a part of a batch,
 * too, and so does jitter: nobody can tell them apart. Stalls and full queues, which single packets do not meet, are no slots.
 */
const BATCHES_PROBABILITY = 0.4;
const WAITING_SHARE = 0.25;

/** Where single packets tell nothing of slots: what a load says, as far as they do not contradict it. Never more than an alternative. */
function judgeBatches({ byPhase, path, estimates }: Observations): Judgement | null {
  const capacity = readCapacity({ traces: byPhase, path });
  if (capacity?.batchNs == null || capacity.sharesStamps || capacity.batchNs < LONGEST_INTERRUPT_NS) return null;
  if (estimates.rtt === null || estimates.rtt.p95Ns - estimates.rtt.minNs < WAITING_SHARE * capacity.batchNs)
    return null;
  return { condition: 'wireless-hop', probability: BATCHES_PROBABILITY, finding: null };
}

/** Of each direction where the far end stamps, else of the round trip: what waits for slots twice comes in those of the way back. */
function findSlots(trace: Trace): Slots | null {
  if (!hasUsableStamps(trace)) return null;
  const forward = findLattice(trace, trace.txOffsetNs, trace.farRxOffsetNs);
  const reverse = findLattice(trace, trace.farTxOffsetNs, trace.rxOffsetNs, trace.txOffsetNs);
  if (forward === null && reverse === null) {
    const both = findLattice(trace, trace.txOffsetNs, trace.rxOffsetNs);
    return both && { ...both, direction: 'unknown' };
  }
  const better = (forward?.logOdds ?? -Infinity) >= (reverse?.logOdds ?? -Infinity) ? forward : reverse;
  if (better === null) return null;
  const isBoth = Math.min(forward?.logOdds ?? -Infinity, reverse?.logOdds ?? -Infinity) > CLEAR_LOG_ODDS;
  return { ...better, direction: isBoth ? 'both' : better === forward ? 'forward' : 'reverse' };
}

/** Odds at which the other direction is told to have slots, too. */
const CLEAR_LOG_ODDS = 5;

function findLattice(
  trace: Trace,
  left: Float64Array,
  came: Float64Array,
  asked: Float64Array | null = null,
): ArrivalLattice | null {
  const rows = listAnsweredRows(trace).filter((row) => Number.isFinite(left[row]) && Number.isFinite(came[row]));
  const pick = (column: Float64Array): Float64Array => Float64Array.from(rows, (row) => column[row] ?? 0);
  return findArrivalLattice(pick(left), pick(came), asked && pick(asked));
}

function describe(slots: Slots, probability: number, { estimates }: Observations): Finding {
  const { periodNs, offShare, packets, direction } = slots;
  const rate = direction === 'reverse' ? estimates.capacity.reverse : estimates.capacity.forward;
  const evidence: Evidence[] = [
    {
      text:
        `${formatPercent(1 - offShare)} of ${packets} packets that left at any time came at instants ` +
        `${formatFigure(periodNs, TIME)} apart: the link sends in slots`,
      metric: 'slots.periodNs',
      value: Math.round(periodNs),
      expected: null,
    },
  ];
  if (offShare * packets >= 1)
    evidence.push({
      text: `${formatPercent(offShare)} came later than their slot: sent again, or waiting for what was`,
      metric: 'slots.offShare',
      value: offShare,
      expected: 0,
    });
  if (rate !== null && rate.limitedBy !== 'probe') {
    const grantBytes = (rate.value * periodNs) / BITS_PER_BYTE / NS_PER_SEC;
    evidence.push({
      text: `A slot carries about ${formatFigure(grantBytes, VOLUME)}, ${formatFigure(rate.value, RATE)} over time`,
      metric: 'slots.grantBytes',
      value: Math.round(grantBytes),
      expected: null,
    });
  }
  const isHarmful = computeWilsonInterval(offShare * packets, packets).low > HARMFUL_SHARE;
  return {
    condition: 'wireless-hop',
    probability,
    severity: isHarmful ? 'warning' : 'info',
    where: { kind: 'path' },
    direction,
    evidence,
    advice: isHarmful
      ? 'Much is sent again: look at the signal and at neighbours on the same channel (wireless), or at the levels of the modem (cable, ' +
        'mobile). For calls and control use a cable.'
      : HARMLESS_ADVICE,
    confirm: CONFIRM,
  };
}
