// Tables of a report: a heading, a row of column heads, rows that begin with their own head, and a hint below.
import { make } from './elements.js';

export const NOT_MEASURED = { value: '–', small: null };

/**
 * `rows` are `{head, cells}`; a head or cell is a text or `{value, small, columns?}`, small print below its value. `kind` names the
 * look. With a `gist` the table is folded behind that sentence until a person opens it. Null without rows.
 */
export function makeTable({ title, kind = '', heads, rows, after = [], gist = null }) {
  if (rows.length === 0) return null;
  const heading = make('h3', {}, title);
  const table = make(
    'table',
    {},
    make('thead', {}, make('tr', {}, ...heads.map((head) => make('th', { scope: 'col' }, head)))),
    make('tbody', {}, ...rows.map(makeRow)),
  );
  const body = gist === null ? [table, ...after] : [make('details', {}, make('summary', {}, gist), table, ...after)];
  return make('section', { class: `figures ${kind}`.trim() }, heading, ...body);
}

function makeRow({ head, cells }) {
  return make('tr', {}, makeCell('th', head, { scope: 'row' }), ...cells.map((cell) => makeCell('td', cell, {})));
}

function makeCell(tag, content, attributes) {
  const { value, small = null, columns = 1 } = typeof content === 'string' ? { value: content } : content;
  const span = columns > 1 ? { colspan: String(columns) } : {};
  // The space keeps the two apart where a table is read aloud or copied.
  return make(tag, { ...attributes, ...span }, value, ...(small ? [' ', make('small', {}, small)] : []));
}

export const makeHint = (...words) => make('p', { class: 'hint' }, ...words);
