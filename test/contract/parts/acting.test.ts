// What the box does by itself, in the real process of the analysis server over simulated paths: a job of the calendar at its minute,
// and a configuration that changes under it.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { CalendarStanding } from '../../../src/model/calendar.js';
import type { BoxEvent } from '../../../src/model/incident.js';
import type { Report } from '../../../src/model/report.js';
import type { ServerHealth } from '../../../src/model/server-health.js';
import { startChild } from './child.js';
import type { Child } from './child.js';
import { makeFolder, startSimulatedTps } from './simulated-parts.js';

async function startServer(context: TestContext, text: string): Promise<{ as: Child; url: string; path: string }> {
  const folder = makeFolder();
  const [socketPath, path] = [join(folder, 'tps.sock'), join(folder, 'config.yaml')];
  writeFileSync(path, text);
  await startSimulatedTps(context, socketPath);
  const as = startChild(
    context,
    '../../../src/main/as.js',
    ['--tps-socket', socketPath, '--as-port', '0', '--config', path],
    { STATE_DIRECTORY: folder },
  );
  const line = await as.waitForLine(/^analysis server +http/);
  return { as, path, url: /http:\S+/.exec(line)?.[0] ?? '' };
}

async function listEvents(url: string): Promise<BoxEvent[]> {
  return ((await (await fetch(`${url}/api/v1/diary?limit=50`)).json()) as { events: BoxEvent[] }).events;
}

/** That the configuration is the cause of. */
async function listConcerns(url: string): Promise<string[]> {
  const { box } = (await (await fetch(`${url}/api/v1/health`)).json()) as ServerHealth;
  return (box?.concerns ?? []).flatMap(({ subject, text }) => (subject === 'configuration' ? [text] : []));
}

test('a changed file counts from SIGHUP on; one that is not sound changes nothing and is told once', async (context) => {
  const { as, url, path } = await startServer(context, 'budget: { dayMb: 100 }\n');
  const readBudget = async () =>
    ((await (await fetch(`${url}/api/v1/spending`)).json()) as { day: { mostBytes: number } }).day.mostBytes;
  assert.equal(await readBudget(), 100e6);
  writeFileSync(path, 'budget: { dayMb: 50 }\nschedule: [{ name: nightly, at: "30 3 * * *" }]\n');
  as.kill('SIGHUP');
  await as.waitForLine(/configuration was changed: job nightly is new; budget\.dayMb is 50 instead of 100\./);
  assert.equal(await readBudget(), 50e6);
  writeFileSync(path, 'budget: { dayMb: 70 }\nschedule: [{ name: nightly, at: "30 25 * * *" }]\n');
  as.kill('SIGHUP');
  as.kill('SIGHUP');
  await as.waitForLine(/not sound.*schedule\[0\]\.at/);
  assert.equal(await readBudget(), 50e6);
  assert.match((await listConcerns(url)).join(), /config\.yaml does not count as it is now: schedule\[0\]\.at/);
  writeFileSync(path, 'budget: { dayMb: 60 }\n');
  as.kill('SIGHUP');
  await as.waitForLine(/job nightly is gone/);
  assert.deepEqual(await listConcerns(url), []);
  const told = (await listEvents(url)).map(({ kind }) => kind).filter((kind) => kind.startsWith('configuration'));
  assert.deepEqual(told, ['configuration-changed', 'configuration-refused', 'configuration-changed']);
  as.kill('SIGTERM');
  assert.equal((await as.ended).code, 0);
});

test('a job runs at its minute, its cost is counted, and what the budget does not take is told', async (context) => {
  const { url, as, path } = await startServer(
    context,
    `targets:
  - { name: first, address: healthy }
  - { name: second, address: healthy }
schedule: [{ name: each-minute, at: "* * * * *", depth: quick }]
budget: { dayMb: 1.1 }
`,
  );
  await as.waitForLine(/each-minute: second was not examined: it may take 1 MB, and of today's 1\.1 MB only/);
  const { reports } = (await (await fetch(`${url}/api/v1/reports`)).json()) as { reports: Report[] };
  assert.equal(reports.length, 1);
  const { day } = (await (await fetch(`${url}/api/v1/spending`)).json()) as { day: { bytes: number } };
  assert.equal(day.bytes, reports[0]?.cost.bytes);
  assert.ok((await listEvents(url)).some(({ kind, severity }) => kind === 'test-not-run' && severity === 'warning'));
  const words = ['schedule', '--config', path, '--state-dir', dirname(path), '--json'];
  const { output } = await startChild(context, '../../../src/main/apparenet.js', words).ended;
  const { jobs, spent } = JSON.parse(output) as CalendarStanding;
  assert.equal(spent.day.bytes, day.bytes);
  assert.deepEqual(
    jobs.map(({ name, last }) => [name, last?.outcome]),
    [
      ['each-minute', 'partly'],
      ['history repair', undefined],
      ['week report', undefined],
    ],
  );
  assert.ok((jobs[0]?.nextMs ?? 0) > (jobs[0]?.last?.atMs ?? Infinity));
  as.kill('SIGTERM');
  assert.equal((await as.ended).code, 0);
});
