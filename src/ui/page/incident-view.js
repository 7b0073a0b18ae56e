// Incidents as a person reads them: what is wrong now before what was, each with what was found and what to do.
import { nowMs } from './api.js';
import { make } from './elements.js';
import { formatRatio, formatTime } from './figures.js';
import { formatMoment } from './history-chart.js';
import { makeFinding } from './report-view.js';

const KINDS = {
  outage: 'Outage',
  loss: 'Loss',
  delay: 'Delay',
  jitter: 'Variation of delay',
  'cannot-measure': 'Not measured',
};
const SEGMENTS = {
  probe: 'in this probe',
  link: 'on the link of this probe',
  gateway: 'at the gateway',
  provider: 'at the provider',
  beyond: 'beyond the provider',
};

export const nameKind = (kind) => KINDS[kind] ?? kind;

/** What is a part of another one shown here is named there. `onReport` gets the id of an examination that a person wants to see. */
export function makeIncidents(incidents, onReport) {
  const ids = new Set(incidents.map(({ id }) => id));
  const whole = incidents.filter(({ partOf }) => partOf === null || !ids.has(partOf));
  return whole.map((incident) => makeIncident(incident, onReport));
}

function makeIncident(incident, onReport) {
  const { state, kind, target, severity, summary, finding, alsoAffected, segment, reportId } = incident;
  const isOpen = state === 'open';
  const facts = [
    ['When', describeTime(incident)],
    ['Where', segment === null ? null : SEGMENTS[segment]],
    ['Met', describeWorst(incident)],
    ['Also affected', alsoAffected.join(', ') || null],
  ].filter(([, words]) => words !== null);
  return make(
    'details',
    { class: `incident ${isOpen ? severity : 'over'}`, ...(isOpen ? { open: '' } : {}) },
    make(
      'summary',
      {},
      make('strong', {}, `${nameKind(kind)}: ${target}`),
      ' ',
      make('small', {}, isOpen ? 'now' : describeTime(incident)),
    ),
    make('p', {}, summary),
    make('dl', {}, ...facts.flatMap(([term, words]) => [make('dt', {}, term), make('dd', {}, words)])),
    finding === null ? null : makeFinding(finding, true),
    reportId === null ? null : makeReportButton(reportId, onReport),
  );
}

function makeReportButton(reportId, onReport) {
  const button = make('button', { type: 'button', class: 'quiet small' }, 'Show its examination');
  button.addEventListener('click', () => onReport(reportId));
  return button;
}

/** "14:02, for 17 minutes" or "since 14:02". */
function describeTime({ startedMs, endedMs }) {
  const begin = formatMoment(startedMs, nowMs() - startedMs);
  return endedMs === null ? `since ${begin}` : `${begin}, for ${formatSpan(endedMs - startedMs)}`;
}

const SPANS = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
];

function formatSpan(ms) {
  const [size, word] = SPANS.find(([span]) => ms >= span) ?? SPANS.at(-1);
  const count = Math.round(ms / size);
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

function describeWorst({ metric, expected, worst }) {
  const format = metric === 'rttNs' || metric === 'jitterNs' ? formatTime : formatRatio;
  const word = metric === 'coverage' ? 'measured ' : 'at worst ';
  return `${word}${format(worst)}, where ${format(expected)} is usual`;
}
