// An incident as one sentence for a person, and the lines of the diary that speak of it.
import { formatFigure, formatPercent, TIME } from '../../model/figures.js';
import { endSentence } from '../../model/sentence.js';
import type { BoxEvent, EventKind, Incident, IncidentKind } from '../../model/incident.js';

export const METRICS = {
  outage: 'lossRatio',
  loss: 'lossRatio',
  delay: 'rttNs',
  jitter: 'jitterNs',
  'cannot-measure': 'coverage',
} as const satisfies Readonly<Record<IncidentKind, Incident['metric']>>;

type Described = Pick<Incident, 'kind' | 'target' | 'expected' | 'worst'> & {
  /** Why nothing was measured; null, or without it, where that is not known. */
  readonly problem?: string | null;
};

/** `dns: round trips take up to 84 ms, where 12 ms are usual`. `basis` says what makes the expected value what it is. */
export function describeTrouble({ kind, target, expected, worst, problem = null }: Described, basis: string): string {
  switch (kind) {
    case 'outage':
      return `${target} does not answer.`;
    case 'loss':
      return `${target}: up to ${formatPercent(worst)} of the packets are lost in a minute, where ${formatPercent(expected)} ${basis}.`;
    case 'delay':
      return `${target}: round trips take up to ${formatFigure(worst, TIME)} in the median of a minute, where ${formatFigure(expected, TIME)} ${basis}.`;
    case 'jitter':
      return `${target}: round trips differ by up to ${formatFigure(worst, TIME)} (jitter), where ${formatFigure(expected, TIME)} ${basis}.`;
    case 'cannot-measure':
      return problem === null
        ? `${target} cannot be measured.`
        : `${target} cannot be measured: ${endSentence(problem)}`;
  }
}

export function describeEnd(incident: Incident, endedMs: number): string {
  return `${incident.summary} Over after ${formatSpan(endedMs - incident.startedMs)}.`;
}

/** The clock may have been set back meanwhile. */
function formatSpan(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  if (minutes < 120) return `${minutes} min`;
  if (minutes < 2880) return `${Math.round(minutes / 60)} h`;
  return `${Math.round(minutes / 1440)} days`;
}

export function composeEvent(
  incident: Incident,
  kind: Extract<EventKind, 'opened' | 'updated' | 'recovered'>,
  { atMs, serial, text }: { readonly atMs: number; readonly serial: number; readonly text: string },
): BoxEvent {
  return {
    id: composeId(atMs, [incident.target, kind], serial),
    atMs,
    kind,
    severity: kind === 'recovered' || incident.partOf !== null ? 'info' : incident.severity,
    target: incident.target,
    incidentId: incident.id,
    text,
  };
}

const TIME_DIGITS = 9;

/** Ascending with time as text is; `serial` never comes twice for a target, so that a clock set back makes no id twice. */
export function composeId(atMs: number, words: readonly string[], serial: number): string {
  return [Math.max(0, Math.floor(atMs)).toString(36).padStart(TIME_DIGITS, '0'), ...words, String(serial)].join('-');
}
