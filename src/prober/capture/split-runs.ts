// The requests of an exchange -> runs that were sent for one purpose each. Our own probes carry the number of their row, which
// begins anew with each run; those of others are parted where a pause is longer than the pace before and after it. Pure.
import { NS_PER_MS } from '../../model/units.js';
import { computeMedian } from '../../analysis/statistics/quantile.js';
import type { ProbeRow } from './exchange.js';
import { LARGEST_LIGHT } from './run-shape.js';

/** Share of neighbours that are numbered one after the other, above which it is no chance. */
const NUMBERED_ABOVE = 0.6;
const LEAST_NUMBERED = 4;
/** Our runs are at least a linger and the start of a thread apart. */
const LEAST_PAUSE_NS = 19 * NS_PER_MS;
/** A pause is so much longer than the gaps before and after it. */
const PAUSE_FACTOR = 2.5;
const GAPS_LOOKED_AT = 20;

/** Rows in the order of sending; each run has at least one. */
export function splitRuns(rows: readonly ProbeRow[]): readonly (readonly ProbeRow[])[] {
  if (areNumbered(rows, readTag)) return splitAt(rows, isNewTag);
  if (areNumbered(rows, readIpId)) return splitAt(rows, isNewCount);
  return mergeEqualRuns(splitAt(rows, createPauseTest(rows)));
}

type BorderTest = (rows: readonly ProbeRow[], i: number) => boolean;

function splitAt(rows: readonly ProbeRow[], isBorder: BorderTest): ProbeRow[][] {
  const runs: ProbeRow[][] = [];
  rows.forEach((row, i) => {
    const run = runs.at(-1);
    if (run === undefined || isBorder(rows, i)) runs.push([row]);
    else run.push(row);
  });
  return runs;
}

/** Bursts of large packets, of one length and one size, that follow each other are one run with pauses in it. */
function mergeEqualRuns(runs: readonly ProbeRow[][]): readonly ProbeRow[][] {
  const merged: { readonly length: number; readonly sizeBytes: number; readonly rows: ProbeRow[] }[] = [];
  for (const rows of runs) {
    const sizeBytes = rows.every((row) => row.sizeBytes === rows[0]?.sizeBytes) ? (rows[0]?.sizeBytes ?? 0) : -1;
    const before = merged.at(-1);
    const isSame =
      before?.length === rows.length && before.sizeBytes === sizeBytes && sizeBytes > LARGEST_LIGHT && rows.length > 1;
    if (isSame) before.rows.push(...rows);
    else merged.push({ length: rows.length, sizeBytes, rows });
  }
  return merged.map(({ rows }) => rows);
}

interface RowNumber {
  readonly run: number;
  readonly index: number;
}

function readTag({ runTag, payloadIndex }: ProbeRow): RowNumber | null {
  return runTag === null || payloadIndex === null ? null : { run: runTag, index: payloadIndex };
}

/** IPv6 has none. */
function readIpId({ ipId, dontFragment }: ProbeRow): RowNumber | null {
  return dontFragment === null ? null : { run: 0, index: ipId };
}

/** Whether most rows are numbered one up from the row before, from 0 on. */
function areNumbered(rows: readonly ProbeRow[], read: (row: ProbeRow) => RowNumber | null): boolean {
  const numbers = rows.map(read);
  const followers = numbers.flatMap((number, i) => {
    const before = numbers[i - 1];
    return number && before && number.run === before.run && number.index > 0 ? [number.index - before.index] : [];
  });
  const steps = followers.filter((difference) => difference === 1).length;
  const startsAtZero = numbers.some((number) => number?.index === 0);
  return startsAtZero && steps >= LEAST_NUMBERED && steps >= NUMBERED_ABOVE * followers.length;
}

function isNewTag(rows: readonly ProbeRow[], i: number): boolean {
  return rows[i]?.runTag !== rows[i - 1]?.runTag;
}

function isNewCount(rows: readonly ProbeRow[], i: number): boolean {
  return rows[i]?.ipId === 0;
}

/** Whether the pause before a row is longer than the usual gap on both sides of it. */
function createPauseTest(all: readonly ProbeRow[]): BorderTest {
  const gapsNs = all.map((row, i) => row.atNs - (all[i - 1]?.atNs ?? row.atNs));
  return (_rows, i) => {
    const gapNs = gapsNs[i] ?? 0;
    if (gapNs < LEAST_PAUSE_NS) return false;
    const before = gapsNs.slice(Math.max(1, i - GAPS_LOOKED_AT), i);
    const after = gapsNs.slice(i + 1, i + 1 + GAPS_LOOKED_AT);
    return [before, after].every(
      (gaps) => gaps.length > 0 && gapNs > PAUSE_FACTOR * computeMedian(Float64Array.from(gaps)),
    );
  };
}
