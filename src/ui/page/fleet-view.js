// The boxes of a console, the worst first, and one of them with what it watches. All words come from the boxes: they become text only.
import { nowMs } from './api.js';
import { make } from './elements.js';
import { formatMoment, makeChart } from './history-chart.js';

const LOOKS = {
  critical: 'critical',
  gone: 'critical',
  'shared-name': 'warning',
  warning: 'warning',
  notice: 'warning',
  none: 'ok',
};

/** "12 boxes: 1 critical, 2 gone, 9 without trouble". */
export function describeFleet({ broker, counts }) {
  if (!broker.connected) return broker.problem ?? 'The broker has not answered yet.';
  const words = {
    critical: 'critical',
    gone: 'gone',
    'shared-name': 'sharing a name',
    warning: 'with a warning',
    notice: 'to be looked at',
    none: 'without trouble',
  };
  const parts = Object.entries(words).flatMap(([kind, word]) =>
    counts.attention[kind] ? [`${counts.attention[kind]} ${word}`] : [],
  );
  return `${counts.boxes} ${counts.boxes === 1 ? 'box' : 'boxes'}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`;
}

/** `openedId` is the box that is shown below the list. */
export function makeBoxes(boxes, openedId, onOpen) {
  return boxes.map((box) => {
    const { id, name, attention, text } = box;
    const button = make(
      'button',
      { type: 'button', 'aria-expanded': String(id === openedId), 'data-box': id },
      make('strong', {}, name, ' ', make('small', {}, name === id ? '' : id)),
      make('span', { class: 'state' }, text),
      make('small', {}, [describeSeen(box), box.version].filter(Boolean).join(', ')),
    );
    button.addEventListener('click', () => onOpen(id));
    return make('li', { class: LOOKS[attention] ?? 'off' }, button);
  });
}

function describeSeen({ presence, lastSeenMs }) {
  if (presence === 'here') return 'here';
  return lastSeenMs === null ? 'not heard yet' : `last heard ${formatMoment(lastSeenMs, nowMs() - lastSeenMs)}`;
}

/** `series` has the points of each watched target, by its name. */
export function makeBox(box, { series, fromMs, toMs, onReport, onClose }) {
  const { id, name, version, startedMs, text, watched, ports, concerns, lastReport, faults } = box;
  const close = make('button', { type: 'button', class: 'quiet small' }, 'Close');
  close.addEventListener('click', onClose);
  const facts = [
    ['How it is', text],
    ['Id', id],
    ['Version', version],
    ['Running since', startedMs === null ? null : formatMoment(startedMs, toMs - startedMs)],
    ['Seen', describeSeen(box)],
    ['Ports', ports.map(describePort).join('; ') || null],
    ['It says', concerns.map((concern) => concern.text).join(' ') || null],
    ['Not readable', faults && `${faults.count} messages; the last on ${faults.lastTopic}: ${faults.lastText}`],
  ].filter(([, words]) => words);
  return [
    make('div', { class: 'line' }, make('h2', { id: 'box-title' }, name), close),
    make('dl', {}, ...facts.flatMap(([term, words]) => [make('dt', {}, term), make('dd', {}, words)])),
    ...watched.map((target) => makeTarget(target, { points: series.get(target.name) ?? [], fromMs, toMs })),
    lastReport && makeReportLine(lastReport, onReport),
  ].filter(Boolean);
}

function describePort({ name, up, speedMbps, duplex, neighbour }) {
  const link = up === false ? 'no link' : [speedMbps && `${speedMbps} Mb/s`, duplex].filter(Boolean).join(' ');
  return `${name} ${link}${neighbour ? `, at ${neighbour}` : ''}`;
}

function makeTarget({ name, rttMs, lossPercent, reachable, problem }, { points, fromMs, toMs }) {
  const look = reachable === false ? 'critical' : lossPercent > 0 ? 'warning' : 'ok';
  const words = problem ?? (reachable === false ? 'does not answer' : rttMs === null ? 'not measured' : `${rttMs} ms`);
  const lost = lossPercent > 0 && reachable !== false ? `, ${lossPercent} % lost` : '';
  return make(
    'div',
    { class: `target ${look}` },
    make('div', { class: 'line' }, make('h3', {}, name), make('p', { class: 'state' }, `${words}${lost}`)),
    makeChart({ name, points, fromMs, toMs }),
  );
}

function makeReportLine({ id, target, atMs, summary }, onReport) {
  const button = make('button', { type: 'button', class: 'quiet small' }, 'Show it');
  button.addEventListener('click', () => onReport(id));
  const when = formatMoment(atMs, nowMs() - atMs);
  return make('p', {}, `Last examination, of ${target}, ${when}: ${summary} `, button);
}
