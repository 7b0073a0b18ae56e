// The figures of a report as a table: one row a quantity, a column for each direction that could be told apart.
import { make } from './elements.js';
import { formatCount, formatEstimate, formatInterval, formatRatio, formatTime } from './figures.js';

/** Null when nothing was measured. */
export function makeFigures(estimates) {
  const rows = [...directionalRows(estimates), ...singleRows(estimates)];
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
  const notes = [formatInterval(estimate, kind), estimate.quality === 'good' ? null : `${estimate.quality} quality`];
  return { value: formatEstimate(estimate, kind), small: notes.filter(Boolean).join(' · ') };
}

function directionalRows({ capacity, available, utilization, loss, oneWay }) {
  const rows = [
    ['Capacity', capacity, 'rate'],
    ['Available', available, 'rate'],
    ['Utilisation', utilization, 'ratio'],
    ['Loss, each way', loss, 'ratio'],
  ].flatMap(([name, { forward, reverse }, kind]) => {
    if (!forward && !reverse) return [];
    const row = { name, forward: estimateCell(forward, kind) };
    return [reverse ? { ...row, reverse: estimateCell(reverse, kind) } : row];
  });
  if (oneWay.forward || oneWay.reverse) {
    rows.push({ name: 'One-way delay', forward: delayCell(oneWay.forward), reverse: delayCell(oneWay.reverse) });
  }
  return rows;
}

function delayCell(delay) {
  if (!delay) return NOT_MEASURED;
  const { minNs, p50Ns, p99Ns, samples } = delay;
  const small = `least ${formatTime(minNs)} · 99 % below ${formatTime(p99Ns)} · ${formatCount(samples)} samples`;
  return { value: formatTime(p50Ns), small };
}

function singleRows(estimates) {
  const { rtt, loss, lossRuns, propagation, jitter, mtu, reordering, duplication, voice } = estimates;
  const candidates = [
    rtt && { name: 'Round trip', forward: delayCell(rtt) },
    loss.roundTrip && { name: 'Loss, there and back', forward: estimateCell(loss.roundTrip, 'ratio') },
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
