// What other traffic took of a link's time while small packets watched it, alone or in the pauses of trains. Whether their waits tell
// that at all is decided elsewhere.
import { BITS_PER_BYTE, ETHERNET_HEADER_BYTES, NS_PER_SEC } from '../../model/units.js';
import type { Trace } from '../../model/trace.js';

/** One sequence and what became of its small packets. */
export interface Watch {
  readonly trace: Trace;
  /** Rows of small packets that came back, ascending, and whether each of them found the link busy: 0 or 1, or the odds of it. */
  readonly rows: readonly number[];
  readonly waited: readonly number[];
}

export interface WatchedTime {
  readonly spanNs: number;
  /** Of that, what the link worked for others, and what it did not work. */
  readonly othersNs: number;
  readonly idleNs: number;
  /** Of `othersNs`: its standard error, for what came between the small packets. */
  readonly errorNs: number;
}

/**
 * Each small packet stands for an equal part of its pause, in the middle of which it was sent. From the first packet of an
 * overloading train to its last the link is busy. What our own packets take is known. The error is that of systematic samples from
 * their successive differences (von Neumann 1941; Wolter 1984): Σ (b − b′)²/2 of the parts' lengths squared.
 */
export function measureWatchedTime({ trace, rows, waited }: Watch, rateBitsPerSec: number): WatchedTime {
  const { pauses, trainNs, spanNs } = splitTime(trace);
  const mean = waited.reduce((sum, share) => sum + share, 0) / Math.max(1, waited.length);
  let busyNs = trainNs;
  let variance = 0;
  for (const { burst, lengthNs } of pauses) {
    const seen = waited.filter((_, i) => trace.burst[rows[i] ?? -1] === burst);
    const share = seen.length === 0 ? mean : seen.reduce((sum, one) => sum + one, 0) / seen.length;
    busyNs += share * lengthNs;
    const partNs = lengthNs / Math.max(1, seen.length);
    for (let i = 1; i < seen.length; i += 1) variance += (((seen[i] ?? 0) - (seen[i - 1] ?? 0)) ** 2 / 2) * partNs ** 2;
  }
  const ownBits = trace.sizeBytes.reduce((sum, size) => sum + size + ETHERNET_HEADER_BYTES, 0) * BITS_PER_BYTE;
  const ownNs = trainNs > 0 ? (ownBits / rateBitsPerSec) * NS_PER_SEC : 0;
  return { spanNs, othersNs: busyNs - ownNs, idleNs: spanNs - busyNs, errorNs: Math.sqrt(variance) };
}

interface Pause {
  /** Of the small packets in it. */
  readonly burst: number;
  readonly lengthNs: number;
}

interface SplitTime {
  readonly pauses: readonly Pause[];
  /** All trains together. */
  readonly trainNs: number;
  readonly spanNs: number;
}

/** By plan. A sequence of small packets alone is one pause. */
function splitTime({ sizeBytes, burst, plannedOffsetNs, count }: Trace): SplitTime {
  const largest = sizeBytes.reduce((most, size) => Math.max(most, size), 0);
  const smallest = sizeBytes.reduce((least, size) => Math.min(least, size), Infinity);
  const endNs = plannedOffsetNs[count - 1] ?? 0;
  if (largest === smallest) {
    const spanNs = (endNs * count) / Math.max(1, count - 1);
    return { pauses: [{ burst: burst[0] ?? 0, lengthNs: spanNs }], trainNs: 0, spanNs };
  }
  const begins: number[] = [];
  const ends: number[] = [];
  for (let row = 0; row < count; row += 1) {
    if (sizeBytes[row] !== largest) continue;
    const train = burst[row] ?? 0;
    begins[train] ??= plannedOffsetNs[row] ?? 0;
    ends[train] = plannedOffsetNs[row] ?? 0;
  }
  const trains = begins.length;
  const periodNs = trains > 1 ? ((begins[trains - 1] ?? 0) - (begins[0] ?? 0)) / (trains - 1) : endNs;
  const lengthNs = (ends[0] ?? 0) - (begins[0] ?? 0);
  const pauses = begins.map((_, train) => ({ burst: trains + train, lengthNs: periodNs - lengthNs }));
  return { pauses, trainNs: trains * lengthNs, spanNs: trains * periodNs };
}
