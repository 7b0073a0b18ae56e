// Turns a sequence into instants, and tells its cost without doing so. Refuses what is out of bounds; sends nothing.
import { InvariantError, UsageError } from '../model/errors.js';
import { computePatternCost } from '../model/pattern-cost.js';
import { NS_PER_SEC } from '../model/units.js';
import type { Cost, Pattern, PatternKind, Schedule, Sequence } from '../model/sequence.js';
import { expandChirp } from './patterns/chirp.js';
import { expandClassSweep } from './patterns/class-sweep.js';
import type { ExpandPattern, PatternOf } from './patterns/expansion.js';
import { checkPattern, MAX_DURATION_NS, MAX_PACKETS } from './patterns/fields.js';
import { expandIsochronous } from './patterns/isochronous.js';
import { expandMixedBurst } from './patterns/mixed-burst.js';
import { expandPair } from './patterns/pair.js';
import { expandPoisson } from './patterns/poisson.js';
import { expandProbedLoad } from './patterns/probed-load.js';
import { expandSingle } from './patterns/single.js';
import { expandSizeSweep } from './patterns/size-sweep.js';
import { expandTrain } from './patterns/train.js';
import { expandTwoWayBurst } from './patterns/two-way-burst.js';
import { expandWatchedTrain } from './patterns/watched-train.js';

const EXPANSIONS: { readonly [K in PatternKind]: ExpandPattern<PatternOf<K>> } = {
  single: expandSingle,
  isochronous: expandIsochronous,
  poisson: expandPoisson,
  train: expandTrain,
  'watched-train': expandWatchedTrain,
  pair: expandPair,
  chirp: expandChirp,
  'size-sweep': expandSizeSweep,
  'mixed-burst': expandMixedBurst,
  'two-way-burst': expandTwoWayBurst,
  'class-sweep': expandClassSweep,
  'probed-load': expandProbedLoad,
};

/** What one schedule may hold; a caller with less memory or time gives less. */
export interface ScheduleLimits {
  readonly maxPackets: number;
  /** From the first packet to the last. */
  readonly maxDurationNs: number;
}

/** The two low bits of a traffic class (RFC 3168). */
const ECN_BITS = 2;

export const SCHEDULE_LIMITS: ScheduleLimits = { maxPackets: MAX_PACKETS, maxDurationNs: MAX_DURATION_NS };

/**
 * Offsets are whole ns from 0 and never decrease.
 * @throws UsageError for a field out of bounds, too many packets or too long a schedule.
 */
export function planSchedule(sequence: Sequence, limits: ScheduleLimits = SCHEDULE_LIMITS): Schedule {
  checkPattern(sequence.pattern);
  const { packets } = computePatternCost(sequence.pattern);
  if (packets > limits.maxPackets) {
    throw new UsageError(
      'usage.argument',
      `sequence ${sequence.id} has ${packets} packets, the limit is ${limits.maxPackets}`,
    );
  }
  const schedule = expandPattern(sequence.pattern, packets, sequence.dscp << ECN_BITS);
  const durationNs = schedule.offsetNs[packets - 1] ?? 0;
  if (durationNs > limits.maxDurationNs) {
    const seconds = (ns: number): string => (ns / NS_PER_SEC).toFixed(1);
    throw new UsageError(
      'usage.argument',
      `sequence ${sequence.id} takes ${seconds(durationNs)} s, the limit is ${seconds(limits.maxDurationNs)} s`,
    );
  }
  return schedule;
}

/**
 * Packets and bytes of Ethernet frames (IP length + 14) of a sequence, in closed form; what the far end sends is counted too.
 * @throws UsageError for a field out of bounds.
 */
export function planCost(sequence: Sequence): Cost {
  checkPattern(sequence.pattern);
  if (sequence.farPattern !== undefined) checkPattern(sequence.farPattern);
  const near = computePatternCost(sequence.pattern);
  const far = sequence.farPattern === undefined ? null : computePatternCost(sequence.farPattern);
  return far === null ? near : { packets: near.packets + far.packets, bytes: near.bytes + far.bytes };
}

function expandPattern(pattern: Pattern, count: number, trafficClass: number): Schedule {
  const schedule: Schedule = {
    count,
    offsetNs: new Float64Array(count),
    sizeBytes: new Uint16Array(count),
    burst: new Uint32Array(count),
    position: new Uint32Array(count),
    trafficClass: new Uint8Array(count).fill(trafficClass),
    flow: new Uint8Array(count),
  };
  let row = 0;
  let lastNs = 0;
  expansionOf(pattern)(pattern, (packet) => {
    // Writes past the end of a typed array are dropped; the count is checked below.
    // Fractional gaps added up in another order can differ in the last bit, hence the maximum.
    lastNs = Math.max(lastNs, Math.round(packet.offsetNs));
    schedule.offsetNs[row] = lastNs;
    schedule.sizeBytes[row] = packet.sizeBytes;
    schedule.burst[row] = packet.burst;
    schedule.position[row] = packet.position;
    if (packet.trafficClass !== undefined) schedule.trafficClass[row] = packet.trafficClass;
    if (packet.flow !== undefined) schedule.flow[row] = packet.flow;
    row += 1;
  });
  if (row !== count) throw new InvariantError(`pattern ${pattern.kind} costs ${count} packets but expands to ${row}`);
  return schedule;
}

/** The table pairs each kind with its own pattern type; TypeScript cannot follow that through an index. */
function expansionOf<P extends Pattern>(pattern: P): ExpandPattern<P> {
  return EXPANSIONS[pattern.kind] as unknown as ExpandPattern<P>;
}
