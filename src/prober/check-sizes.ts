// What no prober sends: packets that its port or its kind of probe cannot carry.
import { UsageError } from '../model/errors.js';
import type { PathDescription } from '../model/path.js';
import type { Schedule } from '../model/sequence.js';

/** @throws UsageError naming the first size that cannot be sent on this path. */
export function checkSizes(schedule: Schedule, { minSizeBytes, mtuBytes }: PathDescription): void {
  for (const size of schedule.sizeBytes) {
    if (size >= minSizeBytes && size <= mtuBytes) continue;
    const range = `${minSizeBytes} to ${mtuBytes} bytes`;
    throw new UsageError('usage.argument', `a packet of ${size} bytes cannot be sent on this path, only ${range}`);
  }
}
