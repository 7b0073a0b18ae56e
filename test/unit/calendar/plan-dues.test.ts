// A year of the calendar in virtual time, with the clock set to and fro, the box off, and summer time: no due time twice, none left
// out but for what the rule leaves out, and never a flood.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { planDues, startDues } from '../../../src/server/calendar/plan-dues.js';
import type { CalendarJob, Due, DueState } from '../../../src/server/calendar/plan-dues.js';
import { computeNextDue } from '../../../src/server/calendar/due-times.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const START_MS = Date.parse('2026-01-10T11:00:00Z');
const NIGHTLY = { name: 'nightly', at: '30 3 * * *' };
const HOURLY = { name: 'hourly', at: '10 * * * *' };
const WEEKLY = { name: 'weekly', at: '0 6 * * mon' };
const JOBS = [NIGHTLY, HOURLY, WEEKLY];
const timeZone = 'Europe/Berlin';

/** The box as it looks at its clock; `set` moves the wall clock while nobody looks. */
class Box {
  state: DueState;
  readonly done: (Due & { readonly realMs: number })[] = [];
  realMs = START_MS;
  aheadMs = 0;

  constructor(readonly jobs: readonly CalendarJob[] = JOBS) {
    this.state = startDues(START_MS);
    this.look();
  }

  get wallMs(): number {
    return this.realMs + this.aheadMs;
  }

  look(): Due[] {
    const { state, dues } = planDues(this.state, this.wallMs, { jobs: this.jobs, timeZone });
    this.state = state;
    this.done.push(...dues.map((due) => ({ ...due, realMs: this.realMs })));
    return [...dues];
  }

  live(ms: number): void {
    for (const endMs = this.realMs + ms; this.realMs < endMs;) {
      this.realMs = Math.min(endMs, this.realMs + 2 * MINUTE_MS);
      this.look();
    }
  }

  /** Or off: what it knew is read again. */
  sleep(ms: number): Due[] {
    this.state = JSON.parse(JSON.stringify(this.state)) as DueState;
    this.realMs += ms;
    return this.look();
  }

  step(ms: number): Due[] {
    this.aheadMs += ms;
    return this.look();
  }

  listDue({ name }: CalendarJob): string[] {
    return this.done.filter((due) => due.name === name).map(({ dueMs }) => new Date(dueMs).toISOString().slice(0, 16));
  }
}

const NIGHT = (day: string): string => `2026-01-${day}T02:30`;

describe('what is due', () => {
  it('three days ahead and back: one night made up for, no night left out or done twice', () => {
    const box = new Box([NIGHTLY]);
    box.live(HOUR_MS);
    assert.deepEqual(
      box.step(3 * DAY_MS).map(({ isMadeUp }) => isMadeUp),
      [true],
    );
    box.live(10 * MINUTE_MS);
    assert.deepEqual(box.step(-3 * DAY_MS), []);
    box.live(5 * DAY_MS);
    assert.deepEqual(box.listDue(NIGHTLY), [NIGHT('13'), NIGHT('11'), NIGHT('12'), NIGHT('14'), NIGHT('15')]);
  });

  it('three days back and forward again: nothing that was done is done again', () => {
    const box = new Box([NIGHTLY]);
    box.live(2 * DAY_MS);
    box.step(-3 * DAY_MS);
    box.live(DAY_MS);
    box.step(3 * DAY_MS);
    box.live(DAY_MS);
    assert.deepEqual(box.listDue(NIGHTLY), [NIGHT('11'), NIGHT('12'), NIGHT('10'), NIGHT('13'), NIGHT('14')]);
  });

  it('the box off: a nightly job is made up for within a day, an hourly one within an hour, once', () => {
    const off = (job: CalendarJob, ms: number): number => {
      const box = new Box([job]);
      box.live(30 * MINUTE_MS);
      return box.sleep(ms).length;
    };
    assert.equal(off(NIGHTLY, 20 * HOUR_MS), 1, 'slept through the night');
    assert.equal(off(NIGHTLY, 10 * DAY_MS), 1, 'ten nights are one');
    assert.equal(off(HOURLY, 20 * HOUR_MS), 1, 'the last of twenty, 20 minutes ago');
    assert.equal(off({ name: 'twice', at: '0 12,20 * * *' }, 30 * HOUR_MS), 0, 'the last was hours ago');
    assert.equal(off(WEEKLY, 4 * DAY_MS), 0, 'Monday was longer ago than a day');
  });

  it('a job that was planned while the box was off is not made up for', () => {
    const before = new Box([HOURLY]);
    const { dues } = planDues(before.state, START_MS + 20 * HOUR_MS, { jobs: [HOURLY, NIGHTLY], timeZone });
    assert.deepEqual(
      dues.map(({ name }) => name),
      ['hourly'],
    );
  });

  it('a clock that was wrong by years stops nothing when it is set right', () => {
    const box = new Box([NIGHTLY]);
    box.step(3650 * DAY_MS);
    box.live(2 * DAY_MS);
    box.step(-3650 * DAY_MS);
    const before = box.done.length;
    box.live(3 * DAY_MS);
    assert.equal(box.done.length - before, 3);
  });

  it('a year with the clock set at random: once each, nothing skipped, no flood', () => {
    const event = fc.record({
      afterMs: fc.integer({ min: HOUR_MS, max: 20 * DAY_MS }),
      stepMs: fc.oneof(
        fc.integer({ min: -3 * DAY_MS, max: 3 * DAY_MS }),
        fc.integer({ min: -HOUR_MS, max: HOUR_MS }),
        fc.integer({ min: -3_000, max: 3_000 }),
      ),
      offMs: fc.oneof(fc.constant(0), fc.constant(0), fc.integer({ min: MINUTE_MS, max: 4 * DAY_MS })),
    });
    fc.assert(
      fc.property(fc.array(event, { minLength: 8, maxLength: 40 }), (events) => {
        const box = new Box([NIGHTLY, WEEKLY]);
        const fresh: { fromMs: number; toMs: number }[] = [];
        for (const { afterMs, stepMs, offMs } of events) {
          if (box.realMs > START_MS + 365 * DAY_MS) break;
          const fromMs = box.wallMs;
          box.live(afterMs);
          fresh.push({ fromMs, toMs: box.wallMs });
          box.aheadMs += stepMs;
          const madeUp = box.sleep(offMs);
          assert.ok(madeUp.length <= box.jobs.length, 'no more than one of each job at once');
        }
        const keys = box.done.map(({ name, dueMs }) => `${name} ${dueMs}`);
        assert.equal(new Set(keys).size, keys.length, 'no due time twice');
        for (const { name, at } of box.jobs) {
          for (const { fromMs, toMs } of fresh) {
            for (let due = computeNextDue(at, fromMs, timeZone); due !== null && due <= toMs;) {
              assert.ok(keys.includes(`${name} ${due}`), `${name} at ${new Date(due).toISOString()} was left out`);
              due = computeNextDue(at, due, timeZone);
            }
          }
        }
      }),
      { numRuns: 2 },
    );
  });
});
