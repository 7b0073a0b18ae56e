// The clock of the running analysis server is set three days ahead and back: nothing stops, nothing floods. libfaketime stands between
// the process and the wall clock; the monotonic clock stays that of the machine, as it does when a real one is set.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { BoxEvent } from '../../../src/model/incident.js';
import { startChild } from '../../contract/parts/child.js';
import { makeFolder, startSimulatedTps } from '../../contract/parts/simulated-parts.js';

function findLibrary(): string | null {
  const folder = '/usr/lib';
  const found = readdirSync(folder).map((name) => join(folder, name, 'faketime/libfaketimeMT.so.1'));
  return found.find((path) => existsSync(path)) ?? null;
}

const library = findLibrary();
const skip = library === null && 'libfaketime (Debian: faketime) is not installed';

test('three days ahead and back', { skip }, async (context) => {
  const folder = makeFolder();
  const [socketPath, path, clockFile] = ['tps.sock', 'config.yaml', 'clock'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await startSimulatedTps(context, socketPath);
  // Each minute, and once a day: what would come 4,320 times, and three times, in what is skipped.
  writeFileSync(
    path,
    `timeZone: UTC
targets: [{ name: only, address: healthy }]
schedule:
  - { name: each-minute, at: "* * * * *", depth: quick }
  - { name: nightly, at: "30 3 * * *", depth: quick }
`,
  );
  const setClock = (offset: string): void => writeFileSync(clockFile, `${offset}\n`);
  setClock('+0');
  const as = startChild(
    context,
    '../../../src/main/as.js',
    ['--tps-socket', socketPath, '--as-port', '0', '--config', path],
    {
      STATE_DIRECTORY: folder,
      LD_PRELOAD: library ?? '',
      FAKETIME_TIMESTAMP_FILE: clockFile,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
  );
  const url = /http:\S+/.exec(await as.waitForLine(/^analysis server +http/))?.[0] ?? '';
  const listReports = async (): Promise<readonly { readonly startedAt: string }[]> =>
    ((await (await fetch(`${url}/api/v1/reports?limit=100`)).json()) as { reports: { startedAt: string }[] }).reports;
  const startMs = Date.now();
  setClock('+3d');
  await as.waitForLine(/clock went forward by 3 days/);
  const ahead = await waitForReports(listReports, 2);
  assert.ok(Date.parse(ahead[0]?.startedAt ?? '') - startMs > 2 * 86_400_000, 'jobs go on by the new clock');
  setClock('+0');
  await waitForReports(listReports, ahead.length + 1);
  const reports = await listReports();
  const isBack = ({ startedAt }: { readonly startedAt: string }): boolean =>
    Date.parse(startedAt) < startMs + 86_400_000;
  assert.ok(reports.some(isBack), 'jobs go on by the clock that was set back');
  const minutes = (Date.now() - startMs) / 60_000;
  assert.ok(reports.length <= minutes + 3, `${reports.length} examinations in ${minutes.toFixed(1)} minutes`);
  const { events } = (await (await fetch(`${url}/api/v1/diary?limit=100`)).json()) as { events: BoxEvent[] };
  assert.ok(events.length < 10, events.map(({ text }) => text).join('\n'));
  as.kill('SIGTERM');
  assert.equal((await as.ended).code, 0);
});

/** Ends when so many are there; the test's own time limit is the bound. */
async function waitForReports<Row>(list: () => Promise<readonly Row[]>, count: number): Promise<readonly Row[]> {
  for (;;) {
    const rows = await list();
    if (rows.length >= count) return rows;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}
