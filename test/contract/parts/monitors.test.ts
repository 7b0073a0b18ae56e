// Monitors over simulated paths: a clock that is set, targets that come and go, a target that cannot be reached by its name.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TargetMinute } from '../../../src/analysis/baseline/judge-box.js';
import { UsageError } from '../../../src/model/errors.js';
import type { MonitorTarget } from '../../../src/model/monitor.js';
import type { OpenProber } from '../../../src/model/path.js';
import { Monitors } from '../../../src/server/monitors/monitors.js';
import { openScenario } from './simulated-parts.js';

const LENGTH_MS = 1_000;
const THREE_DAYS_MS = 3 * 86_400_000;

const target = (name: string, address = 'healthy'): MonitorTarget => ({
  name,
  address,
  via: 'auto',
  segment: 'beyond',
  intervalMs: 100,
  depth: 'quick',
  thresholds: 'learn',
  enabled: true,
});

interface Watched {
  readonly monitors: Monitors;
  readonly periods: { readonly startMs: number; readonly minutes: readonly TargetMinute[] }[];
  setClock(byMs: number): void;
  /** Resolves when so many periods more were told of. */
  wait(more: number): Promise<void>;
}

function watch(context: TestContext, targets: readonly MonitorTarget[], open: OpenProber = openScenario): Watched {
  let steppedMs = 0;
  const periods: Watched['periods'] = [];
  const monitors = new Monitors({
    open,
    readGateway: () => '192.0.2.1',
    readClockMs: () => performance.timeOrigin + performance.now() + steppedMs,
    readElapsedMs: () => performance.now(),
    lengthMs: LENGTH_MS,
    onOpened: () => undefined,
    onDefect: (error) => assert.fail(String(error)),
    onPeriod: (minutes, startMs) => {
      periods.push({ minutes, startMs });
      return Promise.resolve();
    },
  });
  context.after(() => monitors.close());
  monitors.watch(targets);
  return {
    monitors,
    periods,
    setClock: (byMs) => (steppedMs += byMs),
    wait: async (more) => {
      const needed = periods.length + more;
      while (periods.length < needed) await sleep(20);
    },
  };
}

const readSummary = ({ periods }: Watched, name: string) =>
  periods.at(-1)?.minutes.find((minute) => minute.target.name === name)?.summary;

test('a clock that is set three days ahead and back stops nothing and floods nothing', async (context) => {
  const watched = watch(context, [target('one')]);
  const beganMs = performance.now();
  await watched.wait(3);
  // What is told of lies seconds back, and the run in which the clock was set lasts for seconds more.
  watched.setClock(THREE_DAYS_MS);
  const ahead = watched.periods.length;
  await watched.wait(10);
  watched.setClock(-THREE_DAYS_MS);
  const back = watched.periods.length;
  await watched.wait(10);
  const listSummaries = (from: number, to?: number) =>
    watched.periods.slice(from, to).flatMap(({ minutes }) => minutes.map(({ summary }) => summary));
  assert.ok(
    listSummaries(ahead, back).some(({ problem, coverage }) => problem === null && coverage > 0.5),
    'goes on ahead',
  );
  const after = listSummaries(back);
  const sent = after.map((summary) => summary.sent);
  assert.ok(
    sent.every((count) => count <= LENGTH_MS / 100) && after.every(({ coverage }) => coverage <= 1),
    sent.join(' '),
  );
  assert.ok(
    sent.some((count) => count >= LENGTH_MS / 100 / 2),
    `only ${sent.join(' ')} packets`,
  );
  const most = (performance.now() - beganMs) / LENGTH_MS + 4;
  assert.ok(watched.periods.length <= most, `${watched.periods.length} periods in the time of ${most}`);
  const steps = watched.periods.slice(1).map(({ startMs }, i) => startMs - (watched.periods[i]?.startMs ?? 0));
  const jumps = steps.filter((stepMs) => Math.abs(stepMs) > THREE_DAYS_MS / 2);
  assert.deepEqual(jumps.map(Math.sign), [1, -1]);
  assert.ok(steps.every((stepMs) => stepMs % LENGTH_MS === 0));
});

test('targets come, go and are switched off without disturbing the others', async (context) => {
  const opened: string[] = [];
  const open: OpenProber = (request, signal) => {
    opened.push(request.target);
    return openScenario(request, signal);
  };
  const stays = target('stays');
  const watched = watch(context, [stays, target('goes', 'slow-healthy')], open);
  await watched.wait(2);
  watched.monitors.watch([{ ...stays, segment: 'provider' }, { ...target('off'), enabled: false }, target('comes')]);
  await watched.wait(2);
  const last = watched.periods.at(-1)?.minutes ?? [];
  assert.deepEqual(
    last.map((minute) => [minute.target.name, minute.target.segment]),
    [
      ['stays', 'provider'],
      ['comes', 'beyond'],
    ],
  );
  assert.equal(
    opened.filter((address) => address === 'healthy').length,
    2,
    'the path of a target that stayed was opened again',
  );
});

test('a name that does not resolve is said in the summary, and measured as soon as it does', async (context) => {
  let resolves = false;
  const open: OpenProber = (request, signal) =>
    resolves ? openScenario(request, signal) : Promise.reject(new UsageError('usage.address', 'no such name'));
  const watched = watch(context, [target('one')], open);
  await watched.wait(1);
  const { sent, coverage, problem } = readSummary(watched, 'one') ?? {};
  assert.deepEqual([sent, coverage, problem], [0, 0, 'no such name']);
  resolves = true;
  while (readSummary(watched, 'one')?.problem !== null) await watched.wait(1);
});
