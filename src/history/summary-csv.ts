// Summaries as CSV (RFC 4180): the columns, their names and units. Names and order are fixed; new columns come at the end.
import { computeDigestMean, computeDigestPercentile } from '../analysis/statistics/delay-digest.js';
import type { DelayDigest, PeriodSummary } from '../model/period-summary.js';

type Cell = string | number | null;

const NS_PER_MS = 1e6;
const MS_PER_SEC = 1000;
const toMs = (valueNs: number): number => Number((valueNs / NS_PER_MS).toFixed(6));

function listDigestColumns(
  name: string,
  digestOf: (summary: PeriodSummary) => DelayDigest | null,
): [string, (summary: PeriodSummary) => Cell][] {
  const column =
    (compute: (digest: DelayDigest) => number) =>
    (summary: PeriodSummary): Cell => {
      const digest = digestOf(summary);
      return digest === null ? null : compute(digest);
    };
  return [
    [`${name}_min_ms`, column(({ minNs }) => toMs(minNs))],
    [`${name}_p50_ms`, column((digest) => toMs(computeDigestPercentile(digest, 0.5)))],
    [`${name}_p95_ms`, column((digest) => toMs(computeDigestPercentile(digest, 0.95)))],
    [`${name}_p99_ms`, column((digest) => toMs(computeDigestPercentile(digest, 0.99)))],
    [`${name}_max_ms`, column(({ maxNs }) => toMs(maxNs))],
    [`${name}_mean_ms`, column((digest) => toMs(computeDigestMean(digest)))],
    [`${name}_samples`, column(({ count }) => count)],
  ];
}

const COLUMNS: readonly (readonly [string, (summary: PeriodSummary) => Cell])[] = [
  ['target', ({ target }) => target],
  ['start_utc', ({ startMs }) => new Date(startMs).toISOString()],
  ['length_s', ({ lengthMs }) => lengthMs / MS_PER_SEC],
  ['coverage_ratio', ({ coverage }) => coverage],
  ['sent_packets', ({ sent }) => sent],
  ['lost_packets', ({ lost }) => lost],
  ['lost_forward_packets', ({ lostForward }) => lostForward],
  ['lost_reverse_packets', ({ lostReverse }) => lostReverse],
  ['duplicated_packets', ({ duplicated }) => duplicated],
  ['reordered_packets', ({ reordered }) => reordered],
  ...listDigestColumns('rtt', ({ rtt }) => rtt),
  ...listDigestColumns('forward_queueing', ({ forwardQueueing }) => forwardQueueing),
  ...listDigestColumns('reverse_queueing', ({ reverseQueueing }) => reverseQueueing),
  ['jitter_ms', ({ jitterNs }) => (jitterNs === null ? null : toMs(jitterNs))],
  ['tx_stamps', ({ stamps }) => stamps?.tx ?? null],
  ['rx_stamps', ({ stamps }) => stamps?.rx ?? null],
  ['far_stamps', ({ stamps }) => stamps?.far ?? null],
  ['disturbed_ratio', ({ disturbed }) => disturbed],
  ['problem', ({ problem }) => problem],
];

/** Ends with CRLF, as every line does. */
export const encodeCsvHead = (): string => encodeCsvLine(COLUMNS.map(([name]) => name));

/** An empty cell is "not known". */
export const encodeCsvRow = (summary: PeriodSummary): string => encodeCsvLine(COLUMNS.map(([, read]) => read(summary)));

function encodeCsvLine(cells: readonly Cell[]): string {
  return `${cells.map(encodeCell).join(',')}\r\n`;
}

function encodeCell(cell: Cell): string {
  if (cell === null) return '';
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
