// Incidents of a target as they are opened, changed and closed, each with its line of the diary. When, is decided elsewhere.
import type { BoxEvent, Incident, IncidentKind } from '../../model/incident.js';
import { orderForReading } from '../../model/report.js';
import type { Report } from '../../model/report.js';
import type { Reading } from './assess-minute.js';
import type { Decision, IncidentDecision } from './decision.js';
import { composeEvent, composeId, describeEnd, describeTrouble, METRICS } from './incident-text.js';
import type { TargetWatch } from './target-watch.js';

interface Opening {
  readonly reading: Reading;
  /** When it is told, Unix ms: the end of the minute that decided. */
  readonly endMs: number;
  /** Why the expected value is expected. */
  readonly basis: string;
  readonly decisions: Decision[];
}

/** Kinds whose cause an examination can find; what cannot be measured it cannot either. */
export const IS_EXAMINED: Readonly<Record<IncidentKind, boolean>> = {
  outage: true,
  loss: true,
  delay: true,
  jitter: true,
  'cannot-measure': false,
};

export function openIncident(watch: TargetWatch, kind: IncidentKind, opening: Opening): TargetWatch {
  const { reading, endMs, basis, decisions } = opening;
  const startedMs = watch.kinds[kind].open?.startedMs ?? endMs;
  const described = { kind, target: watch.target, expected: reading.expected, worst: reading.value };
  const summary = describeTrouble({ ...described, problem: reading.problem ?? null }, basis);
  const incident: Incident = {
    ...described,
    id: composeId(endMs, [watch.target, kind], watch.serial),
    severity: reading.isCritical ? 'critical' : 'warning',
    state: 'open',
    startedMs,
    openedMs: endMs,
    endedMs: null,
    metric: METRICS[kind],
    segment: null,
    alsoAffected: [],
    partOf: null,
    reportId: null,
    finding: null,
    verdict: null,
    summary,
  };
  const event = composeEvent(incident, 'opened', { atMs: endMs, serial: watch.serial + 1, text: incident.summary });
  decisions.push({ kind: 'incident', incident, event });
  if (IS_EXAMINED[kind]) decisions.push({ kind: 'examine', target: watch.target, incidentId: incident.id });
  return { ...watch, serial: watch.serial + 2, incidents: [...watch.incidents, incident] };
}

/** Something else goes wrong while it is open: told once, as a part of it. */
export function addToIncident(
  watch: TargetWatch,
  incident: Incident,
  kind: IncidentKind,
  { reading, endMs, basis, decisions }: Opening,
): TargetWatch {
  const { value, expected, isCritical } = reading;
  const also = describeTrouble({ kind, target: watch.target, expected, worst: value }, basis);
  const severity = isCritical ? 'critical' : incident.severity;
  return tell(watch, { ...incident, severity }, 'updated', { atMs: endMs, text: `Also: ${also}` }, decisions);
}

/** It got notably worse. */
export function changeIncident(
  watch: TargetWatch,
  kind: IncidentKind,
  { atMs, basis }: { readonly atMs: number; readonly basis: string },
  decisions: Decision[],
): TargetWatch {
  const { open } = watch.kinds[kind];
  const known = findOpen(watch, kind);
  if (open === null || known === undefined) return watch;
  const severity = open.isCritical ? 'critical' : known.severity;
  const incident = { ...describeWorst(known, open.worst, basis), severity };
  return tell(watch, incident, 'updated', { atMs, text: `Worse: ${incident.summary}` }, decisions);
}

/** How bad it was at worst is a part of what it says, but for what could not be measured: why is. */
export function describeWorst(incident: Incident, worst: number, basis: string): Incident {
  const worse = { ...incident, worst };
  if (incident.kind === 'cannot-measure') return worse;
  return { ...worse, summary: describeTrouble(worse, basis) };
}

export interface Closing {
  /** When it is told, and begin of the first good minute, Unix ms. */
  readonly atMs: number;
  readonly endedMs: number;
  /** How bad it was at worst, and why the expected value is expected; without it the sentence stays as it was. */
  readonly worst?: { readonly value: number; readonly basis: string };
  /** In place of the usual sentence. */
  readonly because?: string;
}

export function closeIncident(
  watch: TargetWatch,
  kind: IncidentKind,
  { atMs, endedMs, worst, because }: Closing,
  decisions: Decision[],
): TargetWatch {
  const open = findOpen(watch, kind);
  if (open === undefined) return watch;
  const known = worst === undefined ? open : describeWorst(open, worst.value, worst.basis);
  const summary = because === undefined ? describeEnd(known, endedMs) : `${known.summary} ${because}`;
  const incident: Incident = { ...known, state: 'closed', endedMs, summary };
  const told = tell(watch, incident, 'recovered', { atMs, text: summary }, decisions);
  const closed = { ...told.kinds[kind], marks: [], open: null, closedMs: atMs };
  return {
    ...told,
    kinds: { ...told.kinds, [kind]: closed },
    incidents: told.incidents.filter(({ id }) => id !== incident.id),
  };
}

/** What the examination found that the incident asked for. Nothing where the incident is over. */
export function takeReport(
  watch: TargetWatch,
  incidentId: string,
  { report, atMs }: { readonly report: Report; readonly atMs: number },
): { readonly watch: TargetWatch; readonly decisions: readonly Decision[] } {
  const known = watch.incidents.find(({ id }) => id === incidentId);
  if (known === undefined) return { watch, decisions: [] };
  const [finding = null] = orderForReading(report.findings);
  const incident: Incident = { ...known, reportId: report.id, finding, verdict: report.verdict };
  const decisions: Decision[] = [];
  const text = `${known.target} was examined: ${report.summary}`;
  return { watch: tell(watch, incident, 'updated', { atMs, text }, decisions), decisions };
}

/** The same for an incident that is over. Null where it was over before the examination began, which then says nothing of it. */
export function addLateReport(incident: Incident, report: Report): Incident | null {
  const { endedMs } = incident;
  if (endedMs === null || Date.parse(report.startedAt) >= endedMs) return null;
  const [finding = null] = orderForReading(report.findings);
  return { ...incident, reportId: report.id, finding, verdict: report.verdict };
}

/** Nobody knows any more how it stood, so that nothing would end it. `serial` tells apart those that are closed at one moment. */
export function closeForgotten(incident: Incident, atMs: number, serial: number): IncidentDecision {
  const summary = `${incident.summary} Closed at a start: how it stood could not be read any more.`;
  // The clock may have been set back meanwhile.
  const closed: Incident = { ...incident, state: 'closed', endedMs: Math.max(incident.openedMs, atMs), summary };
  return {
    kind: 'incident',
    incident: closed,
    event: composeEvent(closed, 'recovered', { atMs, serial, text: summary }),
  };
}

/** The target is no longer watched: what is open is closed, as nothing would end it. */
export function endTargetWatch(watch: TargetWatch, atMs: number): readonly Decision[] {
  const decisions: Decision[] = [];
  for (const { kind } of watch.incidents) {
    closeIncident(watch, kind, { atMs, endedMs: atMs, because: 'Closed because it is no longer watched.' }, decisions);
  }
  return decisions;
}

/** Puts the incident in the place of the one of its id, and tells it. */
export function tell(
  watch: TargetWatch,
  incident: Incident,
  kind: Extract<BoxEvent['kind'], 'updated' | 'recovered'>,
  { atMs, text }: { readonly atMs: number; readonly text: string },
  decisions: Decision[],
): TargetWatch {
  const event = composeEvent(incident, kind, { atMs, serial: watch.serial, text });
  decisions.push({ kind: 'incident', incident, event });
  return { ...replaceIncident(watch, incident), serial: watch.serial + 1 };
}

export function replaceIncident(watch: TargetWatch, incident: Incident): TargetWatch {
  return { ...watch, incidents: watch.incidents.map((known) => (known.id === incident.id ? incident : known)) };
}

export function findOpen(watch: TargetWatch, kind: IncidentKind): Incident | undefined {
  return watch.incidents.find((incident) => incident.kind === kind);
}
