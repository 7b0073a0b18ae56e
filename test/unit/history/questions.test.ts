// What is asked of a history: ranges and resolutions, pages, reports, limits, one writer, and formats of before.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { computeDigestPercentile, createDigest } from '../../../src/analysis/statistics/delay-digest.js';
import { History, openForReading } from '../../../src/history/history.js';
import { DEFAULT_LIMITS, planRemovals } from '../../../src/history/retention.js';
import type { KeptFile } from '../../../src/history/retention.js';
import { rollUp } from '../../../src/history/roll-up.js';
import { migrate } from '../../../src/history/schema.js';
import type { Migration } from '../../../src/history/schema.js';
import { StoreError } from '../../../src/model/errors.js';
import { PERIODS_MS } from '../../../src/model/period-summary.js';
import type { PeriodSummary } from '../../../src/model/period-summary.js';
import type { Report } from '../../../src/model/report.js';
import { createRandom } from '../../../src/model/random.js';
import { buildEvent, buildIncident } from './built-records.js';
import { drawMinute, drawMinutes, drawTargets } from './drawn-summaries.js';
import { MemoryDisk } from './memory-disk.js';

const FOLDER = '/state/history';
const START_MS = Date.UTC(2026, 0, 1);
const DAY_MS = PERIODS_MS.day;
const [TARGET = { name: '', floorNs: 0, noiseNs: 0, hasFarStamps: false }] = drawTargets(createRandom(9), 1, 1);

async function writeDays(days: number): Promise<{ history: History; rows: PeriodSummary[] }> {
  const history = await History.open(FOLDER, { disk: new MemoryDisk() });
  const rows: PeriodSummary[] = [];
  for (let minute = 0; minute < days * 1440; minute += 1) {
    rows.push(drawMinute(createRandom(minute), TARGET, START_MS + minute * 60_000, 10));
    await history.append(rows.slice(-1));
  }
  return { history, rows };
}

test('a question gets the coarsest period that has enough points, open minutes included', async () => {
  const { history, rows } = await writeDays(2.55);
  const ask = (fromMs: number, toMs: number, leastPoints: number) =>
    history.querySummaries({ target: TARGET.name, fromMs, toMs, leastPoints });
  const toMs = START_MS + 2.55 * DAY_MS;
  const all = await ask(START_MS, toMs, 60);
  assert.deepEqual([all.period, all.summaries.length], ['hour', 62]);
  assert.equal((await ask(START_MS, toMs, 62)).period, 'fiveMinutes');
  assert.equal((await ask(toMs - 3_600_000, toMs, 60)).period, 'minute');
  const days = await history.querySummaries({ target: TARGET.name, fromMs: START_MS, toMs, period: 'day' });
  for (const answer of [all, days]) {
    assert.deepEqual(
      answer.summaries,
      rollUp(answer.period === 'day' ? rollUp(rows, PERIODS_MS.hour) : rows, PERIODS_MS[answer.period]),
      'what is put together of segments and open minutes is what all minutes give',
    );
  }
  assert.equal(await history.findFirstMs(TARGET.name), START_MS);
  const lateMs = toMs - 90 * 60_000;
  await history.append([{ ...drawMinute(createRandom(1), TARGET, lateMs, 10), target: 'late' }]);
  assert.equal(await history.findFirstMs('late'), lateMs, 'open still');
  await history.compact();
  assert.equal(await history.findFirstMs('late'), lateMs, 'from its segments');
  assert.equal(await history.findFirstMs('nobody'), null);
  const none = await history.querySummaries({ target: 'nobody', fromMs: START_MS, toMs });
  assert.deepEqual(none.summaries, []);
});

test('an hour has the percentiles of all its samples, and half of its minutes is half covered', () => {
  const random = createRandom(4);
  const samples: number[] = [];
  const rows = Array.from({ length: 30 }, (_, minute) => {
    const own = Array.from({ length: 100 }, () => Math.round(5e6 + random.exponential(1e5 * (minute + 1))));
    samples.push(...own);
    return { ...drawMinute(random, TARGET, START_MS + minute * 60_000, 100), coverage: 1, rtt: createDigest(own) };
  });
  const [hour, ...others] = rollUp(rows, PERIODS_MS.hour);
  assert.equal(others.length, 0);
  assert.ok(hour?.rtt);
  assert.equal(hour.coverage, 0.5);
  assert.deepEqual(hour.rtt.bins, createDigest(samples)?.bins);
  assert.equal(computeDigestPercentile(hour.rtt, 1), Math.max(...samples));
});

test('a minute that is measured again after the clock was set back keeps the later measurement', async () => {
  const { history, rows } = await writeDays(0.3);
  const [first] = rows;
  assert.ok(first !== undefined);
  await history.compact();
  await history.append([{ ...first, sent: 77, lost: 0 }]);
  const range = { target: TARGET.name, fromMs: START_MS, toMs: START_MS + DAY_MS };
  const checkAll = async (): Promise<void> => {
    const { summaries } = await history.querySummaries({ ...range, period: 'minute' });
    assert.deepEqual([summaries.length, summaries[0]?.sent], [432, 77]);
    const [day] = (await history.querySummaries({ ...range, period: 'day' })).summaries;
    assert.equal(day?.sent, 431 * 10 + 77);
  };
  await checkAll();
  await history.compact();
  await checkAll();
});

test('incidents and events come newest first in pages, in their last state, from journal and segments', async () => {
  const history = await History.open(FOLDER, { disk: new MemoryDisk() });
  for (let i = 0; i < 40; i += 1) {
    const atMs = START_MS + i * 3 * DAY_MS;
    await history.addEvent(buildEvent(atMs, i % 2 === 0 ? 'a' : null));
    await history.putIncident(buildIncident(`i${String(i).padStart(3, '0')}`, atMs, atMs));
    if (i % 15 === 7) await history.compact();
  }
  await history.putIncident({ ...buildIncident('i003', START_MS + 9 * DAY_MS, 0), state: 'closed' });
  const first = await history.listEvents({ limit: 25 });
  const second = await history.listEvents({ limit: 25, beforeId: first.at(-1)?.id ?? '' });
  const times = [...first, ...second].map(({ atMs }) => atMs);
  assert.deepEqual([first.length, second.length], [25, 15]);
  assert.deepEqual(
    times,
    [...times].sort((a, b) => b - a),
  );
  assert.equal((await history.listEvents({ limit: 100, target: 'a' })).length, 20);
  assert.deepEqual(
    (await history.listIncidents({ limit: 100, state: 'closed' })).map(({ id }) => id),
    ['i003'],
  );
  assert.equal((await history.listIncidents({ limit: 100, state: 'open' })).length, 39);
  assert.equal(await history.readIncident('i999'), null);
});

test('reports are found by their identifier and listed newest first', async () => {
  const history = await History.open(FOLDER, { disk: new MemoryDisk() });
  const build = (id: string, startedAt: string) => ({ id, startedAt, summary: `of ${id}` }) as unknown as Report;
  await history.addReport(build('ZZZZ', '2026-01-01T00:00:00.000Z'));
  await history.addReport(build('AAAA', '2026-01-02T00:00:00.000Z'));
  await history.addReport(build('MMMM', '2026-01-01T12:00:00.000Z'));
  assert.deepEqual(
    (await history.listReports({ limit: 2 })).map(({ id }) => id),
    ['AAAA', 'MMMM'],
  );
  assert.deepEqual(
    (await history.listReports({ limit: 2, beforeId: 'MMMM' })).map(({ id }) => id),
    ['ZZZZ'],
  );
  assert.equal((await history.readReport('ZZZZ'))?.summary, 'of ZZZZ');
  assert.equal(await history.readReport('../../etc/passwd'), null);
  await assert.rejects(history.addReport(build('../x', '2026-01-01T00:00:00.000Z')));
});

test('the oldest files go when their kind exceeds its bytes or age, and a clock set ahead costs few', () => {
  const files = Array.from({ length: 100 }, (_, i): KeptFile => {
    return { path: `m${i}`, kind: 'minute', startMs: START_MS + i * DAY_MS, bytes: 1e6 };
  });
  const plan = (nowMs: number, mostBytes: number, mostDays: number): string[] =>
    planRemovals(files, nowMs, { ...DEFAULT_LIMITS, minute: { mostBytes, mostDays } }).map(({ path }) => path);
  const last = START_MS + 100 * DAY_MS;
  assert.deepEqual(plan(last, 1e12, 400), []);
  assert.deepEqual(plan(last, 97e6, 400), ['m0', 'm1', 'm2']);
  assert.deepEqual(plan(last, 1e12, 98), ['m0', 'm1']);
  assert.equal(plan(last + 10_000 * DAY_MS, 1e12, 98).length, 8);
  assert.equal(plan(last, 0, 400).length, 99, 'the newest stays');
});

test('files beyond the limits are gone after a compaction, with what they held', async () => {
  const disk = new MemoryDisk();
  const limits = { ...DEFAULT_LIMITS, minute: { mostBytes: 40_000, mostDays: 400 } };
  const history = await History.open(FOLDER, { disk, limits });
  for (let minute = 0; minute < 3 * 1440; minute += 1) {
    await history.append([drawMinute(createRandom(minute), TARGET, START_MS + minute * 60_000, 50)]);
  }
  const { minute, hour } = await history.measureUse();
  assert.ok(minute.bytes < 40_000 + 20_000 && minute.bytes > 20_000, `${minute.bytes} bytes`);
  assert.ok((minute.oldestMs ?? 0) > START_MS + DAY_MS);
  const range = { target: TARGET.name, fromMs: START_MS, toMs: START_MS + 3 * DAY_MS };
  assert.equal((await history.querySummaries({ ...range, period: 'hour' })).summaries.length, 72);
  // Minutes do not go back as far: hours answer.
  assert.equal((await history.querySummaries({ ...range, leastPoints: 4000 })).period, 'fiveMinutes');
  assert.ok(hour.files > 0);
});

test('one process writes a folder; others are told which, and read beside it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'apparenet-history-'));
  try {
    const history = await History.open(folder);
    await history.append(drawMinutes(createRandom(1), [TARGET], START_MS, 20));
    await assert.rejects(History.open(folder), (error: unknown) => {
      assert.ok(error instanceof StoreError && error.code === 'store.busy');
      assert.match(error.message, new RegExp(`process ${process.pid}\\b`));
      return true;
    });
    assert.deepEqual(await (await openForReading(folder)).listTargets(), [TARGET.name]);
    await history.close();
    const again = await History.open(folder);
    await again.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a lock of a process that is gone, of another boot, or damaged, holds nobody up', async () => {
  const startTicks = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ')[19];
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const dead = [
    { pid: 2 ** 22 + 1, startTicks, boot },
    { pid: process.pid, startTicks: '1', boot },
    { pid: process.pid, startTicks, boot: 'before' },
  ];
  for (const text of [...dead.map((holder) => JSON.stringify(holder)), '', '{"pid":']) {
    const disk = new MemoryDisk();
    disk.put(`${FOLDER}/lock`, Buffer.from(text));
    await (await History.open(FOLDER, { disk })).close();
    assert.ok(!disk.paths().some((path) => path.includes('lock')));
  }
  const disk = new MemoryDisk();
  disk.put(`${FOLDER}/lock`, Buffer.from(JSON.stringify({ pid: process.pid, startTicks, boot })));
  await assert.rejects(History.open(FOLDER, { disk }), StoreError);
});

test('an older format is brought up step by step, an unknown one refused', () => {
  const steps = new Map<number, Migration>([
    [1, (json: unknown) => ({ ...(json as object), b: 2 })],
    [2, (json: unknown) => ({ ...(json as object), c: 3 })],
  ]);
  assert.deepEqual(migrate({ a: 1 }, 1, 3, steps), { a: 1, b: 2, c: 3 });
  assert.deepEqual(migrate({ a: 1 }, 3, 3, steps), { a: 1 });
  assert.throws(() => migrate({}, 4, 3, steps), StoreError);
  assert.throws(() => migrate({}, 0, 3, steps), StoreError);
});
