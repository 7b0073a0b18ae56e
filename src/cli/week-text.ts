// The report of a week for a person. Pure.
import { describeExaminations, formatShare } from '../history/week-report.js';
import type { WeekReport } from '../history/week-report.js';
import { formatFigure, formatPercent, TIME } from '../model/figures.js';
import { alignRows } from './layout.js';

/** `timeZone` is an IANA name. Ends in a line break. */
export function renderWeek({ fromMs, toMs, targets, examinations }: WeekReport, timeZone: string): string {
  // The form of Sweden is that of ISO 8601.
  const clock = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  const time = (ns: number | null): string => (ns === null ? '-' : formatFigure(ns, TIME));
  const rows = targets.map(({ target, thisWeek, weekBefore, incidents: own }) => [
    target,
    formatPercent(thisWeek.coverage),
    thisWeek.availability === null ? '-' : formatShare(thisWeek.availability),
    thisWeek.lossRatio === null ? '-' : `${(thisWeek.lossRatio * 100).toFixed(2)} %`,
    `${time(thisWeek.p50Ns)} (${time(weekBefore.p50Ns)})`,
    `${time(thisWeek.p95Ns)} (${time(weekBefore.p95Ns)})`,
    String(own.length),
  ]);
  const heads = [
    'target',
    'measured',
    'available',
    'lost',
    'round trip (week before)',
    '95 % within (week before)',
    'incidents',
  ];
  const incidents = targets
    .flatMap((one) => one.incidents)
    .sort((a, b) => a.startedMs - b.startedMs)
    .map(({ startedMs, lastedMs, summary }) => {
      return `  ${clock.format(startedMs)}  ${Math.max(1, Math.round(lastedMs / 60_000))} min  ${summary}`;
    });
  return `${[
    `${clock.format(fromMs)} to ${clock.format(toMs)}, ${timeZone}`,
    '',
    ...alignRows([heads, ...rows]),
    '',
    ...(incidents.length === 0 ? ['No incident.'] : ['Incidents:', ...incidents]),
    `${describeExaminations(examinations)}${examinations.count === 0 ? '.' : ':'}`,
    ...alignRows(examinations.targets.map((one) => [`  ${one.target}`, describeExaminations(one)])),
  ].join('\n')}\n`;
}
