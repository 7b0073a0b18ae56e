// Summaries of one target as columns, which compress to a fraction of their rows. Exact: what is decoded equals what was encoded.
// Where columns are kept is the business of journal and segments.
import type { DelayDigest, PeriodSummary } from '../model/period-summary.js';
import {
  decodeAlike,
  decodeColumn,
  decodeFullNumbers,
  decodeNumbers,
  encodeAlike,
  encodeColumn,
  encodeNumbers,
} from './columns.js';
import type { Column, NumberColumn } from './columns.js';

/** How each field is kept. A field that the model gains does not compile until it has a place here. */
const KIND = {
  startMs: 'number',
  lengthMs: 'number',
  coverage: 'number',
  sent: 'number',
  lost: 'number',
  lostForward: 'number',
  lostReverse: 'number',
  duplicated: 'number',
  reordered: 'number',
  rtt: 'digest',
  forwardQueueing: 'digest',
  reverseQueueing: 'digest',
  jitterNs: 'number',
  stamps: 'value',
  disturbed: 'number',
  problem: 'value',
} as const satisfies Record<Exclude<keyof PeriodSummary, 'target'>, 'number' | 'digest' | 'value'>;

type Field = keyof typeof KIND;

/** Rows without a digest are 0 in `has` and in no other column. */
interface DigestColumns {
  readonly has: Column<0 | 1>;
  readonly count: NumberColumn;
  readonly minNs: NumberColumn;
  /** Largest and mean less smallest; `maxNs` and `sumNs` where these would not be exact. */
  readonly rangeNs?: NumberColumn;
  readonly excessNs?: NumberColumn;
  readonly maxNs?: NumberColumn;
  readonly sumNs?: NumberColumn;
  readonly collapses: Column<number>;
  /** How many bins each row has, the index of its first one, for the others the step from the one before, and what each holds. */
  readonly bins: Column<number>;
  readonly first: NumberColumn;
  readonly steps: string;
  readonly counts: string;
}

/** JSON as it stands. */
export interface SummaryColumns {
  readonly target: string;
  readonly rows: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** All summaries are of `target`. */
export function encodeSummaries(target: string, summaries: readonly PeriodSummary[]): SummaryColumns {
  const fields: Record<string, unknown> = {};
  for (const [field, kind] of Object.entries(KIND) as [Field, (typeof KIND)[Field]][]) {
    const values = summaries.map((summary) => summary[field]);
    if (kind === 'number') fields[field] = encodeNumbers(values as (number | null)[]);
    else if (kind === 'digest' && values.some((value) => value !== null)) {
      fields[field] = encodeDigests(values as (DelayDigest | null)[]);
    } else fields[field] = encodeColumn(values);
  }
  return { target, rows: summaries.length, fields };
}

/** Fields that an older version did not write come out as null. */
export function decodeSummaries({ target, rows, fields }: SummaryColumns): PeriodSummary[] {
  const decoded = {} as Record<Field, readonly unknown[]>;
  for (const [field, kind] of Object.entries(KIND) as [Field, (typeof KIND)[Field]][]) {
    const column = fields[field] ?? [null];
    if (Array.isArray(column)) decoded[field] = decodeColumn(column as Column<unknown>, rows);
    else if (kind === 'digest') decoded[field] = decodeDigests(column as DigestColumns, rows);
    else decoded[field] = decodeNumbers(column as NumberColumn, rows);
  }
  // Written out: made in a loop over names they take a third of all decoding, and a chart waits for thousands.
  return Array.from({ length: rows }, (_, row) => {
    const summary = {
      target,
      startMs: decoded.startMs[row],
      lengthMs: decoded.lengthMs[row],
      coverage: decoded.coverage[row],
      sent: decoded.sent[row],
      lost: decoded.lost[row],
      lostForward: decoded.lostForward[row],
      lostReverse: decoded.lostReverse[row],
      duplicated: decoded.duplicated[row],
      reordered: decoded.reordered[row],
      rtt: decoded.rtt[row],
      forwardQueueing: decoded.forwardQueueing[row],
      reverseQueueing: decoded.reverseQueueing[row],
      jitterNs: decoded.jitterNs[row],
      stamps: decoded.stamps[row],
      disturbed: decoded.disturbed[row],
      problem: decoded.problem[row],
    } satisfies Record<keyof PeriodSummary, unknown>;
    return summary as PeriodSummary;
  });
}

function encodeDigests(digests: readonly (DelayDigest | null)[]): DigestColumns {
  const there = digests.filter((digest) => digest !== null);
  const rangeNs = there.map(({ minNs, maxNs }) => maxNs - minNs);
  const excessNs = there.map(({ sumNs, minNs, count }) => sumNs / count - minNs);
  const isExact = there.every(
    ({ sumNs, minNs, maxNs, count }, i) =>
      minNs + (rangeNs[i] ?? 0) === maxNs && (minNs + (excessNs[i] ?? 0)) * count === sumNs,
  );
  const rest = isExact
    ? { rangeNs: encodeNumbers(rangeNs), excessNs: encodeNumbers(excessNs) }
    : { maxNs: encodeNumbers(there.map(({ maxNs }) => maxNs)), sumNs: encodeNumbers(there.map(({ sumNs }) => sumNs)) };
  return {
    has: encodeColumn(digests.map((digest) => (digest === null ? 0 : 1))),
    count: encodeNumbers(there.map(({ count }) => count)),
    minNs: encodeNumbers(there.map(({ minNs }) => minNs)),
    ...rest,
    collapses: encodeColumn(there.map(({ collapses }) => collapses)),
    bins: encodeColumn(there.map(({ bins }) => bins.length / 2)),
    first: encodeNumbers(there.map(({ bins }) => bins[0] ?? 0)),
    steps: encodeAlike(there.flatMap(({ bins }) => listSteps(bins))),
    counts: encodeAlike(there.flatMap(({ bins }) => bins.filter((_, i) => i % 2 === 1))),
  };
}

function listSteps(bins: readonly number[]): number[] {
  const indices = bins.filter((_, i) => i % 2 === 0);
  return indices.slice(1).map((index, i) => index - (indices[i] ?? 0));
}

function decodeDigests(columns: DigestColumns, rows: number): (DelayDigest | null)[] {
  const has = decodeColumn(columns.has, rows);
  const there = has.reduce<number>((sum, one) => sum + one, 0);
  const count = decodeFullNumbers(columns.count, there);
  const minNs = decodeFullNumbers(columns.minNs, there);
  const isExcess = columns.excessNs !== undefined;
  const largest = decodeFullNumbers(columns.rangeNs ?? columns.maxNs ?? [], there);
  const sums = decodeFullNumbers(columns.excessNs ?? columns.sumNs ?? [], there);
  const collapses = decodeColumn(columns.collapses, there);
  const bins = decodeBins(columns, there);
  let row = -1;
  return has.map((one) => {
    if (one === 0) return null;
    row += 1;
    const least = minNs[row] ?? 0;
    const samples = count[row] ?? 0;
    return {
      count: samples,
      minNs: least,
      maxNs: (isExcess ? least : 0) + (largest[row] ?? 0),
      sumNs: isExcess ? (least + (sums[row] ?? 0)) * samples : (sums[row] ?? 0),
      collapses: collapses[row] ?? 0,
      bins: bins[row] ?? [],
    };
  });
}

function decodeBins(columns: DigestColumns, rows: number): number[][] {
  const lengths = decodeColumn(columns.bins, rows);
  const first = decodeFullNumbers(columns.first, rows);
  const steps = decodeAlike(columns.steps);
  const counts = decodeAlike(columns.counts);
  let step = 0;
  let position = 0;
  return lengths.map((length, row) => {
    let index = first[row] ?? 0;
    const bins: number[] = [];
    for (let bin = 0; bin < length; bin += 1) {
      if (bin > 0) index += steps[step++] ?? 0;
      bins.push(index, counts[position++] ?? 0);
    }
    return bins;
  });
}
