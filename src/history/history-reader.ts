// Answers questions about the past from segments and open records together. Writes nothing.
import { PERIODS_MS } from '../model/period-summary.js';
import type { PeriodName, PeriodSummary } from '../model/period-summary.js';
import type { BoxEvent, Incident } from '../model/incident.js';
import type { Report } from '../model/report.js';
import type { BlockFile } from './block-file.js';
import { WHOLE } from './folder.js';
import type { DiaryKind, HistoryFolder, ReportName } from './folder.js';
import type { JournalEntry } from './journal.js';
import { choosePeriod, computeWindowStart, PERIOD_NAMES, WINDOW_MS } from './levels.js';
import type { KeptKind } from './retention.js';
import { rollUp } from './roll-up.js';

export interface SummaryQuery {
  readonly target: string;
  /** Periods that begin at or after `fromMs` and before `toMs`, Unix ms. */
  readonly fromMs: number;
  readonly toMs: number;
  /** The coarsest period that gives as many points is taken; 300 unless told. `period` overrules it. */
  readonly leastPoints?: number;
  readonly period?: PeriodName;
}

export interface SummaryAnswer {
  readonly period: PeriodName;
  /** Ascending; periods without a measurement are missing. */
  readonly summaries: readonly PeriodSummary[];
}

/** Newest first, at most `limit`; `beforeId` is the last of the page before. */
export interface DiaryQuery {
  readonly limit: number;
  readonly beforeId?: string;
  readonly target?: string;
}

export interface IncidentQuery extends DiaryQuery {
  readonly state?: Incident['state'];
}

export interface KeptUse {
  readonly files: number;
  readonly bytes: number;
  /** Unix ms; null where nothing is kept. */
  readonly oldestMs: number | null;
}

const DEFAULT_POINTS = 300;

export class HistoryReader {
  /** `listOpen` gives the entries that are in no segment yet. */
  constructor(
    protected readonly folder: HistoryFolder,
    private readonly listOpen: () => readonly JournalEntry[],
  ) {}

  async querySummaries({ target, fromMs, toMs, leastPoints, period }: SummaryQuery): Promise<SummaryAnswer> {
    const chosen =
      period ?? (await this.#choosePeriod(fromMs, choosePeriod(toMs - fromMs, leastPoints ?? DEFAULT_POINTS)));
    return { period: chosen, summaries: await this.#readSeries(chosen, target, fromMs, toMs) };
  }

  /** Names of all targets of which an hour is kept or open; sorted. */
  async listTargets(): Promise<string[]> {
    const names = new Set(this.listOpen().flatMap(({ summaries }) => summaries.map(({ target }) => target)));
    for (const windowMs of await this.folder.listWindows('hour')) {
      for (const key of await this.folder.segment('hour', windowMs).listKeys()) names.add(key);
    }
    return [...names].sort();
  }

  /** When the first kept period of a target began, Unix ms, as finely as is kept; null where none is. */
  async findFirstMs(target: string): Promise<number | null> {
    let first: PeriodSummary | undefined;
    for (const windowMs of await this.listWindows('day')) {
      [first] = await this.#readSeries('day', target, windowMs, windowMs + WINDOW_MS.day);
      if (first !== undefined) break;
    }
    for (const finer of ['hour', 'minute'] as const) {
      if (first === undefined) return null;
      const { startMs } = first;
      const [found] = await this.#readSeries(finer, target, startMs, startMs + first.lengthMs);
      first = found ?? first;
    }
    return first?.startMs ?? null;
  }

  /** Begins of the windows (`WINDOW_MS`) that hold any of this period, ascending, Unix ms. */
  async listWindows(period: PeriodName): Promise<number[]> {
    const open = this.listOpen().flatMap(({ summaries }) => summaries);
    const windows = new Set(open.map(({ startMs }) => computeWindowStart(period, startMs)));
    for (const windowMs of await this.folder.listWindows(period)) windows.add(windowMs);
    return [...windows].sort((a, b) => a - b);
  }

  async listIncidents(query: IncidentQuery): Promise<Incident[]> {
    const isAsked = ({ state, target }: Incident): boolean =>
      (query.state === undefined || state === query.state) && (query.target === undefined || target === query.target);
    return this.#listDiary('incidents', query, isAsked);
  }

  /** Null for one that is not kept. */
  async readIncident(id: string): Promise<Incident | null> {
    const [found] = await this.#listDiary<Incident>('incidents', { limit: 1 }, (incident) => incident.id === id);
    return found ?? null;
  }

  async listEvents(query: DiaryQuery): Promise<BoxEvent[]> {
    return this.#listDiary<BoxEvent>(
      'events',
      query,
      ({ target }) => query.target === undefined || target === query.target,
    );
  }

  /** Newest first; `beforeId` as for a diary. */
  async listReports({ limit, beforeId }: Pick<DiaryQuery, 'limit' | 'beforeId'>): Promise<Report[]> {
    const newestFirst = (await this.folder.listReportNames()).reverse();
    const from = beforeId === undefined ? 0 : newestFirst.findIndex(({ id }) => id === beforeId) + 1;
    const reports: Report[] = [];
    for (const name of newestFirst.slice(from)) {
      if (reports.length >= limit) break;
      const report = await this.#readReport(name);
      if (report !== null) reports.push(report);
    }
    return reports;
  }

  /** Null for one that is not kept. */
  async readReport(id: string): Promise<Report | null> {
    const name = (await this.folder.listReportNames()).findLast((one) => one.id === id);
    return name === undefined ? null : this.#readReport(name);
  }

  async countReports(): Promise<number> {
    return (await this.folder.listReportNames()).length;
  }

  /** What lies on the disk, backups counted; the journal and memory are not. */
  async measureUse(): Promise<Record<KeptKind, KeptUse>> {
    const kept = await this.folder.listKept();
    const measure = (kind: KeptKind): KeptUse => {
      const files = kept.filter((file) => file.kind === kind);
      const oldestMs = files.reduce<number | null>((least, { startMs }) => Math.min(least ?? startMs, startMs), null);
      return { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0), oldestMs };
    };
    return {
      minute: measure('minute'),
      fiveMinutes: measure('fiveMinutes'),
      hour: measure('hour'),
      day: measure('day'),
      incidents: measure('incidents'),
      events: measure('events'),
      reports: measure('reports'),
    };
  }

  /** A coarser one where the finer does not go back as far. */
  async #choosePeriod(fromMs: number, finest: PeriodName): Promise<PeriodName> {
    let best: { period: PeriodName; oldestMs: number } | null = null;
    for (const period of PERIOD_NAMES.slice(PERIOD_NAMES.indexOf(finest))) {
      const [oldestMs = Infinity] = await this.folder.listWindows(period);
      if (oldestMs <= fromMs)
        return best !== null && best.oldestMs <= fromMs + WINDOW_MS[best.period] ? best.period : period;
      if (best === null || oldestMs < best.oldestMs - WINDOW_MS[period]) best = { period, oldestMs };
    }
    return best?.period ?? finest;
  }

  async #readSeries(period: PeriodName, target: string, fromMs: number, toMs: number): Promise<PeriodSummary[]> {
    const rows = new Map<number, PeriodSummary>();
    for (const windowMs of await this.folder.listWindows(period)) {
      if (windowMs >= toMs || windowMs + WINDOW_MS[period] <= fromMs) continue;
      for (const row of await this.folder.segment(period, windowMs).readBlock(target)) rows.set(row.startMs, row);
    }
    for (const row of await this.#readOpen(period, target, fromMs, toMs)) rows.set(row.startMs, row);
    return [...rows.values()]
      .filter(({ startMs }) => startMs >= fromMs && startMs < toMs)
      .sort((a, b) => a.startMs - b.startMs);
  }

  /** Periods that hold open minutes, from these and whatever of them is in segments already. */
  async #readOpen(period: PeriodName, target: string, fromMs: number, toMs: number): Promise<PeriodSummary[]> {
    const lengthMs = PERIODS_MS[period];
    const open = this.listOpen()
      .flatMap(({ summaries }) => summaries)
      .filter(
        (row) => row.target === target && row.startMs >= Math.floor(fromMs / lengthMs) * lengthMs && row.startMs < toMs,
      );
    if (period === 'minute' || open.length === 0) return open;
    const starts = open.map(({ startMs }) => Math.floor(startMs / lengthMs) * lengthMs);
    const from = starts.reduce((least, start) => Math.min(least, start), Infinity);
    const to = starts.reduce((most, start) => Math.max(most, start), 0) + lengthMs;
    const touched = new Set(starts);
    const parts = await this.#readSeries(period === 'day' ? 'hour' : 'minute', target, from, to);
    return rollUp(parts, lengthMs).filter(({ startMs }) => touched.has(startMs));
  }

  /** The later version of a record counts, open ones after all others. Ends with the months, newest first. */
  async #listDiary<Row extends BoxEvent | Incident>(
    kind: DiaryKind,
    { limit, beforeId }: Pick<DiaryQuery, 'limit' | 'beforeId'>,
    isAsked: (row: Row) => boolean,
  ): Promise<Row[]> {
    const open = new Map(
      this.listOpen().flatMap((entry) => (entry[kind] as readonly Row[]).map((row) => [row.id, row])),
    );
    const found = new Map<string, Row>();
    const take = (rows: Iterable<Row>): void => {
      for (const row of rows) {
        const latest = open.get(row.id) ?? row;
        if ((beforeId === undefined || row.id < beforeId) && isAsked(latest)) found.set(row.id, latest);
      }
    };
    take(open.values());
    for (const monthMs of (await this.folder.listMonths(kind)).sort((a, b) => b - a)) {
      if (found.size >= limit + open.size) break;
      const file = this.folder[kind](monthMs) as unknown as BlockFile<Row>;
      take(await file.readBlock(WHOLE));
    }
    return [...found.values()].sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limit);
  }

  async #readReport(name: ReportName): Promise<Report | null> {
    const [report] = await this.folder.report(name).readBlock(WHOLE);
    return report ?? null;
  }
}
