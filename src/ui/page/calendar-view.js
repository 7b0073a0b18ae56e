// What the box does by itself: when each job is due, how it ended last or why it was put off, what waits for its turn, what was spent,
// and quiet hours.
import { readCalendar } from './api.js';
import { make } from './elements.js';

const BYTES_PER_MB = 1e6;
const OUTCOMES = { done: 'ok', partly: 'warning', 'not-run': 'warning' };
const DAYS = { sun: 'Sun', mon: 'Mon', tue: 'Tue', wed: 'Wed', thu: 'Thu', fri: 'Fri', sat: 'Sat' };

const $ = (id) => document.getElementById(id);

/** Hidden where nothing starts by itself. Rejects with nothing: that it is not there is all a person needs. */
export async function showCalendar() {
  const calendar = await readCalendar().catch(() => null);
  $('calendar').hidden = calendar === null;
  if (calendar === null) return;
  const { jobs, working, waiting, timeZone, spent, quietHours } = calendar;
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short', timeZone });
  const rows = jobs.map((job) => makeJob(job, format));
  const isPlanned = jobs.some(({ own }) => !own);
  $('jobs').replaceChildren(...(isPlanned ? [] : [make('li', {}, 'No examination is planned.')]), ...rows);
  const turns = [
    ...(working === null ? [] : [makeTurn(working, `under way since ${format.format(working.startedMs)}`, format)]),
    ...waiting.map((work) => makeTurn(work, `waits for ${work.waitsFor}`, format)),
  ];
  $('turns-title').hidden = turns.length === 0;
  $('turns').replaceChildren(...turns);
  $('spent').replaceChildren(...makeSpent('Spent today', spent.day), ...makeSpent('This month', spent.month));
  const quiet = quietHours.map(({ from, to, days }) => {
    return `${from} to ${to}${days.length === 0 ? '' : ` (${days.map((day) => DAYS[day]).join(', ')})`}`;
  });
  const words = quiet.length === 0 ? [] : [`Quiet hours: ${quiet.join('; ')}.`];
  $('calendar-hint').textContent = [...words, `Times are those of ${timeZone}.`].join(' ');
}

function makeJob({ name, own, enabled, nextMs, last }, format) {
  const next = !enabled ? 'switched off' : nextMs === null ? 'never due' : `next ${format.format(nextMs)}`;
  return make(
    'li',
    { class: `target ${last === null ? 'off' : OUTCOMES[last.outcome]}` },
    make('div', { class: 'line' }, make('h3', {}, name), make('span', {}, own ? `the box's own, ${next}` : next)),
    make('p', { class: 'hint' }, last === null ? 'It has not run yet.' : `${format.format(last.atMs)}: ${last.text}`),
  );
}

function makeTurn({ target, depth, askedBy, sinceMs }, state, format) {
  const whose = askedBy.map(({ kind, name }) => `${kind} ${name}`).join(', ');
  const what = target ?? askedBy[0].name;
  return make(
    'li',
    { class: 'target off' },
    make('div', { class: 'line' }, make('h3', {}, what), make('span', {}, state)),
    make('p', { class: 'hint' }, `For ${whose}, asked ${format.format(sinceMs)}${depth === null ? '' : `, ${depth}`}.`),
  );
}

function makeSpent(title, { bytes, mostBytes }) {
  const words = `${formatMb(bytes)} of ${formatMb(mostBytes)} MB`;
  // A budget of nothing is used up.
  const [value, max] = mostBytes > 0 ? [Math.min(bytes, mostBytes), mostBytes] : [1, 1];
  const meter = make('progress', { max: String(max), value: String(value), 'aria-label': `${title}: ${words}` });
  return [make('dt', {}, title), make('dd', {}, meter, ' ', words)];
}

const formatMb = (bytes) => String(Number((bytes / BYTES_PER_MB).toPrecision(3)));
