// Whether short trains that leave faster than a link of a given rate carries them behave as on a medium that both directions share: how
// long the last reply takes, and whether replies wait for requests that left after theirs. What that means is judged by others.
import type { Trace } from '../../../model/trace.js';
import { BITS_PER_BYTE, ETHERNET_HEADER_BYTES, NS_PER_SEC } from '../../../model/units.js';
import { hasUsableStamps } from '../round-trip-times.js';

export interface SharedMedium {
  readonly rateBitsPerSec: number;
  /** IP length of replies to large requests; null where they are as large. */
  readonly replyBytes: number | null;
  /** Least round trip, ns. */
  readonly leastRttNs: number;
}

export interface SharedWait {
  /** Time from the first departure to the last reply, less half the least round trip, over what the medium needs for both directions. */
  readonly spanRatio: number;
  /**
   * Most that a reply waited longer than the packets ahead of it can explain, over the time the requests take on the medium: about zero
   * where each direction is a queue of its own, up to one where replies wait for the train to end.
   */
  readonly untimelyRatio: number;
  /** Time that the requests take on the medium, ns. */
  readonly requestsNs: number;
  /** Median wait of the first quarter, ns. */
  readonly earlyNs: number;
  readonly packets: number;
}

const LEAST_PACKETS = 8;
const LEAST_ANSWERED = 0.95;
/** A train that takes longer to leave leaves gaps for replies. One that leaves at the own port's rate leaves none. */
const MOST_SENDING = 1.1;
/** Preamble, FCS and gap of Ethernet. */
const WIRE_BYTES = 24;
/** A place or two beside the own one: pacing is not exact. */
const PLACES = 2;
/** Where replies are under way for longer than this share of the train, few of them meet requests. */
const MOST_ROUND_TRIP = 0.3;

/** One for each burst that fills the medium, or for all of a train that is made of short ones. Far ends that send of their own account fill it, too: such traces are passed over. */
export function measureSharedWaits(trace: Trace, medium: SharedMedium): SharedWait[] {
  if (trace.farTrain !== null || !hasUsableStamps(trace)) return [];
  const bursts = new Map<number, number[]>();
  for (let row = 0; row < trace.count; row += 1) {
    const burst = trace.burst[row] ?? 0;
    const rows = bursts.get(burst);
    if (rows === undefined) bursts.set(burst, [row]);
    else rows.push(row);
  }
  const areShort = [...bursts.values()].every((rows) => rows.length < LEAST_PACKETS);
  const whole = areShort ? [[...bursts.values()].flat()] : [...bursts.values()];
  return whole.flatMap((rows) => measureBurst(trace, rows, medium) ?? []);
}

function measureBurst(trace: Trace, rows: readonly number[], medium: SharedMedium): SharedWait | null {
  const first = rows[0] ?? 0;
  const packets = rows.length;
  const onWireNs = (bytes: number): number =>
    ((bytes + ETHERNET_HEADER_BYTES + WIRE_BYTES) * BITS_PER_BYTE * NS_PER_SEC) / medium.rateBitsPerSec;
  const sizeBytes = trace.sizeBytes[first] ?? 0;
  const requestsNs = packets * onWireNs(sizeBytes);
  if (packets < LEAST_PACKETS || medium.leastRttNs > MOST_ROUND_TRIP * requestsNs) return null;
  const beganNs = trace.txOffsetNs[first] ?? NaN;
  const sendingNs = (trace.txOffsetNs[rows[packets - 1] ?? 0] ?? NaN) - beganNs;
  const came = [...rows.keys()].filter((place) => Number.isFinite(trace.rxOffsetNs[rows[place] ?? 0]));
  if (!(sendingNs < MOST_SENDING * requestsNs) || came.length < LEAST_ANSWERED * packets) return null;
  const waitOf = (place: number): number => {
    const row = rows[place] ?? 0;
    return (trace.rxOffsetNs[row] ?? NaN) - (trace.txOffsetNs[row] ?? NaN) - medium.leastRttNs;
  };
  const endedNs = came.reduce((last, place) => Math.max(last, trace.rxOffsetNs[rows[place] ?? 0] ?? 0), -Infinity);
  // What of the round trip lies behind the medium passes while it is busy; which share that is, is not known.
  const spanNs = endedNs - beganNs - medium.leastRttNs / 2;
  const paceNs = spanNs / packets;
  const untimelyNs = came.reduce((most, place) => Math.max(most, waitOf(place) - (place + PLACES) * paceNs), 0);
  const early = came.filter((place) => place < packets / 4).map(waitOf);
  return {
    spanRatio: spanNs / (requestsNs + packets * onWireNs(medium.replyBytes ?? sizeBytes)),
    untimelyRatio: untimelyNs / requestsNs,
    requestsNs,
    earlyNs: early.sort((a, b) => a - b)[Math.floor(early.length / 2)] ?? NaN,
    packets,
  };
}
