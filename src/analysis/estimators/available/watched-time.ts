// What other traffic took of a link's time while small packets watched it, alone or in the pauses of trains. Whether their waits tell
// that at all is decided elsewhere.
import { ETHERNET_HEADER_BYTES, serialisationNs } from '../../../model/units.js';
import type { Trace } from '../../../model/trace.js';

/** One sequence and what became of its small packets. */
export interface Watch {
  readonly trace: Trace;
  /** Rows of small packets that came back, ascending, and whether each of them found the link busy: 0 or 1, or the odds of it. */
  readonly rows: readonly number[];
  readonly waited: readonly number[];
  /** What they waited, ns; 0 where that may be noise. */
  readonly waitNs: Float64Array;
  /** The odds that the link did not fall idle since the row before. */
  readonly unbroken: ArrayLike<number>;
}

export interface WatchedTime {
  readonly spanNs: number;
  /** Where it lies, by plan, ns since the first packet. */
  readonly beginNs: number;
  readonly endNs: number;
  /** What each train takes of the link; 0 without trains. */
  readonly trainNs: number;
  /** Of it, what the link worked for others, and what it did not work. */
  readonly othersNs: number;
  readonly idleNs: number;
  /** Of `othersNs`: its standard error, for what came between the small packets. */
  readonly errorNs: number;
}

/**
 * Each small packet stands for the time that is closer to it than to another one. An overloading train keeps the link busy until it
 * has passed; what it takes is known, and left out. So is a small packet where it kept the link busy until the next one came, which
 * counted it; else none did. The error is that of systematic samples from their successive differences (von Neumann 1941; Wolter
 * 1984): Σ (b − b′)²/2 of the parts' lengths squared.
 */
export function measureWatchedTime(watch: Watch, rateBitsPerSec: number): WatchedTime {
  const { trace, unbroken } = watch;
  const { smallNs, trainNs, passingNs, pauses, beginNs, endNs } = splitTime(trace, rateBitsPerSec);
  let busyNs = pauses.length * passingNs;
  let variance = 0;
  for (const pause of pauses) {
    const parts = divide(pause, watch);
    parts.forEach(({ lengthNs, share }, i) => {
      busyNs += share * lengthNs;
      const before = parts[i - 1]?.share ?? share;
      variance += ((share - before) ** 2 / 2) * lengthNs ** 2;
    });
  }
  // The first of those that follow each other unbroken is one of them.
  const own = Array.from(unbroken).reduce((sum, odds, i) => sum + odds + odds * (1 - (unbroken[i - 1] ?? 0)), 0);
  const othersNs = busyNs - pauses.length * trainNs - own * smallNs;
  const spanNs = endNs - beginNs;
  return { spanNs, beginNs, endNs, trainNs, othersNs, idleNs: spanNs - busyNs, errorNs: Math.sqrt(variance) };
}

interface Pause {
  /** Of the small packets in it. */
  readonly burst: number;
  readonly beginNs: number;
  readonly endNs: number;
}

interface Part {
  readonly lengthNs: number;
  readonly share: number;
}

/** By the packets in it, or as one where none came back. */
function divide({ burst, beginNs, endNs }: Pause, { trace, rows, waited }: Watch): Part[] {
  const places = [...rows.keys()].filter((place) => trace.burst[rows[place] ?? -1] === burst);
  const atNs = places.map((place) => trace.plannedOffsetNs[rows[place] ?? -1] ?? NaN);
  const border = (i: number): number => ((atNs[i - 1] ?? NaN) + (atNs[i] ?? NaN)) / 2;
  const parts = places.map((place, i): Part => {
    const fromNs = i === 0 ? beginNs : Math.max(beginNs, border(i));
    const untilNs = i === places.length - 1 ? endNs : border(i + 1);
    return { lengthNs: Math.max(0, untilNs - fromNs), share: waited[place] ?? 0 };
  });
  const mean = waited.reduce((sum, share) => sum + share, 0) / Math.max(1, waited.length);
  return parts.length > 0 ? parts.filter(({ lengthNs }) => lengthNs > 0) : [{ lengthNs: endNs - beginNs, share: mean }];
}

interface SplitTime {
  /** What a small packet, and a train, take of the link. */
  readonly smallNs: number;
  readonly trainNs: number;
  /** From a train's first packet until the train has passed, at least. */
  readonly passingNs: number;
  readonly pauses: readonly Pause[];
  readonly beginNs: number;
  readonly endNs: number;
}

/** By plan. A sequence of small packets alone is one pause. */
function splitTime({ sizeBytes, burst, plannedOffsetNs, count }: Trace, rateBitsPerSec: number): SplitTime {
  const largest = sizeBytes.reduce((most, size) => Math.max(most, size), 0);
  const smallest = sizeBytes.reduce((least, size) => Math.min(least, size), Infinity);
  const smallNs = serialisationNs(smallest + ETHERNET_HEADER_BYTES, rateBitsPerSec);
  const lastNs = plannedOffsetNs[count - 1] ?? 0;
  if (largest === smallest) {
    const halfNs = lastNs / Math.max(1, count - 1) / 2;
    const pause = { burst: burst[0] ?? 0, beginNs: -halfNs, endNs: lastNs + halfNs };
    return { smallNs, trainNs: 0, passingNs: 0, pauses: [pause], beginNs: pause.beginNs, endNs: pause.endNs };
  }
  const begins: number[] = [];
  let [packets, lengthNs] = [0, 0];
  for (let row = 0; row < count; row += 1) {
    if (sizeBytes[row] !== largest) continue;
    const train = burst[row] ?? 0;
    begins[train] ??= plannedOffsetNs[row] ?? 0;
    if (train > 0) continue;
    packets += 1;
    lengthNs = (plannedOffsetNs[row] ?? 0) - (begins[0] ?? 0);
  }
  const trains = begins.length;
  const periodNs = trains > 1 ? ((begins[trains - 1] ?? 0) - (begins[0] ?? 0)) / (trains - 1) : lastNs;
  const trainNs = packets * serialisationNs(largest + ETHERNET_HEADER_BYTES, rateBitsPerSec);
  const passingNs = Math.min(periodNs, Math.max(lengthNs, trainNs));
  const pauses = begins.map((beginNs, train) => {
    return { burst: trains + train, beginNs: beginNs + passingNs, endNs: beginNs + periodNs };
  });
  return { smallNs, trainNs, passingNs, pauses, beginNs: 0, endNs: trains * periodNs };
}
