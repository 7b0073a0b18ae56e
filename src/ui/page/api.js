// The API as the page uses it. Every failure becomes an ApiError whose message a person can read.

import { EVENT_KINDS } from './model/incident.js';

/** The header that tells the box's time has whole seconds. */
const CLOCK_SLACK_MS = 3000;

export class ApiError extends Error {
  /** @param {{detail?: string, code?: string, remedy?: string}} problem RFC 9457 */
  constructor(problem) {
    super(problem.detail ?? 'The server refused without a reason.');
    this.code = problem.code ?? '';
    this.remedy = problem.remedy ?? null;
  }
}

/** Where a wrong password is refused. */
const PASSWORD_PATHS = ['/api/v1/session', '/api/v1/session/password', '/api/v1/claim'];
/** What the session asks to be repeated with every change; null without one. */
let csrfToken = null;
/** How far the box's clock is ahead of the browser's, ms. */
let aheadMs = 0;
let onLoggedOut = () => undefined;

/** By the clock of the box, to which everything it keeps refers. */
export const nowMs = () => Date.now() + aheadMs;
/** `listener` is called when the box asks for a log-in where it did not before. */
export const whenLoggedOut = (listener) => void (onLoggedOut = listener);

export const readSession = () => keepToken(ask('GET', '/api/v1/session'));
export const logIn = (fields) => keepToken(ask('POST', '/api/v1/session', fields));
export const claim = (fields) => keepToken(ask('POST', '/api/v1/claim', fields));
export const logOut = () => ask('DELETE', '/api/v1/session');

export const changeOwnPassword = (fields) => keepToken(ask('PUT', '/api/v1/session/password', fields));

export const readUsers = async () => (await ask('GET', '/api/v1/users')).users;
export const addUser = (user) => ask('POST', '/api/v1/users', user);
export const removeUser = (name) => ask('DELETE', `/api/v1/users/${name}`);
export const setPassword = (name, password) => ask('PUT', `/api/v1/users/${name}/password`, { password });
export const readTokens = async () => (await ask('GET', '/api/v1/tokens')).tokens;
export const addToken = (token) => ask('POST', '/api/v1/tokens', token);
export const removeToken = (id) => ask('DELETE', `/api/v1/tokens/${id}`);

export const readCalendar = () => ask('GET', '/api/v1/calendar');
export const readTargets = async () => (await ask('GET', '/api/v1/targets')).targets;
export const addTarget = (target) => ask('POST', '/api/v1/targets', target);
export const removeTarget = (name) => ask('DELETE', `/api/v1/targets/${name}`);
export const readSeries = (name, { fromMs, toMs, points }) =>
  ask('GET', `/api/v1/targets/${name}/history?from=${Math.floor(fromMs)}&to=${Math.ceil(toMs)}&points=${points}`);
export const readIncidents = async (state, limit) =>
  (await ask('GET', `/api/v1/incidents?state=${state}&limit=${limit}`)).incidents;
export const readDiary = async (limit) => (await ask('GET', `/api/v1/diary?limit=${limit}`)).events;
export const readReport = (id) => ask('GET', `/api/v1/reports/${id}`);

export const readHealth = () => ask('GET', '/api/v1/health');
export const readLastReport = async () => (await ask('GET', '/api/v1/reports?limit=1')).reports[0] ?? null;
export const readOpenExamination = async () => (await ask('GET', '/api/v1/examinations')).examinations[0] ?? null;
export const orderExamination = (order) => ask('POST', '/api/v1/examinations', order);
export const cancelExamination = (id) => ask('DELETE', `/api/v1/examinations/${id}`);

/** Of a console: many boxes, one of them, and what happened to all. */
export const readFleet = (limit) => ask('GET', `/api/v1/fleet?limit=${limit}`);
export const readBox = (id) => ask('GET', `/api/v1/fleet/boxes/${id}`);
export const readBoxSeries = (id, name, { fromMs, toMs, points }) =>
  ask(
    'GET',
    `/api/v1/fleet/boxes/${id}/targets/${name}/history?from=${Math.floor(fromMs)}&to=${Math.ceil(toMs)}&points=${points}`,
  );
export const readBoxReport = (id, report) => ask('GET', `/api/v1/fleet/boxes/${id}/reports/${report}`);
export const readFleetIncidents = async (state, limit) =>
  (await ask('GET', `/api/v1/fleet/incidents?state=${state}&limit=${limit}`)).incidents;
export const readFleetDiary = async (limit) => (await ask('GET', `/api/v1/fleet/diary?limit=${limit}`)).events;

/** Calls `onEvent` with each event of any box from now on, in the order in which the console heard it. @returns a function that ends it */
export function followFleet(onEvent) {
  const events = new EventSource('/api/v1/fleet/events');
  events.addEventListener('fleet', ({ data }) => onEvent(JSON.parse(data)));
  return () => events.close();
}

/**
 * Calls `onRecord` at each change of an examination and `onLost` when its events end before it did.
 * The last record has a report or a problem.
 */
export function followExamination(id, onRecord, onLost) {
  const events = new EventSource(`/api/v1/examinations/${id}/events`);
  events.addEventListener('examination', (event) => {
    const record = JSON.parse(event.data);
    if (record.state !== 'queued' && record.state !== 'running') events.close();
    onRecord(record);
  });
  events.addEventListener('error', () => {
    events.close();
    onLost();
  });
}

/** Calls `onEvent` with each event of the box from now on. @returns a function that ends it */
export function followEvents(onEvent) {
  const events = new EventSource('/api/v1/events');
  for (const kind of EVENT_KINDS) events.addEventListener(kind, ({ data }) => onEvent(JSON.parse(data)));
  return () => events.close();
}

async function keepToken(asking) {
  const session = await asking;
  csrfToken = session.csrfToken ?? null;
  return session;
}

async function ask(method, path, body) {
  const headers = {
    ...(body ? { 'content-type': 'application/json' } : {}),
    ...(csrfToken === null ? {} : { 'x-csrf-token': csrfToken }),
  };
  let response;
  try {
    response = await fetch(path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  } catch {
    throw new ApiError({ code: 'page.gone', detail: 'The server of this page does not answer any more.' });
  }
  const date = Date.parse(response.headers.get('date') ?? '');
  if (Number.isFinite(date)) aheadMs = Math.abs(date - Date.now()) > CLOCK_SLACK_MS ? date - Date.now() : 0;
  const answer = await response.json().catch(() => ({}));
  // A wrong password is told where it was typed.
  if (response.status === 401 && !PASSWORD_PATHS.includes(path)) onLoggedOut();
  if (!response.ok) throw new ApiError(answer);
  return answer;
}
