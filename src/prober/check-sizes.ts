// What no prober sends: packets that its port or its kind of probe cannot carry.
import { UsageError } from '../model/errors.js';
import type { PathDescription } from '../model/path.js';
import type { Schedule } from '../model/sequence.js';

/** Jumbo frames end at about 9,000 bytes; what loopback offers beyond is no path's MTU. */
export const MAX_MTU_BYTES = 9_216;

/**
 * What a router may fragment may be as large as the port's own packets; what must stay whole not larger than the path carries.
 * @throws UsageError naming the first size that cannot be sent on this path.
 */
export function checkSizes(schedule: Schedule, path: PathDescription, dontFragment: boolean): void {
  const { minSizeBytes } = path;
  const mtuBytes = dontFragment ? path.mtuBytes : Math.max(path.mtuBytes, Math.min(path.port.mtuBytes, MAX_MTU_BYTES));
  for (const size of schedule.sizeBytes) {
    if (size >= minSizeBytes && size <= mtuBytes) continue;
    const range = `${minSizeBytes} to ${mtuBytes} bytes`;
    throw new UsageError('usage.argument', `a packet of ${size} bytes cannot be sent on this path, only ${range}`);
  }
}
