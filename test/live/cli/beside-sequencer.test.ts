// Commands of root beside a sequencer that runs in the same network namespace: it sends for them, so that two senders never meet.
import assert from 'node:assert/strict';
import { spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { computeControlSocketPath } from '../../../src/model/parts.js';
import type { Report } from '../../../src/model/report.js';
import { readStatus } from '../../../src/prober/remote/read-status.js';
import { runProgram, type Outcome } from '../../unit/cli/run-program.js';
import { CHECKOUT, createTestPath, liveSkip, startReady, type TestPath } from '../test-path.js';

const SOCKET = computeControlSocketPath(0, undefined);
const skip =
  liveSkip !== false
    ? liveSkip
    : spawnSync('nsenter', ['--version']).status === 0
      ? false
      : 'needs nsenter (util-linux)';

describe('commands of root', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'apparenet-beside-'));
  let path: TestPath;
  let tps: ChildProcess | undefined;
  let stopTps: () => Promise<void> = () => Promise.resolve();
  const pid = (): string => String(tps?.pid);
  /** Runs that the sequencer has done; its socket lies in a /run of its own. */
  const countRuns = async (): Promise<number> => (await readStatus(`/proc/${pid()}/root${SOCKET}`)).runs.completed;
  const check = ({ exitCode, stderr, stdout }: Outcome): Report => {
    assert.equal(exitCode, 0, stderr);
    assert.doesNotMatch(stderr, /did not keep/);
    return JSON.parse(stdout) as Report;
  };
  before(async () => {
    path = createTestPath();
    const script = `mount -t tmpfs none /run && exec "$0" ${join(CHECKOUT, 'dist/src/main/tps.js')}`;
    const start: TestPath['start'] = (...words) => (tps = path.start(...words));
    stopTps = await startReady({ start }, 'near', ['sh', '-c', script, process.execPath], /sequencer/);
  });
  after(async () => {
    await stopTps();
    path.remove();
    rmSync(folder, { recursive: true });
  });

  test('go through it', async () => {
    const config = join(folder, 'config.yaml');
    const target = `targets: [{ name: far, address: ${path.farAddress} }]`;
    writeFileSync(config, `${target}\nschedule: [{ name: now, at: "0 4 * * *", depth: quick }]\n`);
    for (const words of [
      ['diagnose', path.farAddress, '--quick'],
      ['measure', path.farAddress, 'mtu'],
      ['schedule', 'run', 'now', '--config', config],
    ]) {
      const runsBefore = await countRuns();
      const outcome = await runProgram([...words, '--json'], {
        before: ['nsenter', '--target', pid(), '--mount', '--net'],
      });
      check(outcome);
      assert.ok((await countRuns()) > runsBefore, words.join(' '));
    }
  });

  test('give their reports to the analysis server that runs there', async () => {
    const config = join(folder, 'empty.yaml');
    writeFileSync(config, '');
    const enter = ['nsenter', '--target', pid(), '--mount', '--net'];
    const as = [
      'as.js',
      '--tps-socket',
      SOCKET,
      '--state-dir',
      join(folder, 'state'),
      '--config',
      config,
      '--as-port',
      '0',
    ];
    const words = [...enter, process.execPath, join(CHECKOUT, 'dist/src/main', as[0] ?? ''), ...as.slice(1)];
    const stopAs = await startReady(path, 'near', words, /analysis server/);
    const { id } = check(await runProgram(['measure', path.farAddress, 'mtu', '--json'], { before: enter }));
    const listed = await runProgram(['reports', '--json'], { before: enter });
    await stopAs();
    const { reports } = JSON.parse(listed.stdout) as { readonly reports: readonly Report[] };
    assert.deepEqual(
      reports.map((report) => report.id),
      [id],
    );
  });

  test('send by themselves where none is, and say nothing of it', async () => {
    const runsBefore = await countRuns();
    const report = check(
      await runProgram(['measure', path.farAddress, 'mtu', '--json'], { before: ['ip', 'netns', 'exec', path.near] }),
    );
    assert.equal(await countRuns(), runsBefore);
    assert.ok(
      report.limits.every((limit) => !limit.includes('sequencer')),
      report.limits.join(' '),
    );
  });
});
