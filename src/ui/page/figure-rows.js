// The figures of a report as a table: one row a quantity, a column for each direction that could be told apart.
import { make } from './elements.js';
import { formatCount, formatEstimate, formatInterval, formatRatio, formatTime } from './figures.js';

/** Null when nothing was measured. */
export function makeFigures(estimates) {
  const rows = [
    ...rateRows(estimates),
    ...roundTripRows(estimates),
    ...eachWayRows(estimates),
    ...otherRows(estimates),
  ];
  if (rows.length === 0) return null;
  const hasReverse = rows.some(({ reverse }) => reverse !== undefined);
  const heads = hasReverse ? ['There', 'Back'] : ['Value'];
  return make(
    'section',
    { class: 'figures' },
    make('h3', {}, 'Figures'),
    make(
      'table',
      {},
      make(
        'thead',
        {},
        make(
          'tr',
          {},
          make('th', { scope: 'col' }, 'Quantity'),
          ...heads.map((head) => make('th', { scope: 'col' }, head)),
        ),
      ),
      make('tbody', {}, ...rows.map((row) => makeRow(row, hasReverse))),
    ),
    make('p', { class: 'hint' }, 'Small print below a value: its 95 % interval, or what it is made of.'),
  );
}

function makeRow({ name, forward, reverse }, hasReverse) {
  const span = hasReverse && reverse === undefined ? { colspan: '2' } : {};
  return make(
    'tr',
    {},
    make('th', { scope: 'row' }, name),
    makeCell(forward, span),
    hasReverse && reverse !== undefined ? makeCell(reverse, {}) : null,
  );
}

function makeCell({ value, small }, attributes) {
  return make('td', attributes, value, small ? make('small', {}, small) : null);
}

const NOT_MEASURED = { value: '–', small: null };

function estimateCell(estimate, kind) {
  if (!estimate) return NOT_MEASURED;
  const limit = estimate.limitedBy === 'probe' ? "the probe's own limit" : null;
  const notes = [
    limit ?? formatInterval(estimate, kind),
    estimate.quality === 'good' ? null : `${estimate.quality} quality`,
  ];
  return { value: formatEstimate(estimate, kind), small: notes.filter(Boolean).join(' · ') };
}

/** Where directions cannot be told apart, `forward` holds the figure of the round trip and stands alone. */
function rateRows({ capacity, available, utilization }) {
  return [
    ['Capacity', capacity, 'rate'],
    ['Available', available, 'rate'],
    ['Utilisation', utilization, 'ratio'],
  ].flatMap(([name, { forward, reverse }, kind]) => {
    if (!forward && !reverse) return [];
    const row = { name, forward: estimateCell(forward, kind) };
    return [reverse ? { ...row, reverse: estimateCell(reverse, kind) } : row];
  });
}

function roundTripRows({ rtt, loss }) {
  return [
    rtt && { name: 'Round trip', forward: delayCell(rtt) },
    loss.roundTrip && { name: 'Loss, there and back', forward: estimateCell(loss.roundTrip, 'ratio') },
  ].filter(Boolean);
}

function eachWayRows({ loss, oneWay }) {
  const isApart = ({ forward, reverse }) => Boolean(forward && reverse);
  const pair = (name, { forward, reverse }, makeCell) => ({
    name,
    forward: makeCell(forward),
    reverse: makeCell(reverse),
  });
  return [
    isApart(loss) && pair('Loss, each way', loss, (estimate) => estimateCell(estimate, 'ratio')),
    isApart(oneWay) && pair('One-way delay', oneWay, delayCell),
  ].filter(Boolean);
}

function delayCell(delay) {
  if (!delay) return NOT_MEASURED;
  const { minNs, p50Ns, p99Ns, samples } = delay;
  const small = `least ${formatTime(minNs)} · 99 % below ${formatTime(p99Ns)} · ${formatCount(samples)} samples`;
  return { value: formatTime(p50Ns), small };
}

function otherRows(estimates) {
  const { lossRuns, propagation, jitter, mtu, reordering, duplication, voice } = estimates;
  const candidates = [
    lossRuns && {
      name: 'Lost in a row',
      forward: { value: lossRuns.meanLength.toFixed(1), small: `at most ${lossRuns.maxLength}` },
    },
    propagation && { name: 'Propagation', forward: estimateCell(propagation, 'time') },
    jitter && {
      name: 'Jitter',
      forward: { value: formatTime(jitter.rfc3550Ns), small: `99 % of variation below ${formatTime(jitter.pdvP99Ns)}` },
    },
    mtu && {
      name: 'Largest packet',
      forward: {
        value: `${mtu.forwardBytes} B`,
        small: mtu.reverseBytes === null ? null : `back ${mtu.reverseBytes} B`,
      },
    },
    reordering && { name: 'Reordered', forward: { value: formatRatio(reordering.value), small: null } },
    duplication && { name: 'Duplicated', forward: { value: formatRatio(duplication.value), small: null } },
    voice && {
      name: 'Voice quality',
      forward: { value: `${voice.mos.toFixed(1)} of 4.5`, small: `R ${Math.round(voice.rFactor)}` },
    },
  ];
  return candidates.filter(Boolean);
}
