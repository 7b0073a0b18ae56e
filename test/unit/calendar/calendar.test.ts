// The calendar over days of a clock that is set: a budget that does not suffice for all, and a job of the box's own that fails.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { checkConfiguration } from '../../../src/box/config/parse-configuration.js';
import { StoreError } from '../../../src/model/errors.js';
import type { JobStanding } from '../../../src/model/calendar.js';
import type { BoxEvent } from '../../../src/model/incident.js';
import { Calendar } from '../../../src/server/calendar/calendar.js';
import type { OwnJob } from '../../../src/server/calendar/calendar.js';
import { HEALTHY_REPORT } from '../cli/sample-reports.js';

const DAY_MS = 86_400_000;
const START_MS = Date.parse('2026-03-02T12:00:00Z');
const folder = mkdtempSync(join(tmpdir(), 'calendar-'));
let files = 0;

interface Bench {
  readonly examined: string[];
  readonly told: BoxEvent[];
  readonly defects: unknown[];
  /** A day goes by and all that it asked for has ended; resolves to who was examined in it. */
  nextDay(): Promise<readonly string[]>;
  /** The calendar is started: without it nothing is done by itself. */
  start(): void;
  readJobs(): readonly JobStanding[];
  close(): Promise<void>;
}

function open(configuration: object, ownJobs: readonly OwnJob[] = [], path = join(folder, `${(files += 1)}`)): Bench {
  const [examined, told, defects]: [string[], BoxEvent[], unknown[]] = [[], [], []];
  let atMs = START_MS;
  const calendar = new Calendar({
    configuration: checkConfiguration({ timeZone: 'UTC', ...configuration }),
    path,
    ownJobs,
    examine: async ({ target, maxBytes }) => {
      examined.push(target);
      await setImmediate();
      return { report: HEALTHY_REPORT, bytes: maxBytes, problem: null };
    },
    tell: (event) => told.push(event),
    takeReport: () => undefined,
    readClock: () => ({ wallMs: atMs, steadyMs: atMs }),
    readTrust: () => ({ synchronized: true, sinceBootSec: 3600 }),
    onProblem: assert.ifError,
    onDefect: (error) => defects.push(error),
  });
  calendar.look();
  return {
    examined,
    told,
    defects,
    nextDay: async () => {
      const before = examined.length;
      atMs += DAY_MS;
      calendar.look();
      for (let turn = 0; turn < 200; turn += 1) await setImmediate();
      return examined.slice(before);
    },
    start: () => calendar.start(),
    readJobs: () => calendar.readStanding().jobs,
    close: () => calendar.close(),
  };
}

const NAMES = ['a', 'b', 'c', 'd', 'e'];
const NIGHTLY = {
  targets: NAMES.map((name) => ({ name, address: `${name}.example` })),
  schedule: [{ name: 'nightly', at: '30 3 * * *', depth: 'deep' }],
  budget: { dayMb: 40 },
};

describe('the calendar', () => {
  after(() => rmSync(folder, { recursive: true }));

  it('serves all targets in turn where the budget of a day takes two of five, and says who was left out', async () => {
    const path = join(folder, 'turns');
    const bench = open(NIGHTLY, [], path);
    const days = [await bench.nextDay(), await bench.nextDay(), await bench.nextDay()];
    await bench.close();
    assert.deepEqual(days, [
      ['a.example', 'b.example'],
      ['c.example', 'd.example'],
      ['e.example', 'a.example'],
    ]);
    assert.deepEqual(
      bench.told.map(({ kind, text }) => [kind, /nightly: (.*) were not examined/.exec(text)?.[1]]),
      [
        ['test-not-run', 'c, d, e'],
        ['test-not-run', 'e, a, b'],
        ['test-not-run', 'b, c, d'],
      ],
    );
    assert.ok(bench.told.every(({ text }) => text.includes("today's 40 MB")));
  });

  it('its standing has the own jobs behind those of the configuration: when next, when last, how it ended', async () => {
    const repair = { name: 'history repair', at: '17 4 * * *', run: () => Promise.resolve('All files are sound.') };
    const bench = open({ schedule: [{ name: 'nightly', at: '30 3 * * *' }] }, [repair]);
    const read = () =>
      bench.readJobs().map(({ name, own, enabled, nextMs, last }) => [name, own, enabled, nextMs, last]);
    assert.deepEqual(read().at(1), ['history repair', true, false, null, null]);
    bench.start();
    await bench.nextDay();
    const [nightly, own] = read();
    assert.deepEqual(nightly?.slice(0, 3), ['nightly', false, true]);
    const dueMs = Date.parse('2026-03-04T04:17:00Z');
    const last = { atMs: START_MS + DAY_MS, outcome: 'done', text: 'All files are sound.' };
    assert.deepEqual(own, ['history repair', true, true, dueMs, last]);
    await bench.close();
  });

  it('a job of the box that fails is in the diary, with the reason, and is no defect', async () => {
    const run = () => Promise.reject(new StoreError('store.write', '/state/history cannot be written: EIO'));
    const bench = open({}, [{ name: 'history repair', at: '17 4 * * *', run }]);
    await bench.nextDay();
    await bench.nextDay();
    await bench.close();
    const text = 'history repair failed: /state/history cannot be written: EIO';
    assert.deepEqual(
      bench.told.map(({ kind, severity, text }) => [kind, severity, text]),
      [
        ['job-failed', 'warning', text],
        ['job-failed', 'warning', text],
      ],
    );
    assert.deepEqual(bench.defects, []);
  });
});
