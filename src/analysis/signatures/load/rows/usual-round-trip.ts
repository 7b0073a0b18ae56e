// What the round trip of a packet that meets no other usually takes, for replays that ask when answers are back at a link. The least that it
// takes is no guide: one stamp that was late makes all others look slow.
import { computeTheilSenLine } from '../../../statistics/straight-line.js';
import { sortAscending, takeMedian } from '../../../statistics/quantile.js';
import type { UsualRoundTrip } from './load-rows.js';
import type { RowEntry } from './row-entries.js';

/** Sizes of fewer packets than this have no usual round trip. */
const LEAST_OF_SIZE = 4;
/** A trace of fewer answers is as quick as others. */
const LEAST_OF_TRACE = 8;
/** So many of a dense trace's answers have waited for none. */
const QUICK_SHARE = 0.15;

export function computeUsualRoundTrip(entries: readonly RowEntry[]): UsualRoundTrip {
  const known = entries.filter(({ rttNs, isMute }) => Number.isFinite(rttNs) && !isMute);
  const alone = known.filter(({ isLight }) => isLight);
  const line = fitLine(alone);
  const waitOf = ({ rttNs, sizeBytes }: RowEntry): number => rttNs - line.fixedNs - line.nsPerByte * sizeBytes;
  const waits = sortAscending(alone.map(waitOf));
  const at = (sorted: Float64Array, share: number): number => sorted[Math.floor(share * sorted.length)] ?? 0;
  const dense = known.filter(({ isLight, isSparse }) => isSparse && !isLight);
  const quickerNs = new Map<number, number>();
  for (const [trace, own] of groupBy(dense, ({ trace }) => trace)) {
    if (own.length < LEAST_OF_TRACE || waits.length === 0) continue;
    const isQuickerBy = at(waits, QUICK_SHARE) - at(sortAscending(own.map(waitOf)), QUICK_SHARE);
    if (isQuickerBy > 0) quickerNs.set(trace, isQuickerBy);
  }
  return { ...line, spreadNs: (at(waits, 0.75) - at(waits, 0.25)) / 2, waitsNs: waits, quickerNs };
}

/** Through the median of each size. */
function fitLine(alone: readonly RowEntry[]): Pick<UsualRoundTrip, 'fixedNs' | 'nsPerByte'> {
  const sizes: number[] = [];
  const medians: number[] = [];
  for (const [size, own] of groupBy(alone, ({ sizeBytes }) => sizeBytes)) {
    if (own.length < LEAST_OF_SIZE) continue;
    sizes.push(size);
    medians.push(takeMedian(Float64Array.from(own, ({ rttNs }) => rttNs)));
  }
  const line = computeTheilSenLine(sizes, medians);
  if (line !== null && line.slope >= 0) return { fixedNs: line.intercept, nsPerByte: line.slope };
  const all = Float64Array.from(alone, ({ rttNs }) => rttNs);
  return { fixedNs: all.length === 0 ? 0 : takeMedian(all), nsPerByte: 0 };
}

function groupBy(entries: readonly RowEntry[], keyOf: (entry: RowEntry) => number): Map<number, RowEntry[]> {
  const groups = new Map<number, RowEntry[]>();
  for (const entry of entries) {
    const key = keyOf(entry);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return groups;
}
