// `history`, `incidents` and `schedule` beside a running server and without one: the same words by both ways, and a sentence for who
// may go neither.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { startExamination } from '../../../src/analysis/examination/start-examination.js';
import { parseConfiguration } from '../../../src/box/config/parse-configuration.js';
import { History } from '../../../src/history/history.js';
import { PERIODS_MS } from '../../../src/model/period-summary.js';
import { createRandom } from '../../../src/model/random.js';
import { computeStanding } from '../../../src/server/calendar/standing.js';
import { startAnalysisServer } from '../../../src/server/server.js';
import { APPARENET, runProgram } from '../../unit/cli/run-program.js';
import { HEALTHY_REPORT } from '../../unit/cli/sample-reports.js';
import { buildIncident } from '../../unit/history/built-records.js';
import { drawMinute, drawTargets } from '../../unit/history/drawn-summaries.js';
import { makeFolder } from './simulated-parts.js';

const END_MS = Date.parse('2026-03-04T00:00:00Z');
const MINUTES = 130;
/** More than a page of the API holds. */
const REPORTS = 110;
const SPAN = ['--from', '2026-03-03', '--to', '2026-03-04'];
const CONFIGURATION = parseConfiguration('schedule: [{ name: nightly, at: "30 3 * * *" }]\ntimeZone: UTC\n');
const NIGHTLY = { atMs: END_MS, outcome: 'not-run', text: 'gateway was not examined: these are quiet hours' } as const;
const RECORD = { spending: {}, results: { nightly: NIGHTLY } };

/** A numeric user that owns nothing here. */
const AS_NOBODY = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
const mayBecomeNobody = (): boolean => {
  const [command, ...words] = [...AS_NOBODY, process.execPath, APPARENET, '--version'];
  return process.getuid?.() === 0 && spawnSync(command, words).status === 0;
};
const noNobody = mayBecomeNobody() ? false : 'needs root, setpriv, and a program that other users may read';

async function keep(): Promise<string> {
  const folder = makeFolder();
  const history = await History.open(join(folder, 'history'));
  const random = createRandom(3);
  const targets = drawTargets(random, 2, 0.5);
  for (let back = MINUTES; back >= 1; back -= 1) {
    const startMs = END_MS - back * PERIODS_MS.minute;
    await history.append(targets.map((target) => drawMinute(random, target, startMs)));
  }
  for (const [i, { name }] of targets.entries()) {
    const startedMs = END_MS - (i + 1) * PERIODS_MS.hour;
    const built = buildIncident(`i${i}`, startedMs, startedMs);
    await history.putIncident({ ...built, target: name, state: 'closed', endedMs: startedMs + PERIODS_MS.minute });
  }
  for (let i = 0; i < REPORTS; i += 1) {
    const startedAt = new Date(END_MS - (REPORTS - i) * PERIODS_MS.minute).toISOString();
    await history.addReport({ ...HEALTHY_REPORT, id: `R${String(i).padStart(5, '0')}`, startedAt });
  }
  await history.close();
  return folder;
}

async function serve(context: TestContext, folder: string) {
  const history = await History.open(join(folder, 'history'));
  const server = await startAnalysisServer({
    port: 0,
    socketPath: join(folder, 'tps.sock'),
    localSocketPath: join(folder, 'as.sock'),
    accessPath: join(folder, 'access.json'),
    history,
    readStanding: () => computeStanding(CONFIGURATION, RECORD, Date.now()),
    loadExamination: () => Promise.resolve(startExamination),
    onDefect: (error) => assert.fail(String(error)),
  });
  const stop = async (): Promise<void> => {
    await server.close();
    await history.close();
  };
  return stop;
}

test('what was kept reads the same from the running server as from its files', async (context) => {
  const folder = await keep();
  const asked = [
    ['history', ...SPAN],
    ['history', 'target-0', ...SPAN],
    ['history', ...SPAN, '--json'],
    ['history', 'target-1', ...SPAN, '--period', 'hour', '--json'],
    ['history', ...SPAN, '--csv'],
    ['history', ...SPAN, '--jsonl'],
    ['history', ...SPAN, '--report'],
    ['history', ...SPAN, '--report', '--json'],
    ['history', 'nowhere', ...SPAN],
    ['incidents', '--json'],
    ['incidents', '--limit', '1', '--target', 'target-1'],
    ['incidents', 'i0'],
    ['incidents', 'i9'],
    ['reports'],
    ['reports', '--limit', '101', '--json'],
    ['report', 'R00077'],
    ['reports', 'r00077', '--json'],
    ['report', 'R00O77'],
    ['report', 'XXXXXXXX'],
  ];
  const ask = (words: readonly string[]) => runProgram([...words, '--state-dir', folder], { env: { TZ: 'UTC' } });
  const fromFiles: Awaited<ReturnType<typeof ask>>[] = [];
  for (const words of asked) fromFiles.push(await ask(words));
  assert.match(fromFiles[0]?.stdout ?? '', /target-0 .*\ntarget-1 /);
  assert.equal(fromFiles[4]?.stdout.trim().split('\n').length, 1 + 2 * MINUTES);
  const stop = await serve(context, folder);
  // Whatever is told now is told by the server: nothing of it can be read any more.
  writeFileSync(join(folder, 'history', 'journal.gz'), 'nonsense');
  for (const kind of ['summaries', 'incidents']) rmSync(join(folder, 'history', kind), { recursive: true });
  for (const kind of ['summaries', 'incidents']) mkdirSync(join(folder, 'history', kind));
  for (const [i, words] of asked.entries()) assert.deepEqual(await ask(words), fromFiles[i], words.join(' '));
  await stop();
});

test('the calendar reads the same from the running server as from its files', async (context) => {
  const folder = makeFolder();
  const path = join(folder, 'config.yaml');
  writeFileSync(path, 'schedule: [{ name: nightly, at: "30 3 * * *" }]\ntimeZone: UTC\n');
  writeFileSync(join(folder, 'calendar.json'), JSON.stringify({ schema: 'apparenet.calendar/1', ...RECORD }));
  const words = ['schedule', '--state-dir', folder];
  const fromFiles = await runProgram([...words, '--config', path]);
  assert.match(fromFiles.stdout, /^nightly +\d{4}-.* 03:30 +2026-03-04 00:00 +gateway was not examined/m);
  const stop = await serve(context, folder);
  rmSync(join(folder, 'calendar.json'));
  assert.deepEqual(await runProgram(words), fromFiles);
  await stop();
});

test('who may neither ask the server nor read its files hears what to do', { skip: noNobody }, async (context) => {
  const folder = await keep();
  chmodSync(folder, 0o755);
  chmodSync(join(folder, 'history'), 0o700);
  const ask = (words: readonly string[]) => runProgram([...words, '--state-dir', folder], { before: AS_NOBODY });
  for (const words of [['history', '--report'], ['incidents']]) {
    const { exitCode, stderr } = await ask(words);
    assert.equal(exitCode, 77, stderr);
    assert.match(stderr, /no analysis server runs, and only root .* may read .*history\n.*sudo/);
  }
  const stop = await serve(context, folder);
  for (const words of [['history', '--report'], ['incidents'], ['schedule']]) {
    const { exitCode, stderr } = await ask(words);
    assert.equal(exitCode, 77, stderr);
    assert.match(stderr, /the analysis server runs, and only root and the group .*as\.sock\n.*sudo usermod -aG/);
  }
  await stop();
});
