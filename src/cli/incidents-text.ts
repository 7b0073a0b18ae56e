// Incidents for a person: a list, the newest first, or one at length.
import { nameCondition } from '../model/condition-name.js';
import { EXIT, type ExitCode } from '../model/errors.js';
import { describeProbability } from '../model/figures.js';
import type { Incident } from '../model/incident.js';
import type { Finding } from '../model/report.js';
import type { Ink, Tone } from './ink.js';
import { alignRows, wrapText } from './layout.js';
import { renderFinding } from './report-text.js';
import { formatUptime } from './status-text.js';

const TONES: Readonly<Record<Incident['severity'], Tone>> = { warning: 'warning', critical: 'bad' };
const MS_PER_SEC = 1000;

export interface IncidentsView {
  readonly ink: Ink;
  readonly columns: number;
  /** IANA name. */
  readonly timeZone: string;
  readonly nowMs: number;
}

/** What is a part of another one in the list is named there. Ends in a line break. */
export function renderIncidents(incidents: readonly Incident[], view: IncidentsView): string {
  if (incidents.length === 0) return 'No incident.\n';
  const ids = new Set(incidents.map(({ id }) => id));
  const whole = incidents.filter(({ partOf }) => partOf === null || !ids.has(partOf));
  const lines = whole.flatMap((incident) => {
    const { id, state, severity, startedMs, endedMs } = incident;
    const parts = incidents.filter(({ partOf }) => partOf === id).map(({ target }) => target);
    const together = parts.length === 0 ? '' : ` With it ${parts.length} more: ${parts.sort().join(', ')}.`;
    const summary = `${incident.summary}${together}`;
    const found = incident.finding === null ? [] : wrapText(nameFinding(incident.finding), '  found: ', view.columns);
    const lasted = formatUptime(((endedMs ?? view.nowMs) - startedMs) / MS_PER_SEC);
    const head = `${formatInstant(startedMs, view.timeZone)}  ${severity}, ${state === 'open' ? `open for ${lasted}` : `over after ${lasted}`}  ${id}`;
    return [
      head.replace(severity, view.ink(TONES[severity], severity)),
      ...wrapText(summary, '  ', view.columns),
      ...found,
    ];
  });
  return `${lines.join('\n')}\n`;
}

function nameFinding({ condition, probability }: Finding): string {
  return `${nameCondition(condition)}, ${describeProbability(probability)}`;
}

/** Ends in a line break. */
export function renderIncident(incident: Incident, view: IncidentsView): string {
  const { id, target, severity, startedMs, openedMs, endedMs, segment, alsoAffected, partOf } = incident;
  const { reportId, finding, summary } = incident;
  const instant = (ms: number): string => formatInstant(ms, view.timeZone);
  const rows = [
    ['incident', id],
    ['target', target],
    ['severity', view.ink(TONES[severity], severity)],
    ['began', `${instant(startedMs)} (${view.timeZone}), confirmed ${instant(openedMs)}`],
    ['ended', endedMs === null ? 'it is still open' : instant(endedMs)],
    ...(segment === null ? [] : [['where', segment === 'probe' ? 'this box' : segment]]),
    ...(alsoAffected.length === 0 ? [] : [['also', alsoAffected.join(', ')]]),
    ...(partOf === null ? [] : [['part of', partOf]]),
    ...(reportId === null ? [] : [['report', finding === null ? `${reportId}, which found no cause` : reportId]]),
  ];
  const found = finding === null ? [] : ['', 'What its examination found:', ...describeFound(finding, view)];
  return `${[...wrapText(summary, '', view.columns), '', ...alignRows(rows), ...found].join('\n')}\n`;
}

function describeFound(finding: Finding, { ink, columns }: IncidentsView): string[] {
  return renderFinding(finding, { isFirst: true, isPlaced: false }, { ink, columns, notes: [] });
}

function formatInstant(atMs: number, timeZone: string): string {
  // The Swedish way of writing dates is that of ISO 8601.
  return new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'short', timeZone }).format(atMs);
}

/** As monitoring plugins do: the worst that is open. */
export function computeIncidentsExit(incidents: readonly Incident[]): ExitCode {
  const open = incidents.filter(({ state }) => state === 'open');
  if (open.some(({ severity }) => severity === 'critical')) return EXIT.critical;
  return open.length > 0 ? EXIT.warning : EXIT.ok;
}
