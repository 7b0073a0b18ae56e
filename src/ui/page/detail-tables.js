// What one row of the figures cannot hold: delay under load, loss by size and place, order by spacing, traffic classes.
import { make } from './elements.js';
import { describeEstimate, formatBytes, formatCount, formatRate, formatTime, formatTimeRanged } from './figures.js';
import { formatPercent } from './model/figures.js';
import { nameTrafficClass } from './model/traffic-class.js';
import { makeHint, makeTable, NOT_MEASURED } from './tables.js';

/** Those that were measured. */
export function makeDetails({ loaded, lossTable, reorderingBySpacing, dscp }) {
  const tables = [
    loaded && makeLoaded(loaded),
    lossTable && makeLossTable(lossTable),
    reorderingBySpacing && makeSpacings(reorderingBySpacing),
    dscp && makeClasses(dscp),
  ];
  return tables.filter(Boolean);
}

const LOADS = [
  ['up', 'Up'],
  ['down', 'Down'],
  ['both', 'Both'],
];

function makeLoaded(loaded) {
  const measured = LOADS.filter(([name]) => loaded[name] !== null);
  const idle = { head: 'Idle', cells: [...describeFlow(loaded.idle), NOT_MEASURED] };
  const rows = measured.map(([name, words]) => {
    const { ownFlow, otherFlow, loadBitsPerSec } = loaded[name];
    const other = otherFlow === null ? 'none came' : formatTime(otherFlow.p95Ns);
    return { head: { value: words, small: describeRates(loadBitsPerSec) }, cells: [...describeFlow(ownFlow), other] };
  });
  const sentences = measured.map(([name, words]) => make('li', {}, `${words}: ${describeIncrease(loaded[name])}`));
  return makeTable({
    title: 'Delay under load',
    kind: 'loads',
    heads: ['Load', 'Median', '95 % below', 'Another flow, 95 % below'],
    rows: [idle, ...rows],
    after: [make('ul', {}, ...sentences)],
  });
}

const describeFlow = (delay) =>
  delay === null ? ['none came', NOT_MEASURED] : [formatTime(delay.p50Ns), formatTime(delay.p95Ns)];

function describeRates({ forward, reverse }) {
  const rates = [forward && `${formatRate(forward)} forward`, reverse && `${formatRate(reverse)} reverse`];
  return rates.filter(Boolean).join(', ');
}

function describeIncrease({ increaseNs, bufferBytes, roundTripsPerMinute, lossRatio, intervals }) {
  const words = [
    `${formatTimeRanged(increaseNs, intervals.increaseNs)} more than idle`,
    `about ${formatBytes(bufferBytes)} waiting`,
    `${formatCount(Number(roundTripsPerMinute.toPrecision(3)))} round trips a minute`,
    lossRatio > 0 ? `${formatPercent(lossRatio)} lost` : null,
  ];
  return words.filter(Boolean).join(', ');
}

const PLACES = ['alone', 'first', 'interior', 'last'];

/** Only where something was lost: a table of zeros tells nothing that the figure does not. */
function makeLossTable(cells) {
  if (cells.every(({ lost }) => lost === 0)) return null;
  const sizes = [...new Set(cells.map(({ sizeBytes }) => sizeBytes))].sort((a, b) => a - b);
  const sum = (column) => cells.reduce((total, cell) => total + cell[column], 0);
  const places = PLACES.filter((place) => cells.some((cell) => cell.place === place));
  const find = (size, place) => cells.find((cell) => cell.sizeBytes === size && cell.place === place);
  const describe = (cell) =>
    cell ? { value: formatPercent(cell.lost / cell.sent), small: `${cell.lost} of ${cell.sent}` } : NOT_MEASURED;
  return makeTable({
    title: 'Loss by size and place',
    gist: `${formatCount(sum('lost'))} of ${formatCount(sum('sent'))} packets`,
    heads: ['Packet', ...places.map((place) => place[0].toUpperCase() + place.slice(1))],
    rows: sizes.map((size) => ({
      head: `${size} bytes`,
      cells: places.map((place) => describe(find(size, place))),
    })),
    after: [
      makeHint(
        'Alone: paced one by one. First, interior and last: the place in a burst of ours, some of which fill the path on purpose.',
      ),
    ],
  });
}

function makeSpacings(spacings) {
  return makeTable({
    title: 'Reordering by spacing',
    gist: spacings.every(({ ratio }) => ratio.value === 0) ? 'None out of order' : null,
    heads: ['Packets', 'Out of order', 'At most late by'],
    rows: spacings.map(({ gapNs, ratio, maxExtent }) => ({
      head: gapNs === 0 ? 'back to back' : `${formatTime(gapNs)} apart`,
      cells: [
        describeEstimate(ratio, 'ratio'),
        maxExtent === 0 ? '–' : `${maxExtent} ${maxExtent === 1 ? 'packet' : 'packets'}`,
      ],
    })),
  });
}

function makeClasses(treatments) {
  const isAnyChanged = treatments.some(
    ({ sent, ...seen }) => isChanged(seen.forward, sent) || isChanged(seen.reverse, sent),
  );
  return makeTable({
    title: 'Traffic classes',
    kind: 'classes',
    gist: isAnyChanged ? null : 'None is seen to change',
    heads: ['Sent as', 'Arrives as', 'Comes back as', 'Loss', 'Median'],
    rows: treatments.map(({ sent, forward, reverse, loss, medianRttNs }) => ({
      head: nameTrafficClass(sent),
      cells: [
        describeMark(forward, sent),
        describeMark(reverse, sent),
        describeEstimate({ ...loss, quality: 'good', limitedBy: null }, 'ratio'),
        medianRttNs === null ? '–' : formatTime(medianRttNs),
      ],
    })),
    after: [makeHint('A few packets each: loss tells whether a class is blocked. Median of the round trip.')],
  });
}

const isChanged = (mark, sent) => mark !== null && mark !== sent;

function describeMark(mark, sent) {
  if (mark === null) return 'unknown';
  return mark === sent ? 'as sent' : nameTrafficClass(mark);
}
