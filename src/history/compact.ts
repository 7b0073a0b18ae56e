// Moves open records into segments and rolls them up into the coarser periods. Done again after a cut it gives the same files: coarse
// periods are made anew from all their parts, and records take the place of themselves.
import type { PeriodName, PeriodSummary } from '../model/period-summary.js';
import { PERIODS_MS } from '../model/period-summary.js';
import type { Blocks } from './block-file.js';
import { upsertBlocks, WHOLE } from './folder.js';
import type { HistoryFolder } from './folder.js';
import type { JournalEntry } from './journal.js';
import { computeWindowStart } from './levels.js';
import { eventCodec, incidentCodec, summaryCodec } from './record-codecs.js';
import { BACKUP_SUFFIX } from './replace-with-backup.js';
import { rollUp } from './roll-up.js';

/** From which period each coarser one is made. Days are made of hours, which one file holds for all of a day. */
const MADE_FROM = [
  { from: 'minute', to: 'fiveMinutes' },
  { from: 'minute', to: 'hour' },
  { from: 'hour', to: 'day' },
] as const;

/** All of it is durable when it resolves. Rejects as `Disk` does; what was written until then does no harm. */
export async function compact(folder: HistoryFolder, { summaries, incidents, events }: JournalEntry): Promise<void> {
  const written = { minute: await writeSummaries(folder, 'minute', summaries), hour: [] as PeriodSummary[] };
  for (const { from, to } of MADE_FROM) {
    const coarse = await rollUpTouched(written[from], to);
    const whole = await writeSummaries(folder, to, coarse);
    if (to === 'hour') written.hour = whole;
  }
  for (const [month, rows] of groupBy(incidents, ({ startedMs }) => computeMonthStart(startedMs))) {
    await upsertBlocks(folder.incidents(month), incidentCodec, new Map([[WHOLE, rows]]));
  }
  for (const [month, rows] of groupBy(events, ({ atMs }) => computeMonthStart(atMs))) {
    await upsertBlocks(folder.events(month), eventCodec, new Map([[WHOLE, rows]]));
  }
}

/** Resolves to all rows of the windows that were touched, of the targets that were. */
async function writeSummaries(
  folder: HistoryFolder,
  period: PeriodName,
  summaries: readonly PeriodSummary[],
): Promise<PeriodSummary[]> {
  const all: PeriodSummary[] = [];
  for (const [windowMs, rows] of groupBy(summaries, ({ startMs }) => computeWindowStart(period, startMs))) {
    const byTarget: Blocks<PeriodSummary> = groupBy(rows, ({ target }) => target);
    const blocks = await upsertBlocks(folder.segment(period, windowMs), summaryCodec, byTarget);
    for (const target of byTarget.keys()) all.push(...(blocks.get(target) ?? []));
    await dropOlderBackup(folder, period, windowMs);
  }
  return all;
}

/** A file that is not written again needs no version before it. */
async function dropOlderBackup(folder: HistoryFolder, period: PeriodName, windowMs: number): Promise<void> {
  const before = (await folder.listWindows(period)).filter((startMs) => startMs < windowMs).at(-1);
  if (before !== undefined) await folder.disk.remove(`${folder.segment(period, before).path}${BACKUP_SUFFIX}`);
}

/** Gives the event loop a turn after each target: a window of many takes as long as some packets' way. */
async function rollUpTouched(parts: readonly PeriodSummary[], to: PeriodName): Promise<PeriodSummary[]> {
  const coarse: PeriodSummary[] = [];
  for (const rows of groupBy(parts, ({ target }) => target).values()) {
    coarse.push(...rollUp(rows, PERIODS_MS[to]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return coarse;
}

function groupBy<Row, Key>(rows: readonly Row[], keyOf: (row: Row) => Key): Map<Key, Row[]> {
  const groups = new Map<Key, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

function computeMonthStart(atMs: number): number {
  const date = new Date(atMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
}
