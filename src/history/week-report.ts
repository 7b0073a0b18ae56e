// What the last seven days of a box were like, beside the seven before: of each target, and of what was examined.
import { computeDigestPercentile, mergeDigests } from '../analysis/statistics/delay-digest.js';
import type { Incident } from '../model/incident.js';
import { PERIODS_MS } from '../model/period-summary.js';
import type { PeriodSummary } from '../model/period-summary.js';
import type { Cost } from '../model/sequence.js';
import type { HistoryReader } from './history-reader.js';

export interface WeekFigures {
  /** Share (0-1) that was measured of the week, or of the part since the target was added. */
  readonly coverage: number;
  /** Share (0-1) of the week without an outage; null where nothing was measured. */
  readonly availability: number | null;
  /** Share (0-1) of the packets; null where none was sent. */
  readonly lossRatio: number | null;
  /** Of round trips; null where nothing came back. */
  readonly p50Ns: number | null;
  readonly p95Ns: number | null;
}

export interface TargetWeek {
  readonly target: string;
  readonly thisWeek: WeekFigures;
  readonly weekBefore: WeekFigures;
  /** That touch this week, oldest first. */
  readonly incidents: readonly (Pick<Incident, 'id' | 'kind' | 'severity' | 'startedMs' | 'endedMs' | 'summary'> & {
    /** Within the week. */
    readonly lastedMs: number;
  })[];
}

export interface WeekReport {
  readonly schema: 'apparenet.week/1';
  /** Unix ms; seven times 24 h. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly targets: readonly TargetWeek[];
  /** Whose report is kept, by hand or not; of each target by the name or address it was ordered by, what sent the most first. */
  readonly examinations: Examinations & {
    readonly targets: readonly (Examinations & { readonly target: string })[];
  };
}

export interface Examinations {
  readonly count: number;
  readonly bytes: number;
}

const WEEK_MS = 7 * PERIODS_MS.day;
const MOST_INCIDENTS = 1_000;
const REPORTS_A_PAGE = 20;

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Of the seven days before `toMs`. */
export async function readWeekReport(reader: HistoryReader, toMs: number): Promise<WeekReport> {
  const [week, before] = [
    { fromMs: toMs - WEEK_MS, toMs },
    { fromMs: toMs - 2 * WEEK_MS, toMs: toMs - WEEK_MS },
  ];
  const targets: TargetWeek[] = [];
  for (const target of await reader.listTargets()) {
    const incidents = await reader.listIncidents({ target, limit: MOST_INCIDENTS });
    const firstMs = (await reader.findFirstMs(target)) ?? toMs;
    const read = async (span: Span): Promise<readonly PeriodSummary[]> =>
      (await reader.querySummaries({ target, ...span, period: 'hour' })).summaries;
    targets.push(
      composeTargetWeek(target, { week, before, incidents, firstMs, now: await read(week), past: await read(before) }),
    );
  }
  const measured = targets.filter(({ thisWeek, incidents }) => thisWeek.coverage > 0 || incidents.length > 0);
  return {
    schema: 'apparenet.week/1',
    ...week,
    targets: measured,
    examinations: await countExaminations(reader, week),
  };
}

interface TwoWeeks {
  readonly week: Span;
  readonly before: Span;
  readonly incidents: readonly Incident[];
  /** Since when it is watched, Unix ms. */
  readonly firstMs: number;
  readonly now: readonly PeriodSummary[];
  readonly past: readonly PeriodSummary[];
}

function composeTargetWeek(target: string, { week, before, incidents, firstMs, now, past }: TwoWeeks): TargetWeek {
  const since = ({ fromMs, toMs }: Span): Span => ({
    fromMs: firstMs < toMs ? Math.max(fromMs, firstMs) : fromMs,
    toMs,
  });
  return {
    target,
    thisWeek: computeFigures(now, incidents, since(week)),
    weekBefore: computeFigures(past, incidents, since(before)),
    incidents: incidents
      .filter((incident) => computeOverlapMs(incident, week) > 0)
      .sort((a, b) => a.startedMs - b.startedMs)
      .map((incident) => {
        const { id, kind, severity, startedMs, endedMs, summary } = incident;
        return { id, kind, severity, startedMs, endedMs, lastedMs: computeOverlapMs(incident, week), summary };
      }),
  };
}

function computeFigures(summaries: readonly PeriodSummary[], incidents: readonly Incident[], span: Span): WeekFigures {
  const measuredMs = summaries.reduce((sum, { coverage, lengthMs }) => sum + coverage * lengthMs, 0);
  const sent = summaries.reduce((sum, one) => sum + one.sent, 0);
  const lost = summaries.reduce((sum, one) => sum + one.lost, 0);
  const outages = incidents.filter(({ kind }) => kind === 'outage');
  const outMs = outages.reduce((sum, incident) => sum + computeOverlapMs(incident, span), 0);
  const digest = mergeDigests(summaries.flatMap(({ rtt }) => rtt ?? []));
  return {
    coverage: Math.min(1, measuredMs / (span.toMs - span.fromMs)),
    availability: measuredMs === 0 ? null : Math.max(0, 1 - outMs / Math.max(measuredMs, outMs)),
    lossRatio: sent === 0 ? null : lost / sent,
    p50Ns: digest === null ? null : computeDigestPercentile(digest, 0.5),
    p95Ns: digest === null ? null : computeDigestPercentile(digest, 0.95),
  };
}

/** An incident that is open lasts on. */
function computeOverlapMs(
  { startedMs, endedMs }: Pick<Incident, 'startedMs' | 'endedMs'>,
  { fromMs, toMs }: Span,
): number {
  return Math.max(0, Math.min(endedMs ?? toMs, toMs) - Math.max(startedMs, fromMs));
}

/** Ends with the first report from before the week, or with the last. */
async function countExaminations(reader: HistoryReader, { fromMs, toMs }: Span): Promise<WeekReport['examinations']> {
  const targets = new Map<string, Examinations>();
  const add = (sum: Examinations | undefined, { bytes }: Cost): Examinations => ({
    count: (sum?.count ?? 0) + 1,
    bytes: (sum?.bytes ?? 0) + bytes,
  });
  let all: Examinations = { count: 0, bytes: 0 };
  for (let beforeId: string | undefined; ;) {
    const page = await reader.listReports({ limit: REPORTS_A_PAGE, ...(beforeId === undefined ? {} : { beforeId }) });
    for (const { startedAt, target, cost } of page) {
      const atMs = Date.parse(startedAt);
      if (atMs < fromMs || atMs >= toMs) continue;
      const name = target.name ?? target.address;
      targets.set(name, add(targets.get(name), cost));
      all = add(all, cost);
    }
    const last = page.at(-1);
    if (last === undefined || page.length < REPORTS_A_PAGE || Date.parse(last.startedAt) < fromMs) break;
    beforeId = last.id;
  }
  const rows = [...targets].map(([target, sum]) => ({ target, ...sum }));
  return { ...all, targets: rows.sort((a, b) => b.bytes - a.bytes) };
}

/** One sentence for the diary. */
export function summariseWeek({ targets, examinations }: WeekReport): string {
  const worst = targets.reduce<TargetWeek | null>(
    (least, one) => ((one.thisWeek.availability ?? 1) < (least?.thisWeek.availability ?? 1) ? one : least),
    null,
  );
  const incidents = targets.reduce((sum, one) => sum + one.incidents.length, 0);
  const down =
    worst === null
      ? 'none was unreachable'
      : `${worst.target} was reachable for ${formatShare(worst.thisWeek.availability ?? 0)}`;
  const sent = describeExaminations(examinations);
  const counts = `${formatCount(targets.length, 'target')}, ${formatCount(incidents, 'incident')}`;
  return `The week: ${counts}, ${down}; ${sent}. See apparenet history --report.`;
}

/** `3 examinations sent 12.4 MB`. */
export function describeExaminations({ count, bytes }: Examinations): string {
  return `${formatCount(count, 'examination')} sent ${(bytes / 1e6).toFixed(1)} MB`;
}

function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Cut, not rounded: what failed for a minute was not there all the time. */
export function formatShare(share: number): string {
  return `${(Math.floor(share * 1e5) / 1e3).toFixed(3)} %`;
}
