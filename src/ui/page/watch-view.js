// What is watched: each target with its state in words, its figures now and its last hours as a picture.
import { addTarget, nowMs, readSeries, readTargets, removeTarget } from './api.js';
import { make } from './elements.js';
import { formatRatio, formatTime } from './figures.js';
import { formatMoment, makeChart } from './history-chart.js';
import { nameKind } from './incident-view.js';

const HOUR_MS = 3_600_000;
const SPANS = [
  [1, 'the last hour'],
  [6, 'the last 6 hours'],
  [24, 'the last day'],
  [7 * 24, 'the last week'],
  [30 * 24, 'the last month'],
];
const SHOWN_FIRST = 6;
/** What a chart of this width can show apart. */
const POINTS = 240;
/** A minute is kept when it is over; what is older than this many periods is late. */
const LATE_PERIODS = 3;

const $ = (id) => document.getElementById(id);

/** `mayChange` allows adding and removing. Shows failures by `onProblem`. */
export function startWatchView({ mayChange, onProblem }) {
  $('watch').hidden = false;
  $('add-target').hidden = !mayChange;
  const refresh = (openIncidents) => showTargets(openIncidents, { mayChange, onProblem });
  if ($('span').options.length === 0) {
    const choices = SPANS.map(([hours, words]) => make('option', { value: String(hours) }, words));
    $('span').replaceChildren(...choices);
    $('span').value = String(SHOWN_FIRST);
    $('span').addEventListener('change', () => void refresh(shownIncidents));
    $('add-target').addEventListener('submit', (event) => {
      event.preventDefault();
      const [name, address] = [$('target-name').value.trim(), $('target-address').value.trim()];
      addTarget({ name, address }).then(() => {
        $('add-target').reset();
        return refresh(shownIncidents);
      }, onProblem);
    });
  }
  return refresh;
}

let shownIncidents = [];

async function showTargets(openIncidents, rights) {
  shownIncidents = openIncidents;
  const toMs = nowMs();
  const fromMs = toMs - Number($('span').value) * HOUR_MS;
  const targets = await readTargets();
  const watched = targets.filter(({ watched: target }) => target !== null);
  const cards = await Promise.all(
    watched.map(async ({ name, watched: target }) => {
      const { points } = await readSeries(name, { fromMs, toMs, points: POINTS });
      const incident = openIncidents.find((one) => one.target === name) ?? null;
      return makeCard({ target, points, incident, fromMs, toMs }, rights);
    }),
  );
  const nothing = make(
    'p',
    { class: 'hint' },
    'Nothing is watched yet. Whatever you name here gets one small packet every half second.',
  );
  // A name that somebody is typing, and the place of the focus, stay.
  if ($('targets').contains(document.activeElement)) return;
  $('targets').replaceChildren(...(cards.length > 0 ? cards : [nothing]));
}

function makeCard({ target, points, incident, fromMs, toMs }, { mayChange, onProblem }) {
  const { name, address } = target;
  const last = points.at(-1) ?? null;
  const state = describeState(target, last, incident, toMs);
  return make(
    'li',
    { class: `target ${state.look}` },
    make(
      'div',
      { class: 'line' },
      make('h3', {}, name, ' ', make('small', {}, address === name ? '' : address)),
      make('p', { class: 'state' }, state.words),
    ),
    target.enabled && last ? makeFiguresNow(last) : null,
    makeChart({ name, points, fromMs, toMs }),
    mayChange ? makeRemoval(name, onProblem) : null,
  );
}

/** The last period alone: what it is now. */
function makeFiguresNow({ rttP50Ns, rttP95Ns, lossRatio, jitterNs }) {
  const facts = [
    ['median', rttP50Ns === null ? '–' : formatTime(rttP50Ns)],
    ['95 % below', rttP95Ns === null ? '–' : formatTime(rttP95Ns)],
    ['variation', jitterNs === null ? '–' : formatTime(jitterNs)],
    ['lost', lossRatio === null ? '–' : formatRatio(lossRatio)],
  ];
  return make(
    'dl',
    { class: 'now' },
    ...facts.map(([term, words]) => make('div', {}, make('dt', {}, term), make('dd', {}, words))),
  );
}

/** What is known of it now, the worst first. */
function describeState({ enabled }, last, incident, toMs) {
  if (!enabled) return { look: 'off', words: 'switched off' };
  if (incident) {
    const since = formatMoment(incident.startedMs, toMs - incident.startedMs);
    return { look: incident.severity, words: `${nameKind(incident.kind)} since ${since}` };
  }
  if (!last) return { look: 'off', words: 'not measured in this time' };
  const endMs = last.startMs + last.lengthMs;
  if (toMs - endMs > LATE_PERIODS * last.lengthMs)
    return { look: 'warning', words: `not measured since ${formatMoment(endMs, toMs - endMs)}` };
  if (last.problem !== null) return { look: 'warning', words: last.problem };
  return { look: 'ok', words: 'no trouble' };
}

/** Asks once more in the same place, so that a slip of the finger costs nothing. */
function makeRemoval(name, onProblem) {
  const sure = make('button', { type: 'button', class: 'quiet small' }, `Watch ${name} no longer`);
  sure.addEventListener('click', () => {
    removeTarget(name).then(() => sure.closest('li')?.remove(), onProblem);
  });
  return make(
    'details',
    { class: 'more' },
    make('summary', {}, 'Change'),
    sure,
    make('p', { class: 'hint' }, 'Its history stays.'),
  );
}
