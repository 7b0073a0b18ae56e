// What happened, as it happens: the newest events of the box, and a call at each that may change the rest of the page.
import { followEvents, nowMs, readDiary } from './api.js';
import { make } from './elements.js';
import { formatMoment } from './history-chart.js';

const MOST_SHOWN = 20;
const $ = (id) => document.getElementById(id);

/** @returns a function that ends it. `onChange` is called after each event. */
export async function startDiary(onChange) {
  const shown = await readDiary(MOST_SHOWN);
  const show = () => {
    $('diary').hidden = shown.length === 0;
    $('events').replaceChildren(...shown.map(makeEvent));
  };
  show();
  return followEvents((event) => {
    if (shown.some(({ id }) => id === event.id)) return;
    shown.unshift(event);
    shown.length = Math.min(shown.length, MOST_SHOWN);
    show();
    onChange();
  });
}

function makeEvent({ atMs, text, severity, target }) {
  const time = make('time', { datetime: new Date(atMs).toISOString() }, formatMoment(atMs, nowMs() - atMs));
  // Most sentences begin with whom they speak of.
  const name = target === null || text.startsWith(target) ? null : make('strong', {}, `${target}: `);
  return make('li', { class: severity }, time, ' ', name, text);
}
