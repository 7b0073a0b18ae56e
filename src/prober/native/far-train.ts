// A train that the far end is to send: its pattern as the reflector understands it, its rows, and the packets on our side that ask
// for it, keep it alive and end it. Pure.
import { UsageError } from '../../model/errors.js';
import type { Pattern, Schedule, Sequence } from '../../model/sequence.js';
import { ETHERNET_HEADER_BYTES, NS_PER_MS } from '../../model/units.js';
import { UDP_HEADER_BYTES } from '../../packet/udp.js';
import { MAX_CHIRP_PACKETS, MIN_TRAIN_PACKET_BYTES, TRAIN_REQUEST_BYTES } from '../../packet/stamp-train.js';
import type { TrainOperation, TrainShape } from '../../packet/stamp-train.js';
import { planSchedule } from '../../sequencer/schedule.js';

/** The same request three times: one lost packet must not cost the train. */
const START_OFFSETS_NS: readonly number[] = [0, 5 * NS_PER_MS, 20 * NS_PER_MS];
/** The reflector ends a train whose sender it has not heard for 500 ms: two such packets in a row may be lost. */
const KEEP_ALIVE_NS = 150 * NS_PER_MS;
/**
 * After the planned end: 5 ms that the reflector takes to begin and more where its machine is busy, 24 ms that twenty packets take on a
 * port of 10 Mb/s, and patience with a port slower than its plan. What is cut off there tells no other rate than what came before.
 */
const START_ALLOWANCE_NS = 60 * NS_PER_MS;
const SLOWER_SHARE = 0.25;
const MOST_SLOWER_NS = 40 * NS_PER_MS;
const STOPS = 2;
const STOP_INTERVAL_NS = 10 * NS_PER_MS;

const IP_HEADER_BYTES = { 4: 20, 6: 40 } as const;

export interface FarPlan {
  readonly shape: TrainShape;
  readonly schedule: Schedule;
}

/**
 * @throws UsageError for a pattern that is not made of equal packets in bursts, for packets too small to carry their number, and for
 * what no schedule may have.
 */
export function planFarTrain(sequence: Sequence, pattern: Pattern, ipVersion: 4 | 6): FarPlan {
  const { sizeBytes, ...bursts } = describeBursts(pattern);
  const schedule = planSchedule({ ...sequence, pattern });
  const headerBytes = IP_HEADER_BYTES[ipVersion] + UDP_HEADER_BYTES;
  const packetBytes = sizeBytes - headerBytes;
  if (packetBytes < MIN_TRAIN_PACKET_BYTES) {
    const least = headerBytes + MIN_TRAIN_PACKET_BYTES;
    throw new UsageError('usage.argument', `the far end sends no packets of ${sizeBytes} bytes, at least ${least}`);
  }
  if (bursts.spreadFactor > 1 && bursts.packets > MAX_CHIRP_PACKETS) {
    throw new UsageError('usage.argument', `a chirp of the far end has ${MAX_CHIRP_PACKETS} packets at most`);
  }
  return { schedule, shape: { ...bursts, packetBytes, trafficClass: sequence.dscp << 2 } };
}

type Bursts = Omit<TrainShape, 'packetBytes' | 'trafficClass'> & { readonly sizeBytes: number };

function describeBursts(pattern: Pattern): Bursts {
  const even = { bursts: 1, spreadFactor: 1, firstGapNs: 0, spacingNs: 0 };
  switch (pattern.kind) {
    case 'single':
      return { ...even, packets: 1, sizeBytes: pattern.sizeBytes };
    case 'isochronous':
      return { ...even, packets: pattern.count, firstGapNs: pattern.intervalNs, sizeBytes: pattern.sizeBytes };
    case 'pair':
      return { ...even, bursts: pattern.pairs, packets: 2, spacingNs: pattern.spacingNs, sizeBytes: pattern.sizeBytes };
    case 'train':
      return describeTrain(pattern.trains, pattern.packetsPerTrain, pattern);
    case 'two-way-burst':
      return describeTrain(pattern.bursts, pattern.packetsPerBurst, pattern);
    case 'chirp': {
      const { chirps, packetsPerChirp, firstGapNs, spreadFactor, spacingNs, sizeBytes } = pattern;
      return { bursts: chirps, packets: packetsPerChirp, firstGapNs, spreadFactor, spacingNs, sizeBytes };
    }
    default:
      throw new UsageError('usage.unsupported', `the far end sends bursts of equal packets only, no ${pattern.kind}`);
  }
}

interface EvenTrain {
  readonly gapNs: number;
  readonly spacingNs: number;
  readonly sizeBytes: number;
}

function describeTrain(bursts: number, packets: number, { gapNs, spacingNs, sizeBytes }: EvenTrain): Bursts {
  return { bursts, packets, spreadFactor: 1, firstGapNs: gapNs, spacingNs, sizeBytes };
}

/** From the first request to the last word to stop, ns. */
export function computeFarDurationNs(plan: FarPlan): number {
  return planControlPackets(plan).at(-1)?.offsetNs ?? 0;
}

export interface ControlPacket {
  readonly offsetNs: number;
  readonly operation: TrainOperation;
}

/** In order of their offsets, which are from the first packet of our own schedule. */
export function planControlPackets({ schedule }: FarPlan): ControlPacket[] {
  const packets: ControlPacket[] = START_OFFSETS_NS.map((offsetNs) => ({ offsetNs, operation: 'run' }));
  const lastNs = schedule.offsetNs[schedule.count - 1] ?? 0;
  const endNs = lastNs + START_ALLOWANCE_NS + Math.min(MOST_SLOWER_NS, SLOWER_SHARE * lastNs);
  for (let offsetNs = KEEP_ALIVE_NS; offsetNs < endNs; offsetNs += KEEP_ALIVE_NS) {
    packets.push({ offsetNs, operation: 'run' });
  }
  for (let i = 0; i < STOPS; i++) packets.push({ offsetNs: endNs + i * STOP_INTERVAL_NS, operation: 'stop' });
  return packets;
}

/** Length of the IP packet that a control packet is. */
export function computeControlBytes(ipVersion: 4 | 6): number {
  return IP_HEADER_BYTES[ipVersion] + UDP_HEADER_BYTES + TRAIN_REQUEST_BYTES;
}

export function computeControlCost(packets: number, ipVersion: 4 | 6): { packets: number; bytes: number } {
  return { packets, bytes: packets * (computeControlBytes(ipVersion) + ETHERNET_HEADER_BYTES) };
}

/** What leaves, in order: rows of the schedule as their index, control packets as −1, −2 … */
export interface Departures {
  readonly offsetNs: Float64Array;
  readonly what: Int32Array;
}

/** A control packet goes before a row of the same instant. */
export function mergeDepartures(schedule: Schedule, controls: readonly ControlPacket[]): Departures {
  const count = schedule.count + controls.length;
  const offsetNs = new Float64Array(count);
  const what = new Int32Array(count);
  let row = 0;
  let control = 0;
  for (let i = 0; i < count; i++) {
    const rowNs = row < schedule.count ? (schedule.offsetNs[row] ?? 0) : Infinity;
    const controlNs = controls[control]?.offsetNs ?? Infinity;
    const isControl = controlNs <= rowNs;
    offsetNs[i] = isControl ? controlNs : rowNs;
    what[i] = isControl ? -1 - control++ : row++;
  }
  return { offsetNs, what };
}
