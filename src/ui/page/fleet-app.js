// What a console's page shows when: the list, one box that somebody opened, what is and was wrong anywhere, what happens.
import { showAccess } from './access-view.js';
import {
  followFleet,
  nowMs,
  readBox,
  readBoxReport,
  readBoxSeries,
  readFleet,
  readFleetDiary,
  readFleetIncidents,
} from './api.js';
import { make } from './elements.js';
import { describeFleet, makeBox, makeBoxes } from './fleet-view.js';
import { formatMoment } from './history-chart.js';
import { makeIncidents } from './incident-view.js';
import { makeReport } from './report-view.js';
import { startSession } from './session-view.js';

/** Boxes tell each minute, and events come by themselves. */
const LOOK_MS = 5_000;
const RELOAD_MS = 10_000;
const SHOWN_HOURS = 6;
const HOUR_MS = 3_600_000;
const POINTS = 240;
const MOST_BOXES = 500;
const MOST_INCIDENTS = 50;
const MOST_PAST = 10;
const MOST_EVENTS = 20;
const $ = (id) => document.getElementById(id);

/** What runs while somebody may look; null before and after. */
let inside = null;
/** Of the boxes by the last look, and the one that is open. */
let fleet = null;
let openedId = null;

function showNotice(words) {
  $('notice').textContent = words ?? '';
  $('notice').hidden = !words;
}

const nameOf = (id) => fleet?.boxes.find((box) => box.id === id)?.name ?? id;

async function look() {
  if (!inside) return;
  try {
    const [all, open, past] = await Promise.all([
      readFleet(MOST_BOXES),
      readFleetIncidents('open', MOST_INCIDENTS),
      readFleetIncidents('closed', MOST_PAST),
    ]);
    if (!inside) return;
    fleet = all;
    showNotice(null);
    showBoxes();
    showIncidents('open', 'open-incidents', open);
    showIncidents('past', 'past-incidents', past);
    if (openedId !== null) await showBox();
  } catch (error) {
    showNotice(error.message);
  }
}

function showBoxes() {
  const { boxes, counts } = fleet;
  $('summary').textContent = describeFleet(fleet);
  document.title = `${describeFleet(fleet)} · appareNet`;
  const words = $('find').value.trim().toLowerCase();
  const found = boxes.filter(({ id, name }) => id.includes(words) || name.toLowerCase().includes(words));
  const focused = document.activeElement?.getAttribute('data-box');
  $('boxes').replaceChildren(...makeBoxes(found, openedId, open));
  if (focused) $('boxes').querySelector(`[data-box="${focused}"]`)?.focus();
  $('no-boxes').hidden = boxes.length > 0;
  $('more-boxes').hidden = counts.boxes <= boxes.length;
  $('more-boxes').textContent = `${counts.boxes - boxes.length} more, none of them worse, are not shown.`;
}

function open(id) {
  openedId = openedId === id ? null : id;
  $('report').hidden = true;
  showBoxes();
  if (openedId === null) $('box').hidden = true;
  else
    showBox().then(
      () => $('box').scrollIntoView(),
      (error) => showNotice(error.message),
    );
}

async function showBox() {
  const id = openedId;
  const toMs = nowMs();
  const fromMs = toMs - SHOWN_HOURS * HOUR_MS;
  const box = await readBox(id);
  const series = new Map(
    await Promise.all(
      box.watched.map(async ({ name }) => [
        name,
        (await readBoxSeries(id, name, { fromMs, toMs, points: POINTS })).points,
      ]),
    ),
  );
  if (openedId !== id) return;
  const onReport = (report) => showReport(id, report);
  $('box').replaceChildren(...makeBox(box, { series, fromMs, toMs, onReport, onClose: () => open(id) }));
  $('box').hidden = false;
}

function showReport(box, id) {
  readBoxReport(box, id)
    .then((report) => {
      $('report').replaceChildren(make('p', { class: 'hint' }, `As ${nameOf(box)} sent it.`), ...makeReport(report));
      $('report').hidden = false;
      $('report').scrollIntoView();
    })
    .catch((error) => showNotice(error.message));
}

/** Those that somebody opened stay open. */
function showIncidents(section, list, incidents) {
  $(section).hidden = incidents.length === 0;
  const key = JSON.stringify(incidents);
  if ($(list).dataset['key'] === key) return;
  $(list).dataset['key'] = key;
  const boxOf = new Map(incidents.map(({ reportId, box }) => [reportId, box]));
  const named = incidents.map((incident) => ({ ...incident, target: `${nameOf(incident.box)}, ${incident.target}` }));
  $(list).replaceChildren(...makeIncidents(named, (report) => showReport(boxOf.get(report), report)));
}

async function startDiary() {
  const shown = await readFleetDiary(MOST_EVENTS);
  const show = () => {
    // By when it happened: some of it is heard late.
    shown.sort((a, b) => b.atMs - a.atMs).splice(MOST_EVENTS);
    $('diary').hidden = shown.length === 0;
    $('events').replaceChildren(...shown.map(makeEvent));
  };
  show();
  return followFleet((event) => {
    if (shown.some(({ id }) => id === event.id)) return;
    shown.push(event);
    show();
  });
}

function makeEvent({ atMs, text, severity, box }) {
  const time = make('time', { datetime: new Date(atMs).toISOString() }, formatMoment(atMs, nowMs() - atMs));
  return make('li', { class: severity }, time, ' ', make('strong', {}, `${nameOf(box)}: `), text);
}

function enter({ user }) {
  if (inside) leave();
  $('inside').hidden = false;
  inside = { endDiary: () => undefined };
  const mine = inside;
  showAccess(user);
  void look()
    .then(startDiary)
    .then(
      (end) => {
        if (inside === mine) mine.endDiary = end;
        else end();
      },
      () => undefined,
    );
}

/** Nothing of what only some may see stays on the page. */
function leave() {
  inside?.endDiary();
  [inside, fleet, openedId] = [null, null, null];
  showAccess(null);
  for (const id of ['inside', 'box', 'report', 'open', 'past', 'diary']) $(id).hidden = true;
  for (const id of ['boxes', 'box', 'report', 'open-incidents', 'past-incidents', 'events']) $(id).replaceChildren();
  for (const id of ['open-incidents', 'past-incidents']) delete $(id).dataset['key'];
  $('summary').textContent = '';
  document.title = 'appareNet console';
  showNotice(null);
}

$('find').addEventListener('input', () => {
  if (fleet) showBoxes();
});
setInterval(() => {
  if (!document.hidden) void look();
}, LOOK_MS);
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) void look();
});
void startSession({
  onIn: enter,
  onOut: leave,
  onProblem: (error) => {
    showNotice(error.message);
    setTimeout(() => location.reload(), RELOAD_MS);
  },
});
