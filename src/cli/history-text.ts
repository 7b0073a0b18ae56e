// The past of one target, or of all in a line each, for a person.
import { formatFigure, formatPercent, RATIO, TIME } from '../model/figures.js';
import type { Incident } from '../model/incident.js';
import type { PeriodName, PeriodSummary } from '../model/period-summary.js';
import { CHART_MARGIN, renderHistoryChart } from './history-chart.js';
import { computeColumns, computeSpanFigures, type SpanFigures } from './history-figures.js';
import type { HistorySpan } from './history-span.js';
import { alignRows } from './layout.js';

const MOST_COLUMNS = 96;
const PERIOD_WORDS: Readonly<Record<PeriodName, string>> = {
  minute: 'minutes',
  fiveMinutes: 'five minutes each',
  hour: 'hours',
  day: 'days',
};

export interface TargetPast {
  readonly target: string;
  readonly period: PeriodName;
  readonly summaries: readonly PeriodSummary[];
  /** That touch the span, in any order. */
  readonly incidents: readonly Incident[];
  /** Since when it is watched, Unix ms; null where nothing is kept of it. */
  readonly firstMs: number | null;
}

export interface HistoryView {
  readonly span: HistorySpan;
  readonly columns: number;
  readonly timeZone: string;
}

/** Ends in a line break. */
export function renderTargetPast(past: TargetPast, { span, columns, timeZone }: HistoryView): string {
  const { target, summaries, period, incidents, firstMs } = past;
  const watched = findWatched(past, span);
  const all = computeSpanFigures(summaries, watched);
  const since = watched.fromMs === firstMs ? `, since ${formatMinute(firstMs, timeZone)}` : '';
  const chart = renderHistoryChart(
    computeColumns(summaries, span, Math.min(MOST_COLUMNS, columns - CHART_MARGIN)),
    span,
    timeZone,
  );
  const lines = [
    `${target}, by ${PERIOD_WORDS[period]}, times of ${timeZone}`,
    '',
    ...(chart.length === 0 ? ['Nothing was measured in this time.'] : chart),
    '',
    ...alignRows([...describeFigures(all, since), ['incidents', describeIncidents(incidents)]]),
  ];
  return `${lines.join('\n')}\n`;
}

/** Before it was added nothing was to be measured of it. */
function findWatched({ firstMs }: TargetPast, { fromMs, toMs }: HistorySpan): HistorySpan {
  return { fromMs: firstMs !== null && firstMs < toMs ? Math.max(fromMs, firstMs) : fromMs, toMs };
}

function formatMinute(atMs: number, timeZone: string): string {
  // The form of Sweden is that of ISO 8601.
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(atMs);
}

/** `since`: when it was added, where that is within the time asked for. */
function describeFigures({ rtt, sent, lost, coverage, worstJitterNs }: SpanFigures, since: string): string[][] {
  const times = (ns: number): string => formatFigure(ns, TIME);
  return [
    ...(rtt === null
      ? []
      : [
          [
            'round trip',
            `median ${times(rtt.p50Ns)}, 95th percentile ${times(rtt.p95Ns)}, least ${times(rtt.minNs)}, most ${times(rtt.maxNs)}`,
          ],
        ]),
    ...(sent === 0 ? [] : [['loss', `${formatFigure(lost / sent, RATIO)} (${lost} of ${sent} packets)`]]),
    ...(worstJitterNs === null ? [] : [['jitter', `${times(worstJitterNs)} at worst`]]),
    ['measured', `${formatPercent(coverage)} of the time${since}`],
  ];
}

function describeIncidents(incidents: readonly Incident[]): string {
  const open = incidents.filter(({ state }) => state === 'open').length;
  if (incidents.length === 0) return 'none';
  return open === 0 ? String(incidents.length) : `${incidents.length}, ${open} of them open`;
}

/** A line for each target. Ends in a line break. */
export function renderOverview(pasts: readonly TargetPast[], span: HistorySpan): string {
  const rows = pasts.map((past) => {
    const { target, summaries, incidents } = past;
    const { rtt, sent, lost, coverage } = computeSpanFigures(summaries, findWatched(past, span));
    return [
      target,
      rtt === null ? 'no answer' : formatFigure(rtt.p50Ns, TIME),
      rtt === null ? '' : formatFigure(rtt.p95Ns, TIME),
      sent === 0 ? '' : formatFigure(lost / sent, RATIO),
      formatPercent(coverage),
      describeIncidents(incidents),
    ];
  });
  return `${alignRows([['target', 'median', '95 %', 'lost', 'measured', 'incidents'], ...rows]).join('\n')}\n`;
}
