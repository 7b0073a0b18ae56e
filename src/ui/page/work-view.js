// An examination under way: what it does, what it has cost so far and may cost at most.
import { formatBytes, formatTime } from './figures.js';

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

export function showWork(record) {
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
