// A history as text that other programs read, piece by piece: what is exported is never in memory as a whole, and nothing is written to
// the store.
import type { PeriodName } from '../model/period-summary.js';
import type { HistoryReader } from './history-reader.js';
import { WINDOW_MS } from './levels.js';
import { encodeCsvHead, encodeCsvRow } from './summary-csv.js';

export type ExportFormat = 'csv' | 'jsonl';

export interface ExportRange {
  /** All targets in the order of their names where none are given. */
  readonly targets?: readonly string[];
  readonly period: PeriodName;
  /** Periods that begin at or after `fromMs` and before `toMs`, Unix ms. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Targets one after another, each in the order of time. Lines of JSON hold the summaries as they are, digests too. */
export async function* exportSummaries(
  reader: HistoryReader,
  range: ExportRange,
  format: ExportFormat,
): AsyncGenerator<string, void> {
  const { period } = range;
  const windows = await reader.listWindows(period);
  if (format === 'csv') yield encodeCsvHead();
  for (const target of range.targets ?? (await reader.listTargets())) {
    for (const startMs of windows) {
      const fromMs = Math.max(range.fromMs, startMs);
      const toMs = Math.min(range.toMs, startMs + WINDOW_MS[period]);
      if (fromMs >= toMs) continue;
      const { summaries } = await reader.querySummaries({ target, period, fromMs, toMs });
      const lines = summaries.map((summary) => (format === 'csv' ? encodeCsvRow(summary) : encodeJsonLine(summary)));
      if (lines.length > 0) yield lines.join('');
    }
  }
}

const PAGE = 200;

/** Incidents or events, newest first, a line of JSON each. */
export async function* exportDiary(reader: HistoryReader, kind: 'incidents' | 'events'): AsyncGenerator<string, void> {
  let beforeId: string | undefined;
  // Ends with the first page that is not full.
  for (;;) {
    const query = { limit: PAGE, ...(beforeId === undefined ? {} : { beforeId }) };
    const page = await (kind === 'incidents' ? reader.listIncidents(query) : reader.listEvents(query));
    if (page.length > 0) yield page.map(encodeJsonLine).join('');
    if (page.length < PAGE) return;
    beforeId = page.at(-1)?.id;
  }
}

const encodeJsonLine = (record: unknown): string => `${JSON.stringify(record)}\n`;
