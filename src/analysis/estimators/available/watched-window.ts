// What other traffic took of a link's time from the first packet that watched it to the last: in the time that was watched, and in the
// gaps, as what lies beside them lets expect.
import type { Trace } from '../../../model/trace.js';
import { ETHERNET_HEADER_BYTES, serialisationNs } from '../../../model/units.js';
import { estimateBusyGap, estimateMemory } from './unwatched-time.js';
import type { BusyGap, Gap, Rhythm, Samples } from './unwatched-time.js';
import { measureWatchedTime } from './watched-time.js';
import type { Watch, WatchedTime } from './watched-time.js';

export interface WatchedWindow {
  /** Of the link's time; above 1 where what waits at the end is more than at the beginning. */
  readonly othersShare: number;
  /** Its standard error, for what came between the small packets and for what came in the gaps. */
  readonly errorShare: number;
  /** Seen idle. */
  readonly idleShare: number;
  /** One for each watch. */
  readonly times: readonly WatchedTime[];
}

export interface WatchedLink {
  readonly rateBitsPerSec: number;
  /** Traces in between that none of the watches is: what they take is not time that nobody watched. */
  readonly loads: readonly Trace[];
}

/** Of a train's time: what waits beyond it may be noise. */
const MORE = 0.1;

/** At least one watch, in the order of sending. */
export function sumWatches(watches: readonly Watch[], { rateBitsPerSec, loads }: WatchedLink): WatchedWindow {
  const times = watches.map((watch) => measureWatchedTime(watch, rateBitsPerSec));
  const sumOf = (pick: (time: WatchedTime) => number): number => times.reduce((sum, time) => sum + pick(time), 0);
  const spanNs = sumOf((time) => time.spanNs);
  const watchedNs = sumOf(({ othersNs }) => othersNs);
  const memoryNs = estimateMemory(countChanges(watches));
  const gaps = findGaps(watches, times, { rateBitsPerSec, loads });
  const rhythm: Rhythm = { share: watchedNs / spanNs, memoryNs };
  const bridged = gaps.map((gap): BusyGap => estimateBusyGap(gap, rhythm));
  const windowNs = spanNs + gaps.reduce((sum, { lengthNs }) => sum + lengthNs, 0);
  const grownNs = readWait(watches.at(-1), -1) - readWait(watches[0], 0);
  const othersNs = watchedNs + grownNs + bridged.reduce((sum, { busyNs }) => sum + busyNs, 0);
  const errorNs = Math.hypot(...times.map((time) => time.errorNs), ...bridged.map((gap) => gap.errorNs));
  return {
    othersShare: Math.max(0, othersNs / windowNs),
    errorShare: errorNs / windowNs,
    idleShare: Math.max(0, sumOf(({ idleNs }) => idleNs) / spanNs),
    times,
  };
}

function readWait(watch: Watch | undefined, place: number): number {
  return watch === undefined ? 0 : (watch.waitNs.at(place) ?? 0);
}

/** One behind each watch but the last. */
function findGaps(watches: readonly Watch[], times: readonly WatchedTime[], link: WatchedLink): Gap[] {
  return watches.slice(1).map((after, i) => {
    const before = watches[i] ?? after;
    const endNs = times[i]?.endNs ?? 0;
    const apartNs = Number(after.trace.baseNs - before.trace.baseNs) + (times[i + 1]?.beginNs ?? 0) - endNs;
    const between = link.loads.filter(({ baseNs }) => baseNs > before.trace.baseNs && baseNs < after.trace.baseNs);
    const loadedNs = between.reduce((sum, load) => sum + computePassing(load, link.rateBitsPerSec), 0);
    const last = before.rows.at(-1);
    const lastNs = last === undefined ? endNs : (before.trace.plannedOffsetNs[last] ?? endNs);
    return {
      lengthNs: Math.max(0, apartNs - loadedNs),
      backlogNs: readWait(before, -1) - (endNs - lastNs),
      isBusyAfter: isBusyBefore(after, times[i + 1]),
    };
  });
}

/** Behind a train: whether more waits than it left. null where no packet came back. */
function isBusyBefore({ trace, rows, waitNs }: Watch, time: WatchedTime | undefined): boolean | null {
  const first = rows[0];
  if (first === undefined) return null;
  const passedNs = (trace.plannedOffsetNs[first] ?? 0) - (time?.trainNs ?? 0);
  const leftNs = time === undefined || time.trainNs === 0 ? 0 : Math.max(0, -passedNs) + MORE * time.trainNs;
  return (waitNs[0] ?? 0) > leftNs;
}

function computePassing({ sizeBytes, plannedOffsetNs, count }: Trace, rateBitsPerSec: number): number {
  const bytes = sizeBytes.reduce((sum, size) => sum + size + ETHERNET_HEADER_BYTES, 0);
  return Math.max(plannedOffsetNs[count - 1] ?? 0, serialisationNs(bytes, rateBitsPerSec));
}

/** Of neighbours in one pause. */
function countChanges(watches: readonly Watch[]): Samples {
  let [pairs, changes, apartNs, busy, packets] = [0, 0, 0, 0, 0];
  for (const { trace, rows, waitNs } of watches) {
    rows.forEach((row, i) => {
      const isBusy = (waitNs[i] ?? 0) > 0;
      packets += 1;
      busy += isBusy ? 1 : 0;
      const before = rows[i - 1];
      if (before === undefined || trace.burst[before] !== trace.burst[row]) return;
      pairs += 1;
      changes += isBusy === (waitNs[i - 1] ?? 0) > 0 ? 0 : 1;
      apartNs += (trace.plannedOffsetNs[row] ?? 0) - (trace.plannedOffsetNs[before] ?? 0);
    });
  }
  return { share: busy / Math.max(1, packets), pairs, changes, intervalNs: apartNs / Math.max(1, pairs) };
}
