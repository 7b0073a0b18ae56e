// The report of a week, over a history with two known weeks in it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History } from '../../../src/history/history.js';
import { readWeekReport, summariseWeek } from '../../../src/history/week-report.js';
import { composeSummary } from '../baseline/watched-minutes.js';
import { HEALTHY_REPORT } from '../cli/sample-reports.js';
import { buildIncident } from './built-records.js';
import { MemoryDisk } from './memory-disk.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const TO_MS = Date.UTC(2026, 5, 15);
const FROM_MS = TO_MS - 7 * DAY_MS;

test('a week beside the one before: reachable, lost, round trips, incidents cut to the week', async () => {
  const history = await History.open('/state/history', { disk: new MemoryDisk() });
  // Ten minutes of each hour: what a week of minutes takes is not what is asked here.
  for (let startMs = FROM_MS - 7 * DAY_MS; startMs < TO_MS; startMs += HOUR_MS) {
    const rttNs = startMs < FROM_MS ? 10e6 : 20e6;
    const minutes = Array.from({ length: 10 }, (_, i) =>
      composeSummary(startMs + i * 60_000, { target: 'office', rttNs, lost: startMs < FROM_MS ? 0 : 6 }),
    );
    await history.append(minutes);
  }
  const outage = { target: 'office', kind: 'outage', state: 'closed', severity: 'critical' } as const;
  const before = FROM_MS - 2 * HOUR_MS;
  await history.putIncident({ ...buildIncident('a', before, before), ...outage, endedMs: FROM_MS + HOUR_MS });
  await history.putIncident({ ...buildIncident('b', TO_MS - HOUR_MS / 2, TO_MS), ...outage, state: 'open' });
  await history.putIncident({ ...buildIncident('c', TO_MS + HOUR_MS, TO_MS + HOUR_MS), ...outage });
  const added = Array.from({ length: 120 }, (_, i) =>
    composeSummary(TO_MS - 2 * HOUR_MS + i * 60_000, { target: 'new' }),
  );
  await history.append(added);
  const startedAt = new Date(TO_MS - HOUR_MS).toISOString();
  for (const [id, name, bytes] of [
    ['R1', 'office.example', 2_000_000],
    ['R2', 'office.example', 3_000_000],
    ['R3', 'new.example', 1_000_000],
  ] as const) {
    const target = { ...HEALTHY_REPORT.target, name };
    await history.addReport({ ...HEALTHY_REPORT, id, startedAt, target, cost: { packets: 9, bytes } });
  }
  const report = await readWeekReport(history, TO_MS);
  const late = report.targets.find(({ target }) => target === 'new');
  assert.equal(late?.thisWeek.coverage, 1, 'measured ever since it was added');
  assert.deepEqual(report.examinations, {
    count: 3,
    bytes: 6_000_000,
    targets: [
      { target: 'office.example', count: 2, bytes: 5_000_000 },
      { target: 'new.example', count: 1, bytes: 1_000_000 },
    ],
  });
  const office = report.targets.find(({ target }) => target === 'office');
  assert.deepEqual(
    office?.incidents.map(({ id, lastedMs }) => [id, lastedMs / HOUR_MS]),
    [
      ['a', 1],
      ['b', 0.5],
    ],
  );
  const measuredHours = (7 * 24) / 6;
  assert.ok(Math.abs((office.thisWeek.availability ?? 0) - (1 - 1.5 / measuredHours)) < 1e-3);
  assert.ok(Math.abs((office.weekBefore.availability ?? 0) - (1 - 2 / measuredHours)) < 1e-3);
  assert.deepEqual([office.thisWeek.lossRatio, office.weekBefore.lossRatio], [0.1, 0]);
  assert.ok(Math.abs((office.thisWeek.p50Ns ?? 0) / 20e6 - 1) < 0.02);
  assert.ok(Math.abs((office.weekBefore.p50Ns ?? 0) / 10e6 - 1) < 0.02);
  assert.match(
    summariseWeek(report),
    /^The week: 2 targets, 2 incidents, office was reachable for 94\.\d+ %; 3 examinations sent 6\.0 MB/,
  );
  await history.close();
});
