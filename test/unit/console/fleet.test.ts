// Boxes that come, go, fall silent, share a name or are invented; incidents whose messages come late, twice or not at all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fleet } from '../../../src/console/fleet.js';
import { computeShare } from '../../../src/console/fleet-history.js';
import { IncidentBook, qualifyIncident } from '../../../src/console/incident-book.js';
import { NewestRows } from '../../../src/console/newest-rows.js';
import type { Incident } from '../../../src/model/incident.js';
import { buildIncident } from '../history/built-records.js';
import { buildMinute } from '../mqtt/built-facts.js';
import { parse, parseTopic, tellInfo, tellMinute } from './told.js';

const MINUTE_MS = 60_000;
const START_MS = 1_780_000_080_000;

function say(fleet: Fleet, topic: string, payload: string, { nowMs = START_MS, isRetained = false } = {}): string[] {
  const notices = fleet.take(parse(topic, payload), { topic: parseTopic(topic), nowMs, isRetained });
  return notices.map(({ kind }) => kind);
}

const view = (nowMs: number, connectedMs: number | null = START_MS) => ({ nowMs, connectedMs });

test('a box is here, silent, gone or unknown, and each change is noticed once', () => {
  const fleet = new Fleet();
  assert.deepEqual(say(fleet, 'hall/status', 'online'), ['box-new']);
  const look = (nowMs: number) => [fleet.look(view(nowMs)), fleet.read('hall', view(nowMs))?.presence] as const;
  assert.deepEqual(look(START_MS), [[], 'here']);
  assert.deepEqual(look(START_MS + 4 * MINUTE_MS), [[{ box: 'hall', kind: 'box-silent' }], 'silent']);
  assert.deepEqual(look(START_MS + 5 * MINUTE_MS)[0], []);
  say(fleet, 'hall/state', '{"verdict":"ok","openIncidents":0}', { nowMs: START_MS + 6 * MINUTE_MS });
  assert.deepEqual(look(START_MS + 6 * MINUTE_MS)[0], [{ box: 'hall', kind: 'box-here' }]);
  say(fleet, 'hall/status', 'offline', { nowMs: START_MS + 6 * MINUTE_MS });
  assert.deepEqual(look(START_MS + 6 * MINUTE_MS), [[{ box: 'hall', kind: 'box-gone' }], 'gone']);
  // Without a broker the console knows nothing of anybody, and notices nothing.
  const lost = view(START_MS + 60 * MINUTE_MS, null);
  assert.deepEqual([fleet.look(lost), fleet.read('hall', lost)?.presence], [[], 'unknown']);
});

test('what the broker kept is neither new nor a sign of life, and silence counts from when the console listens', () => {
  const fleet = new Fleet();
  assert.deepEqual(say(fleet, 'hall/status', 'online', { isRetained: true }), []);
  say(fleet, 'hall/target/office/state', tellMinute(buildMinute('office')), { isRetained: true });
  const minuteEndMs = buildMinute('office').startMs + MINUTE_MS;
  assert.equal(fleet.read('hall', view(START_MS))?.lastSeenMs, Math.min(START_MS, minuteEndMs));
  assert.equal(fleet.read('hall', view(START_MS + 3 * MINUTE_MS))?.presence, 'here');
  assert.equal(fleet.read('hall', view(START_MS + 4 * MINUTE_MS))?.presence, 'silent');
});

test('two boxes that share an id take turns; one that is restarted does not', () => {
  const fleet = new Fleet();
  const tell = (startedMs: number): string[] => say(fleet, 'hall/info', tellInfo(startedMs));
  tell(1_000);
  assert.deepEqual([tell(2_000), tell(2_000), tell(3_000)], [[], [], []]);
  assert.equal(fleet.read('hall', view(START_MS))?.attention, 'none');
  assert.deepEqual(tell(2_000), ['box-shared-name']);
  const { attention, text } = fleet.read('hall', view(START_MS)) ?? {};
  assert.deepEqual([attention, text], ['shared-name', 'Two boxes call themselves hall: give one another mqtt.id.']);
});

test('the worst is first, and boxes of one name are two', () => {
  const fleet = new Fleet();
  for (const box of ['a', 'b', 'c', 'd']) {
    say(fleet, `${box}/status`, 'online');
    say(fleet, `${box}/info`, tellInfo(1_000));
  }
  say(fleet, 'b/state', '{"verdict":"warning","openIncidents":1,"summary":"office: loss."}');
  say(fleet, 'c/state', '{"verdict":"critical","openIncidents":1,"summary":"office does not answer."}');
  say(fleet, 'd/status', 'offline');
  const listed = fleet.list(view(START_MS)).map(({ id, name, text }) => [id, name, text]);
  assert.deepEqual(listed, [
    ['c', 'Hall', 'office does not answer.'],
    ['d', 'Hall', 'It has gone: it said so, or the broker lost it.'],
    ['b', 'Hall', 'office: loss.'],
    ['a', 'Hall', 'It has not told how it is yet.'],
  ]);
});

test('a minute that comes late does not take the place of a newer one', () => {
  const fleet = new Fleet();
  const tell = (startMs: number): string[] =>
    say(fleet, 'hall/target/office/state', tellMinute(buildMinute('office', { startMs })));
  tell(START_MS);
  tell(START_MS - MINUTE_MS);
  assert.equal(fleet.readNewestMs('hall', 'office'), START_MS);
});

test('a box that was renamed is cleared away, and what is cleared of it later does not bring it back', () => {
  const fleet = new Fleet();
  say(fleet, 'hall/status', 'online');
  for (const topic of ['hall/status', 'hall/info', 'hall/state', 'hall/target/office/state']) say(fleet, topic, '');
  assert.equal(fleet.size, 0);
});

test('somebody who invents boxes finds an end', () => {
  const fleet = new Fleet();
  for (let i = 0; i < 10_005; i += 1) say(fleet, `b${i}/status`, 'online');
  assert.deepEqual([fleet.size, fleet.faults], [10_000, 5]);
});

const open = (id: string, said: Partial<Incident> = {}) =>
  qualifyIncident({ ...buildIncident(id, START_MS, START_MS), target: 'office', ...said }, 'hall');

test('an incident whose end was never heard ends when its target has not named it for minutes', () => {
  const book = new IncidentBook();
  book.take(open('i1'));
  const close = (nowMs: number) =>
    book
      .closeUnnamed('hall', 'office', { ids: [], atMs: START_MS + 2 * MINUTE_MS, nowMs })
      .map(({ endedMs }) => endedMs);
  assert.deepEqual(book.closeUnnamed('hall', 'office', { ids: ['i1@hall'], atMs: START_MS, nowMs: START_MS }), []);
  assert.deepEqual([close(START_MS + 2 * MINUTE_MS), close(START_MS + 4 * MINUTE_MS)], [[], []]);
  assert.deepEqual(close(START_MS + 6 * MINUTE_MS), [START_MS + 2 * MINUTE_MS]);
  assert.equal(book.listOpen().length, 0);
});

test('what is over stays over, whatever comes late, and one that only its target names is known', () => {
  const book = new IncidentBook();
  assert.equal(book.take(open('i1', { state: 'closed', endedMs: START_MS })), true);
  assert.deepEqual(
    [book.take(open('i1')), book.takeNamed(open('i1')), book.takeNamed(open('i2'))],
    [false, false, true],
  );
  assert.deepEqual(
    book.listOpen().map(({ id, box }) => [id, box]),
    [['i2@hall', 'hall']],
  );
});

test('the newest rows stay, in the order of their ids', () => {
  const rows = new NewestRows<{ id: string; word: string }>(3);
  for (const id of ['b', 'd', 'a', 'c', 'e', 'd']) rows.put({ id, word: id.toUpperCase() });
  const list = (limit: number, before?: string) => rows.list(limit, before, () => true).map(({ id }) => id);
  assert.deepEqual([list(9), list(1, 'd'), rows.hasDropped], [['e', 'd', 'c'], ['c'], true]);
  assert.deepEqual([rows.find('d')?.word, rows.find('a')], ['D', null]);
});

test('a box lies where it always lay', () => {
  assert.deepEqual(['hall', 'attic', 'hall-4f2c'].map(computeShare), [18, 12, 4]);
  const counts = new Map<number, number>();
  for (let i = 0; i < 1_000; i += 1) {
    const share = computeShare(`box-${i}`);
    counts.set(share, (counts.get(share) ?? 0) + 1);
  }
  assert.equal(counts.size, 32);
  assert.ok(Math.max(...counts.values()) < 62, `${Math.max(...counts.values())} in one`);
});
