// When jobs are due: against node-cron's own reading minute by minute, and where summer time begins and ends.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createTask } from 'node-cron';
import { computeNextDue } from '../../../src/server/calendar/due-times.js';

const MINUTE_MS = 60_000;

function listDues(at: string, timeZone: string, [from, to]: readonly [string, string]): string[] {
  const dues: string[] = [];
  for (let ms: number | null = Date.parse(from) - 1; ;) {
    ms = computeNextDue(at, ms, timeZone);
    if (ms === null || ms > Date.parse(to)) return dues;
    dues.push(new Date(ms).toISOString().slice(0, 16));
  }
}

describe('due times', () => {
  for (const { what, at, zone, span, due } of [
    {
      what: 'a time that the clock skips comes an hour later',
      at: '30 2 * * *',
      zone: 'Europe/Berlin',
      span: ['2026-03-28T00:00Z', '2026-03-30T12:00Z'],
      due: ['2026-03-28T01:30', '2026-03-29T01:30', '2026-03-30T00:30'],
    },
    {
      what: 'a time that the clock shows twice counts once',
      at: '30 2 * * *',
      zone: 'Europe/Berlin',
      span: ['2026-10-24T12:00Z', '2026-10-26T12:00Z'],
      due: ['2026-10-25T00:30', '2026-10-26T01:30'],
    },
    {
      what: 'a job of every hour goes on through both hours',
      at: '30 * * * *',
      zone: 'Europe/Berlin',
      span: ['2026-10-25T00:00Z', '2026-10-25T03:00Z'],
      due: ['2026-10-25T00:30', '2026-10-25T01:30', '2026-10-25T02:30'],
    },
    {
      what: 'a job of every hour has no pause and no double where an hour is skipped',
      at: '30 * * * *',
      zone: 'Europe/Berlin',
      span: ['2026-03-29T00:00Z', '2026-03-29T03:00Z'],
      due: ['2026-03-29T00:30', '2026-03-29T01:30', '2026-03-29T02:30'],
    },
    {
      what: 'a shift of half an hour',
      at: '15,40 2 * * *',
      zone: 'Australia/Lord_Howe',
      span: ['2026-10-03T12:00Z', '2026-10-04T12:00Z'],
      due: ['2026-10-03T15:40', '2026-10-03T15:45'],
    },
    {
      what: 'the last day of the month',
      at: '0 12 L * *',
      zone: 'UTC',
      span: ['2026-01-15T00:00Z', '2026-04-15T00:00Z'],
      due: ['2026-01-31T12:00', '2026-02-28T12:00', '2026-03-31T12:00'],
    },
    {
      what: 'a leap day',
      at: '0 0 29 2 *',
      zone: 'America/New_York',
      span: ['2026-01-01T00:00Z', '2033-01-01T00:00Z'],
      due: ['2028-02-29T05:00', '2032-02-29T05:00'],
    },
  ] as const) {
    it(`${what}: ${at} in ${zone}`, () => {
      assert.deepEqual(listDues(at, zone, span), due);
    });
  }

  it('are the minutes that node-cron matches where no clock is changed', () => {
    const list = (max: number, min = 0) =>
      fc.oneof(
        fc.constant('*'),
        fc.integer({ min, max }).map(String),
        fc.integer({ min: 2, max: 20 }).map((step) => `*/${step}`),
        fc.uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 3 }).map((all) => all.join(',')),
      );
    const zones = fc.constantFrom('UTC', 'Asia/Kolkata', 'America/Phoenix', 'Asia/Tokyo');
    const start = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) });
    fc.assert(
      fc.property(
        list(59),
        list(23),
        list(31, 1),
        list(6),
        zones,
        start,
        (minute, hour, day, weekday, zone, fromMs) => {
          const at = `${minute} ${hour} ${day} * ${weekday}`;
          const task = createTask(at, () => undefined, { timezone: zone });
          const due = computeNextDue(at, fromMs, zone) ?? Infinity;
          const firstMs = Math.floor(fromMs / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
          let matched = firstMs;
          while (matched < due && matched < firstMs + 300 * MINUTE_MS && !task.match(new Date(matched)))
            matched += MINUTE_MS;
          if (matched < firstMs + 300 * MINUTE_MS) assert.equal(due, matched, at);
          else if (due < Infinity) assert.ok(task.match(new Date(due)), at);
          void task.destroy();
        },
      ),
      { numRuns: 60 },
    );
  });
});
