// What the page shows when: nothing yet, an examination under way, the last report, or what is missing.
import { showAccess } from './access-view.js';
import {
  cancelExamination,
  followExamination,
  orderExamination,
  readHealth,
  readIncidents,
  readLastReport,
  readOpenExamination,
  readReport,
} from './api.js';
import { showCalendar } from './calendar-view.js';
import { startDiary } from './diary-view.js';
import { make } from './elements.js';
import { makeIncidents } from './incident-view.js';
import { describeCost, makeChoices, parseChoice } from './order-choices.js';
import { makeReport } from './report-view.js';
import { startSession } from './session-view.js';
import { startWatchView } from './watch-view.js';
import { showWork } from './work-view.js';

const LOOK_AGAIN_MS = 3000;
/** A chart has a new point each minute. */
const WATCH_AGAIN_MS = 20_000;
/** After the analysis server was not there when the page was opened. */
const RELOAD_MS = 10_000;
const MOST_PAST_INCIDENTS = 10;
const $ = (id) => document.getElementById(id);

/** Id of the examination that is followed, null when none is. */
let following = null;
/** Id of the report on the page, and of the newest one there is. */
let shownId = null;
let lastId = null;
/** What runs while somebody may look; null before and after. */
let inside = null;

function showNotice(words) {
  $('notice').textContent = words ?? '';
  $('notice').hidden = !words;
}

function showReport(report) {
  $('empty').hidden = true;
  $('report').hidden = false;
  if (report.id === shownId) return;
  shownId = report.id;
  $('report').replaceChildren(...makeReport(report));
  document.title = `${report.verdict} ${report.target.name ?? report.target.address} · appareNet`;
}

function showChoice() {
  $('order-cost').textContent = describeCost(parseChoice($('choice').value));
}

function endWork() {
  following = null;
  $('work').hidden = true;
  $('start').disabled = false;
}

function follow(record) {
  if (following === record.id) return;
  following = record.id;
  $('start').disabled = true;
  showNotice(null);
  showWork(record);
  followExamination(record.id, take, () => {
    endWork();
    void look();
  });
}

function take(record) {
  if (record.state === 'queued' || record.state === 'running') {
    showWork(record);
    return;
  }
  endWork();
  if (record.report) showReport(record.report);
  else if (record.state === 'failed') showNotice(describe(record.problem));
  else void look();
}

function describe({ detail, message, remedy }) {
  const words = detail ?? message;
  return remedy ? `${words} To change that: ${remedy}` : words;
}

function showHealth({ version, parts }) {
  const sequencer = parts.find(({ name }) => name === 'tps');
  const words = [`appareNet ${version}`];
  if (sequencer?.up) words.push(...(sequencer.status?.problems ?? []));
  else words.push(`The sequencer does not answer, so nothing can be examined now. ${sequencer?.problem?.detail ?? ''}`);
  $('health').replaceChildren(...words.flatMap((line) => [line, document.createElement('br')]));
}

/** Looks at what the servers have; again and again, since others order examinations too. */
async function look() {
  try {
    const [health, open, report] = await Promise.all([readHealth(), readOpenExamination(), readLastReport()]);
    if (!inside) return;
    showHealth(health);
    if ($('notice').dataset['about'] === 'servers') showNotice(null);
    if (report && report.id !== lastId) {
      lastId = report.id;
      showReport(report);
    }
    if (open) follow(open);
    $('empty').hidden = Boolean(open ?? report);
  } catch (error) {
    $('notice').dataset['about'] = 'servers';
    showNotice(describe(error));
  }
}

/** What is watched, and what is or was wrong with it. */
async function lookAtWatched() {
  if (!inside) return;
  try {
    void showCalendar();
    const [open, past] = await Promise.all([readIncidents('open', 50), readIncidents('closed', MOST_PAST_INCIDENTS)]);
    await inside.showTargets(open);
    replaceIncidents('open-incidents', open);
    replaceIncidents('past-incidents', past);
    $('past').hidden = past.length === 0;
  } catch (error) {
    $('targets').replaceChildren(make('p', { class: 'hint' }, describe(error)));
  }
}

/** Those that somebody opened stay open. */
function replaceIncidents(list, incidents) {
  const key = JSON.stringify(incidents);
  if ($(list).dataset['key'] === key) return;
  $(list).dataset['key'] = key;
  $(list).replaceChildren(...makeIncidents(incidents, showReportOf));
}

function showReportOf(id) {
  readReport(id).then(
    (report) => {
      showReport(report);
      $('report').scrollIntoView();
    },
    (error) => showNotice(describe(error)),
  );
}

function enter({ mayChange, user }) {
  if (inside) leave();
  $('inside').hidden = false;
  $('order').hidden = !mayChange;
  inside = {
    showTargets: startWatchView({ mayChange, onProblem: (error) => showNotice(describe(error)) }),
    endDiary: () => undefined,
  };
  const { endDiary } = inside;
  startDiary(() => void lookAtWatched()).then(
    (end) => {
      if (inside?.endDiary === endDiary) inside.endDiary = end;
      else end();
    },
    () => undefined,
  );
  showAccess(user);
  void look();
  void lookAtWatched();
}

/** Nothing of what only some may see stays on the page. */
function leave() {
  inside?.endDiary();
  inside = null;
  showAccess(null);
  [shownId, lastId] = [null, null];
  for (const id of ['inside', 'order', 'report', 'work', 'diary', 'past', 'calendar']) $(id).hidden = true;
  for (const id of ['report', 'targets', 'open-incidents', 'past-incidents', 'events', 'jobs', 'spent'])
    $(id).replaceChildren();
  for (const id of ['open-incidents', 'past-incidents']) delete $(id).dataset['key'];
  document.title = 'appareNet';
  showNotice(null);
}

$('order').addEventListener('submit', (event) => {
  event.preventDefault();
  const target = $('target').value.trim();
  if (target === '') {
    $('target').focus();
    return;
  }
  $('start').disabled = true;
  delete $('notice').dataset['about'];
  showNotice(null);
  orderExamination({ target, ...parseChoice($('choice').value) }).then(follow, (error) => {
    endWork();
    showNotice(describe(error));
  });
});

$('choice').replaceChildren(...makeChoices());
$('choice').addEventListener('change', showChoice);
showChoice();

$('stop').addEventListener('click', () => {
  if (following) cancelExamination(following).catch((error) => showNotice(describe(error)));
});

setInterval(() => {
  if (inside && following === null && !document.hidden) void look();
}, LOOK_AGAIN_MS);
setInterval(() => {
  if (!document.hidden) void lookAtWatched();
}, WATCH_AGAIN_MS);
document.addEventListener('visibilitychange', () => {
  if (document.hidden || !inside) return;
  void look();
  void lookAtWatched();
});
void startSession({
  onIn: enter,
  onOut: leave,
  onProblem: (error) => {
    $('notice').dataset['about'] = 'servers';
    showNotice(describe(error));
    setTimeout(() => location.reload(), RELOAD_MS);
  },
});
