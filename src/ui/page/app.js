// What the page shows when: nothing yet, an examination under way, the last report, or what is missing.
import {
  cancelExamination,
  followExamination,
  orderExamination,
  readHealth,
  readLastReport,
  readOpenExamination,
} from './api.js';
import { formatBytes, formatTime } from './figures.js';
import { describeCost, makeChoices, parseChoice } from './order-choices.js';
import { makeReport } from './report-view.js';

const LOOK_AGAIN_MS = 3000;
/** The examination's own words for what it does, in a person's. */
const PHASES = {
  reach: 'Does it answer?',
  delay: 'Measuring delay and loss',
  mtu: 'Searching the largest packet',
  rate: 'A first look at the rate',
  sizes: 'Trying packet sizes',
  classes: 'Trying traffic classes',
  spacing: 'Looking for packets out of order',
  capacity: 'Measuring capacity',
  available: 'Measuring what is available',
  loaded: 'Measuring delay under load',
  maximum: 'Measuring the maximum',
};
const $ = (id) => document.getElementById(id);

/** Id of the examination that is followed, null when none is. */
let following = null;
/** Id of the report on the page. */
let shownId = null;

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

function showWork(record) {
  const { order, phase, progress, ahead, state } = record;
  $('work').hidden = false;
  $('empty').hidden = true;
  $('work-title').textContent = `Examining ${order.target}`;
  $('work-phase').textContent =
    ahead > 0
      ? `Waiting: ${ahead} on the same port first`
      : state === 'queued'
        ? 'Finding the way'
        : (PHASES[phase] ?? phase ?? 'Getting ready');
  $('work-cost').textContent = describeSpending(record);
  const bar = $('work-progress');
  if (progress && progress.total > 0) {
    bar.max = progress.total;
    bar.value = progress.sent;
  } else {
    bar.removeAttribute('value');
  }
}

/** "0.4 MB of at most 5 MB in 15 s, likely 2 MB in 6 s"; where the path is filled nobody knows what is likely. */
function describeSpending({ order, plan, spent }) {
  const bound = `${formatBytes(spent.bytes)} of at most ${formatBytes(order.maxBytes)} in ${order.maxSeconds} s`;
  if (!plan || plan.likely.bytes >= plan.most.bytes) return bound;
  return `${bound}, likely ${formatBytes(plan.likely.bytes)} in ${formatTime(plan.likely.seconds * 1e9)}`;
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
    showHealth(health);
    if ($('notice').dataset['about'] === 'servers') showNotice(null);
    if (report) showReport(report);
    if (open) follow(open);
    $('empty').hidden = Boolean(open ?? report);
  } catch (error) {
    $('notice').dataset['about'] = 'servers';
    showNotice(describe(error));
  }
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
  if (following === null && !document.hidden) void look();
}, LOOK_AGAIN_MS);
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) void look();
});
void look();
