// Proves what becomes of an examination whose port or path fails under it, and of a target that answers seldom. Real packets.
import assert from 'node:assert/strict';
import { spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Report } from '../../../src/model/report.js';
import { APPARENET, createTestPath, liveSkip, type TestPath } from '../test-path.js';

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Of 1,500 that a deep examination paces: it is in the middle of them. */
const PACKETS_BEFORE_HARM = 150;

const countSent = (path: TestPath): number =>
  Number(path.exec('near', 'cat', `/sys/class/net/${path.port}/statistics/tx_packets`));

/** Starts a long examination, lets it come to its paced packets, does `harm`, and waits for its end. */
async function examineUnder(path: TestPath, harm: (child: ChildProcess) => void): Promise<Outcome> {
  const command = [process.execPath, APPARENET, 'diagnose', path.farAddress, '--deep', '--json'];
  const child = path.start('near', command, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = once(child, 'exit') as Promise<[number | null]>;
  while (countSent(path) < PACKETS_BEFORE_HARM) {
    assert.equal(child.exitCode, null, `ended too early: ${stdout}${stderr}`);
    await setTimeout(20);
  }
  harm(child);
  const [code] = await ended;
  return { code, stdout, stderr };
}

describe('trouble under an examination', { skip: liveSkip }, () => {
  test('a port that vanishes ends it with a report of what is known', async () => {
    const path = createTestPath();
    try {
      const { stdout, stderr } = await examineUnder(path, () => path.exec('near', 'ip', 'link', 'del', path.port));
      const report = JSON.parse(stdout) as Report;
      assert.ok((report.estimates.loss.roundTrip?.samples ?? 0) > 0, stderr);
      assert.match(report.limits.join('\n'), /np|interrupted|stopped/i);
    } finally {
      path.remove();
    }
  });

  test('Ctrl-C ends the sending at once and reports what is known', async () => {
    const path = createTestPath();
    try {
      let sentAtInterrupt = 0;
      const { stdout } = await examineUnder(path, (child) => {
        child.kill('SIGINT');
        sentAtInterrupt = countSent(path);
      });
      // One packet leaves every 10 ms: what was on its way to the kernel, and nothing more.
      const sentLater = countSent(path) - sentAtInterrupt;
      assert.ok(sentLater <= 5, `${sentLater} packets after the interrupt`);
      const report = JSON.parse(stdout) as Report;
      assert.ok((report.estimates.rtt?.samples ?? 0) > 50);
      assert.match(report.limits.join('\n'), /stopped/i);
    } finally {
      path.remove();
    }
  });

  test('a target that limits its answers is measured slowly, not called lossy', () => {
    const path = createTestPath();
    try {
      const command = ['netns', 'exec', path.near, process.execPath, APPARENET, 'diagnose', path.farAddress];
      const { status, stdout } = spawnSync('ip', [...command, '--via', 'udp', '--json'], { encoding: 'utf8' });
      const report = JSON.parse(stdout) as Report;
      assert.equal(report.target.via, 'udp');
      assert.equal(report.estimates.loss.roundTrip?.value, 0);
      assert.ok(report.estimates.loss.roundTrip.samples >= 5);
      assert.deepEqual(report.findings, []);
      assert.notEqual(status, 2);
    } finally {
      path.remove();
    }
  });
});
