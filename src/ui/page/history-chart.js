// One target over time as a picture: a line through the medians, a band up to what 95 % stay below, red bars for the share that was
// lost. It is stretched to the room that it gets, so that its words stand beside it and not in it.
import { make } from './elements.js';
import { formatRatio, formatTime } from './figures.js';
import { makeNode } from './pattern-picture.js';

const WIDTH = 1000;
const HEIGHT = 100;
/** Room above the highest delay. */
const HEADROOM = 1.1;
/** A single lost packet must be seen as well. */
const LEAST_BAR = 6;

/** `points` as the API gives them, ascending; `fromMs` and `toMs` are the ends of the axis. */
export function makeChart({ name, points, fromMs, toMs }) {
  const most = HEADROOM * Math.max(1, ...points.map(({ rttP95Ns }) => rttP95Ns ?? 0));
  const x = (ms) => round(((ms - fromMs) / (toMs - fromMs)) * WIDTH);
  const y = (ns) => round(HEIGHT * (1 - ns / most));
  const runs = splitAtGaps(points);
  const picture = makeNode({
    tag: 'svg',
    attributes: {
      class: 'chart',
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: 'none',
      role: 'img',
      'aria-label': describe(name, points),
    },
    children: [
      ...runs.map((run) => ({ tag: 'path', attributes: { class: 'band', d: drawBand(run, x, y) }, children: [] })),
      ...runs.map((run) => ({ tag: 'path', attributes: { class: 'median', d: drawMedian(run, x, y) }, children: [] })),
      ...points.filter(({ lossRatio }) => lossRatio > 0).map((point) => drawLoss(point, x)),
    ],
  });
  return make(
    'figure',
    {},
    make('p', { class: 'most' }, points.length > 0 ? formatTime(most) : ''),
    picture,
    make(
      'figcaption',
      {},
      make('span', {}, formatMoment(fromMs, toMs - fromMs)),
      make('span', {}, formatMoment(toMs, toMs - fromMs)),
    ),
  );
}

/** A line over minutes without a measurement would claim one. */
function splitAtGaps(points) {
  const runs = [];
  let endMs = null;
  for (const point of points) {
    if (point.rttP50Ns === null) continue;
    if (point.startMs !== endMs) runs.push([]);
    runs.at(-1).push(point);
    endMs = point.startMs + point.lengthMs;
  }
  return runs;
}

function drawMedian(run, x, y) {
  return `M${trace(run, x, ({ rttP50Ns }) => y(rttP50Ns)).join('L')}`;
}

function drawBand(run, x, y) {
  const above = trace(run, x, ({ rttP95Ns, rttP50Ns }) => y(rttP95Ns ?? rttP50Ns));
  const below = trace(run, x, ({ rttP50Ns }) => y(rttP50Ns));
  return `M${[...above, ...below.reverse()].join('L')}Z`;
}

/** From the begin of the first period to the end of the last, through the middle of each. */
function trace(run, x, height) {
  const [first, last] = [run[0], run.at(-1)];
  return [
    `${x(first.startMs)} ${height(first)}`,
    ...run.map((point) => `${x(point.startMs + point.lengthMs / 2)} ${height(point)}`),
    `${x(last.startMs + last.lengthMs)} ${height(last)}`,
  ];
}

function drawLoss({ startMs, lengthMs, lossRatio }, x) {
  const height = round(LEAST_BAR + (HEIGHT - LEAST_BAR) * lossRatio);
  const left = x(startMs);
  const width = Math.max(2, round(x(startMs + lengthMs) - left));
  return { tag: 'rect', attributes: { class: 'loss', x: left, y: HEIGHT - height, width, height }, children: [] };
}

function describe(name, points) {
  const measured = points.filter(({ rttP50Ns }) => rttP50Ns !== null);
  if (measured.length === 0) return `${name}: nothing measured in this time`;
  const medians = measured.map(({ rttP50Ns }) => rttP50Ns).sort((a, b) => a - b);
  const worst = Math.max(0, ...points.map(({ lossRatio }) => lossRatio ?? 0));
  const middle = formatTime(medians[Math.floor(medians.length / 2)]);
  const spread = `between ${formatTime(medians[0])} and ${formatTime(medians.at(-1))}`;
  const loss = worst > 0 ? `at worst ${formatRatio(worst)} lost` : 'nothing lost';
  return `${name}: round trip mostly ${middle}, ${spread}, ${loss}`;
}

const DAY_MS = 86_400_000;

/** As little of the date as tells it apart. */
export function formatMoment(ms, spanMs) {
  const options =
    spanMs <= DAY_MS
      ? { hour: '2-digit', minute: '2-digit' }
      : { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' };
  return new Date(ms).toLocaleString([], options);
}

const round = (value) => Math.round(value * 10) / 10;
