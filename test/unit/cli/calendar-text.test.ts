// The calendar for a person: jobs, whose turn it is and who waits.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfiguration } from '../../../src/box/config/parse-configuration.js';
import { renderCalendar } from '../../../src/cli/calendar-text.js';
import { computeStanding } from '../../../src/server/calendar/standing.js';

const NOW_MS = Date.parse('2026-11-23T12:00:00Z');
const CONFIGURATION = parseConfiguration('timeZone: UTC\nschedule: [{ name: nightly, at: "30 3 * * *" }]');
const REPAIRED = { atMs: NOW_MS - 8 * 3_600_000, outcome: 'done', text: 'All files are sound.' } as const;
const RECORD = { spending: {}, results: { 'history repair': REPAIRED } };

test("the box's own jobs are among the jobs, and without a queue nothing is said of one", () => {
  assert.equal(
    renderCalendar(computeStanding(CONFIGURATION, RECORD, NOW_MS)),
    `job                             next              last
nightly                         2026-11-24 03:30  has not run yet
history repair (the box's own)  2026-11-24 04:17  2026-11-23 04:00  All files are sound.
week report (the box's own)     2026-11-30 06:05  has not run yet

Spent by itself: 0 of 200 MB today, 0 of 2000 MB this month.
Times and days are those of UTC.
`,
  );
});

test('who waits is told with what for', () => {
  const queued = { depth: 'deep', sinceMs: NOW_MS } as const;
  const queue = {
    working: { ...queued, target: 'office', askedBy: [{ kind: 'job', name: 'nightly' }] },
    startedMs: NOW_MS + 60_000,
    ahead: 0,
    waiting: [
      { ...queued, target: 'gateway', askedBy: [{ kind: 'incident', name: '0001-gateway-delay-1' }] },
      { ...queued, target: null, depth: null, askedBy: [{ kind: 'job', name: 'history repair' }] },
    ],
  } as const;
  const text = renderCalendar(computeStanding(CONFIGURATION, RECORD, NOW_MS, { ownJobs: [], queue }));
  assert.deepEqual(
    text.split('\n').slice(3, 7),
    [
      'turn     depth  for                            asked             ',
      'office   deep   job nightly                    2026-11-23 12:00  under way since 2026-11-23 12:01',
      'gateway  deep   incident 0001-gateway-delay-1  2026-11-23 12:00  waits for the examination of office',
      'the box         job history repair             2026-11-23 12:00  waits for the examination of office and 1 more',
    ].map((line) => line.trimEnd()),
  );
});
