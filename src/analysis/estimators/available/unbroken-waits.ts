// Whether a link was busy from one of our packets to the next, so that the first delayed the second.
import type { Trace } from '../../../model/trace.js';

export interface WaitingPackets {
  readonly trace: Trace;
  /** Ascending rows of small packets that came back, and what each of them waited, ns, 0 and up; 0 where that may be noise. */
  readonly rows: readonly number[];
  readonly waitNs: ArrayLike<number>;
  /** What one of them takes of the link, ns. */
  readonly ownNs: number;
}

/**
 * One entry a row, 0-1: the odds that the link did not fall idle since the row before. What waits in front of it lasts until our next
 * packet, whatever its size, or for a part of the time until then; in the rest of that time it is as likely idle as not yet reached
 * by others.
 */
export function computeUnbroken({ trace, rows, waitNs, ownNs }: WaitingPackets): Float64Array {
  const { plannedOffsetNs } = trace;
  const odds = new Float64Array(rows.length);
  for (let i = 1; i < rows.length; i += 1) {
    const before = rows[i - 1] ?? 0;
    const pauseNs = (plannedOffsetNs[before + 1] ?? Infinity) - (plannedOffsetNs[before] ?? 0);
    const haveBothWaited = (waitNs[i - 1] ?? 0) > 0 && (waitNs[i] ?? 0) > 0;
    if (haveBothWaited) odds[i] = Math.min(1, ((waitNs[i - 1] ?? 0) + ownNs) / pauseNs);
  }
  return odds;
}
