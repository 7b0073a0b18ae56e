// Turns a sequence into instants, and tells its cost without doing so. Refuses what is out of bounds; sends nothing.
import { InvariantError, UsageError } from '../model/errors.js';
import { ETHERNET_HEADER_BYTES, NS_PER_SEC } from '../model/units.js';
import type { Cost, Pattern, PatternKind, Schedule, Sequence } from '../model/sequence.js';
import { chirp } from './patterns/chirp.js';
import type { PatternExpansion, PatternOf } from './patterns/expansion.js';
import { checkPattern, MAX_DURATION_NS, MAX_PACKETS } from './patterns/fields.js';
import { isochronous } from './patterns/isochronous.js';
import { mixedBurst } from './patterns/mixed-burst.js';
import { pair } from './patterns/pair.js';
import { poisson } from './patterns/poisson.js';
import { single } from './patterns/single.js';
import { sizeSweep } from './patterns/size-sweep.js';
import { train } from './patterns/train.js';
import { twoWayBurst } from './patterns/two-way-burst.js';

const EXPANSIONS: { readonly [K in PatternKind]: PatternExpansion<PatternOf<K>> } = {
  single,
  isochronous,
  poisson,
  train,
  pair,
  chirp,
  'size-sweep': sizeSweep,
  'mixed-burst': mixedBurst,
  'two-way-burst': twoWayBurst,
};

/** What one schedule may hold; a caller with less memory or time gives less. */
export interface ScheduleLimits {
  readonly maxPackets: number;
  /** From the first packet to the last. */
  readonly maxDurationNs: number;
}

export const SCHEDULE_LIMITS: ScheduleLimits = { maxPackets: MAX_PACKETS, maxDurationNs: MAX_DURATION_NS };

/**
 * Offsets are whole ns from 0 and never decrease.
 * @throws UsageError for a field out of bounds, too many packets or too long a schedule.
 */
export function planSchedule(sequence: Sequence, limits: ScheduleLimits = SCHEDULE_LIMITS): Schedule {
  const { packets } = planCost(sequence);
  if (packets > limits.maxPackets) {
    throw new UsageError(
      'usage.argument',
      `sequence ${sequence.id} has ${packets} packets, the limit is ${limits.maxPackets}`,
    );
  }
  const schedule = expandPattern(sequence.pattern, packets);
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
 * Packets and bytes of Ethernet frames (IP length + 14) of a sequence, in closed form: its time does not grow with the count.
 * @throws UsageError for a field out of bounds.
 */
export function planCost(sequence: Sequence): Cost {
  checkPattern(sequence.pattern);
  const { packets, ipBytes } = expansionOf(sequence.pattern).cost(sequence.pattern);
  return { packets, bytes: ipBytes + packets * ETHERNET_HEADER_BYTES };
}

/** What sending all of a schedule costs; equals `planCost` of its sequence. */
export function costOf(schedule: Schedule): Cost {
  let bytes = schedule.count * ETHERNET_HEADER_BYTES;
  for (const size of schedule.sizeBytes) bytes += size;
  return { packets: schedule.count, bytes };
}

function expandPattern(pattern: Pattern, count: number): Schedule {
  const schedule: Schedule = {
    count,
    offsetNs: new Float64Array(count),
    sizeBytes: new Uint16Array(count),
    burst: new Uint32Array(count),
    position: new Uint32Array(count),
  };
  let row = 0;
  let lastNs = 0;
  expansionOf(pattern).expand(pattern, (offsetNs, sizeBytes, burst, position) => {
    // Writes past the end of a typed array are dropped; the count is checked below.
    // Fractional gaps added up in another order can differ in the last bit, hence the maximum.
    lastNs = Math.max(lastNs, Math.round(offsetNs));
    schedule.offsetNs[row] = lastNs;
    schedule.sizeBytes[row] = sizeBytes;
    schedule.burst[row] = burst;
    schedule.position[row] = position;
    row += 1;
  });
  if (row !== count) throw new InvariantError(`pattern ${pattern.kind} costs ${count} packets but expands to ${row}`);
  return schedule;
}

/** The table pairs each kind with its own pattern type; TypeScript cannot follow that through an index. */
function expansionOf<P extends Pattern>(pattern: P): PatternExpansion<P> {
  return EXPANSIONS[pattern.kind] as unknown as PatternExpansion<P>;
}
