// The queue of heavy work under drawn days: never two at once, never beyond a budget, never in quiet hours, what an incident wants first.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Asker } from '../../../src/model/calendar.js';
import type { Configuration } from '../../../src/model/configuration.js';
import type { MonitorTarget } from '../../../src/model/monitor.js';
import { checkConfiguration } from '../../../src/box/config/parse-configuration.js';
import { CalendarMemory } from '../../../src/server/calendar/calendar-memory.js';
import { HeavyWork } from '../../../src/server/calendar/heavy-work.js';
import type { Examined, ExamineOnce, Outcome } from '../../../src/server/calendar/heavy-work.js';
import { computeQueueStanding } from '../../../src/server/calendar/queue-standing.js';
import type { ExaminationOrder } from '../../../src/server/examination-desk.js';
import { HEALTHY_REPORT } from '../cli/sample-reports.js';

const HOUR_MS = 3_600_000;
const JOB: Asker = { kind: 'job', name: 'nightly' };
const INCIDENT: Asker = { kind: 'incident', name: '0001-a-delay-1' };
const START_MS = Date.parse('2026-03-27T09:00:00Z');
const ZONE = 'Europe/Berlin';

let folder = '';
let files = 0;

interface Bench {
  readonly work: HeavyWork;
  readonly memory: CalendarMemory;
  readonly begun: { readonly order: ExaminationOrder; readonly atMs: number }[];
  atMs: number;
  mostAtOnce: number;
  /** Of the examination under way. */
  onAhead: (ahead: number) => void;
}

interface BenchOptions {
  readonly configuration: unknown;
  /** What an examination sends and how long it takes. */
  readonly cost?: (order: ExaminationOrder) => { readonly bytes: number; readonly ms: number };
  readonly path?: string;
}

function open({ configuration, cost, path = join(folder, `${(files += 1)}.json`) }: BenchOptions): Bench {
  const rules: Configuration = checkConfiguration(configuration);
  const memory = new CalendarMemory({ path, nowMs: START_MS, onProblem: assert.ifError });
  let under = 0;
  const examine: ExamineOnce = async (order, _signal, onAhead): Promise<Examined> => {
    bench.onAhead = onAhead;
    under += 1;
    bench.mostAtOnce = Math.max(bench.mostAtOnce, under);
    bench.begun.push({ order, atMs: bench.atMs });
    await new Promise(setImmediate);
    const { bytes, ms } = cost?.(order) ?? { bytes: order.maxBytes, ms: 60_000 };
    bench.atMs += ms;
    under -= 1;
    return { report: HEALTHY_REPORT, bytes, problem: null };
  };
  const bench: Bench = {
    memory,
    work: new HeavyWork({
      examine,
      memory,
      readRules: () => ({ ...rules, timeZone: ZONE }),
      readClockMs: () => bench.atMs,
    }),
    begun: [],
    atMs: START_MS,
    mostAtOnce: 0,
    onAhead: () => undefined,
  };
  return bench;
}

function target(name: string): MonitorTarget {
  const { targets } = checkConfiguration({ targets: [{ name, address: '192.0.2.1' }] });
  return targets[0] as MonitorTarget;
}

const causes = (outcomes: readonly Outcome[]): string[] =>
  outcomes.map((outcome) => (outcome.kind === 'done' ? 'done' : outcome.cause));

describe('the queue of heavy work', () => {
  before(() => (folder = mkdtempSync(join(tmpdir(), 'heavy-work-'))));
  after(() => rmSync(folder, { recursive: true }));

  it('takes one at a time, what an incident wants first, and the same only once', async () => {
    const bench = open({ configuration: {} });
    const answers = [
      bench.work.examine(target('a'), 'normal', JOB),
      bench.work.examine(target('b'), 'normal', JOB),
      bench.work.examine(target('b'), 'normal', JOB),
      bench.work.examine(target('c'), 'normal', INCIDENT),
    ];
    assert.deepEqual(causes(await Promise.all(answers)), ['done', 'done', 'done', 'done']);
    assert.equal(bench.begun.length, 3, 'b was asked for twice and examined once');
    assert.equal(bench.mostAtOnce, 1);
    assert.equal(bench.memory.record.spending['2026-03-27'], 15_000_000);
  });

  it('says what is under way, what waits in which order, for whom, since when and for what', async () => {
    const bench = open({ configuration: {} });
    const read = () => computeQueueStanding(bench.work.readQueue());
    assert.deepEqual(read(), { working: null, waiting: [] });
    const asked = { depth: 'deep', sinceMs: START_MS } as const;
    const lunch: Asker = { kind: 'job', name: 'lunch' };
    const answers = [
      bench.work.examine(target('a'), 'deep', JOB),
      bench.work.examine(target('b'), 'deep', JOB),
      bench.work.runAlone('history repair', () => Promise.resolve()),
      bench.work.examine(target('b'), 'deep', lunch),
    ];
    while (bench.begun.length === 0) await Promise.resolve();
    answers.push(bench.work.examine(target('c'), 'deep', INCIDENT));
    const waiting = [
      { ...asked, target: 'c', askedBy: [INCIDENT], waitsFor: 'the examination of a' },
      { ...asked, target: 'b', askedBy: [JOB, lunch], waitsFor: 'the examination of a and 1 more' },
      {
        target: null,
        depth: null,
        askedBy: [{ kind: 'job', name: 'history repair' }],
        sinceMs: START_MS,
        waitsFor: 'the examination of a and 2 more',
      },
    ];
    const first = { ...asked, target: 'a', askedBy: [JOB] };
    assert.deepEqual(read(), { working: { ...first, startedMs: START_MS }, waiting });
    bench.onAhead(2);
    assert.deepEqual(read(), {
      working: null,
      waiting: [{ ...first, waitsFor: '2 others on its network port' }, ...waiting],
    });
    bench.onAhead(0);
    assert.equal(read().working?.target, 'a');
    await Promise.all(answers);
    assert.deepEqual(read(), { working: null, waiting: [] });
  });

  it('a day that is spent stays spent over a restart, and the next one begins at local midnight', async () => {
    const path = join(folder, 'restart.json');
    const configuration = { budget: { dayMb: 25 } };
    const bench = open({ configuration, path });
    const first = await Promise.all([
      bench.work.examine(target('a'), 'deep', JOB),
      bench.work.examine(target('b'), 'deep', JOB),
    ]);
    assert.deepEqual(causes(first), ['done', 'day']);
    const again = open({ configuration, path });
    for (const [at, expected] of [
      ['2026-03-27T22:59:00Z', 'day'],
      ['2026-03-27T23:00:00Z', 'done'],
      ['2026-03-27T10:00:00Z', 'day'],
      ['2026-03-28T10:00:00Z', 'day'],
    ] as const) {
      again.atMs = Date.parse(at);
      assert.deepEqual(causes([await again.work.examine(target('a'), 'deep', JOB)]), [expected], at);
    }
  });

  it('sets aside what an examination may take until it has ended: a power cut in it forgets nothing', async () => {
    const path = join(folder, 'power-cut.json');
    const seen: number[] = [];
    const bench = open({
      configuration: {},
      path,
      cost: () => {
        const other = new CalendarMemory({ path, nowMs: START_MS, onProblem: assert.ifError });
        seen.push(other.record.spending['2026-03-27'] ?? 0);
        return { bytes: 3_000_000, ms: 1_000 };
      },
    });
    await bench.work.examine(target('a'), 'deep', JOB);
    assert.deepEqual(seen, [20_000_000]);
    assert.equal(bench.memory.record.spending['2026-03-27'], 3_000_000);
    assert.equal(bench.memory.record.spending['2026-03'], 3_000_000);
  });

  it('keeps the share of the link', async () => {
    const bench = open({ configuration: { budget: { linkSharePercent: 5 } } });
    await bench.work.examine(target('a'), 'quick', INCIDENT);
    assert.equal(bench.begun[0]?.order.maxLinkShare, 0.05);
  });

  it('drawn days: budgets and quiet hours hold, whatever is asked for and however the clock is set', async () => {
    const ask = fc.record({
      depth: fc.constantFrom('quick' as const, 'normal' as const, 'deep' as const),
      isUrgent: fc.boolean(),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      pauseMs: fc.oneof(
        fc.integer({ min: 0, max: 6 * HOUR_MS }),
        fc.integer({ min: -72 * HOUR_MS, max: 72 * HOUR_MS }),
      ),
    });
    const rules = fc.record({ dayMb: fc.integer({ min: 0, max: 80 }), monthMb: fc.integer({ min: 0, max: 400 }) });
    await fc.assert(
      fc.asyncProperty(rules, fc.array(ask, { minLength: 5, maxLength: 60 }), async (budget, asks) => {
        let share = 0;
        const bench = open({
          configuration: { budget, quietHours: [{ from: '22:30', to: '06:15', days: ['fri', 'sat'] }] },
          cost: ({ maxBytes }) => ({ bytes: Math.floor(maxBytes * share), ms: 30_000 }),
        });
        for (const [i, one] of asks.entries()) {
          share = one.share;
          bench.atMs += one.pauseMs;
          await bench.work.examine(target(`t${i % 3}`), one.depth, one.isUrgent ? INCIDENT : JOB);
        }
        for (const [name, bytes] of Object.entries(bench.memory.record.spending))
          assert.ok(bytes <= (name.length === 10 ? budget.dayMb : budget.monthMb) * 1e6, name);
        const clock = new Intl.DateTimeFormat('en-GB', {
          timeZone: ZONE,
          weekday: 'short',
          hour: '2-digit',
          minute: '2-digit',
        });
        for (const { atMs } of bench.begun) {
          const shown = clock.format(atMs).replace(',', '');
          const [day = '', time = ''] = shown.split(' ');
          const isQuiet =
            (['Fri', 'Sat'].includes(day) && time >= '22:30') || (['Sat', 'Sun'].includes(day) && time < '06:15');
          assert.ok(!isQuiet, `began at ${shown}`);
        }
      }),
      { numRuns: 15 },
    );
  });
});
