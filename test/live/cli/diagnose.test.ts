// The command line on real packets: verdicts, missing rights, a sequencer that stands in, Ctrl-C.
import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  APPARENET,
  AS_NOBODY,
  createTestPath,
  liveSkip,
  ordinaryUserSkip,
  startReady,
  type TestPath,
} from '../test-path.js';
import { runProgram, type Outcome, type RunOptions } from '../../unit/cli/run-program.js';

interface ReportFacts {
  readonly schema: string;
  readonly verdict: string;
  readonly cost: { readonly bytes: number };
  readonly findings: readonly { readonly condition: string }[];
  readonly estimates: { readonly loss: { readonly roundTrip: { readonly value: number } | null } };
}

const readReport = ({ stdout }: Outcome): ReportFacts => JSON.parse(stdout) as ReportFacts;

describe('diagnose', { skip: liveSkip }, () => {
  let path: TestPath;
  const near = (words: readonly string[], options: RunOptions = {}): Promise<Outcome> =>
    runProgram(words, { ...options, before: ['ip', 'netns', 'exec', path.near, ...(options.before ?? [])] });

  before(() => {
    path = createTestPath();
  });
  after(() => path.remove());

  test('a path without a fault ends with 0; --json is one document and nothing else', async () => {
    const outcome = await near(['diagnose', path.farAddress, '--quick', '--json']);
    assert.equal(outcome.exitCode, 0, outcome.stdout + outcome.stderr);
    assert.equal(outcome.stderr, '');
    const report = readReport(outcome);
    assert.equal(report.schema, 'apparenet.report/1');
    assert.equal(report.verdict, 'ok');
    assert.equal(report.estimates.loss.roundTrip?.value, 0);
  });

  test('IPv6 in brackets, with a port and a way named', async () => {
    const words = ['diagnose', `[${path.farAddress6}]`, '--quick', '--port', path.port, '--via', 'icmp'];
    const { exitCode, stdout, stderr } = await near(words);
    assert.equal(exitCode, 0, stdout + stderr);
    assert.match(stdout, /^np .* by ICMP echo, round trips only$/m);
    assert.match(stdout, /^OK {2}/m);
  });

  test('a target that is not there ends with 2 and is called unreachable', async () => {
    const outcome = await near(['diagnose', '10.66.0.77', '--quick', '--json']);
    assert.equal(outcome.exitCode, 2, outcome.stderr);
    const report = readReport(outcome);
    assert.equal(report.findings[0]?.condition, 'unreachable');
    assert.equal(report.estimates.loss.roundTrip?.value, 1);
  });

  test('measure prints the one quantity', async () => {
    const { exitCode, stdout, stderr } = await near(['measure', path.farAddress, 'loss']);
    assert.equal(exitCode, 0, stdout + stderr);
    assert.match(stdout, /^loss {2}0 % \(below [\d.]+\) {2}\(95 % interval, \d+ samples, \w+\)$/m);
  });

  test('a name that does not resolve is wrong usage', async () => {
    const { exitCode, stdout, stderr } = await near(['diagnose', 'nowhere.invalid']);
    assert.deepEqual([exitCode, stdout], [64, '']);
    assert.match(stderr, /^apparenet: "nowhere\.invalid" is neither an address nor a name that resolves\n$/);
  });

  test('without a route it is unknown, and says why in one line', async () => {
    const { exitCode, stdout, stderr } = await near(['diagnose', '192.0.2.1']);
    assert.deepEqual([exitCode, stdout], [3, '']);
    assert.match(stderr, /^apparenet: [^\n]*route[^\n]*\n$/);
  });

  test('an ordinary user gets 77, the capability and the commands that help', { skip: ordinaryUserSkip }, async () => {
    for (const [called, words] of [
      ['apparenet', ['diagnose', path.farAddress]],
      ['scripts/apparenet', ['measure', path.farAddress, 'loss', '--json']],
    ] as const) {
      const env = { APPARENET_COMMAND: called };
      const { exitCode, stdout, stderr } = await near(words, { before: AS_NOBODY, env });
      assert.deepEqual([exitCode, stdout], [77, '']);
      assert.match(stderr, /CAP_NET_RAW/);
      assert.match(stderr, /sudo setcap \S*cap_net_raw\S*\+ep \/\S*node/);
      assert.ok(stderr.includes(`sudo ${called} ${words.join(' ')}\n`), stderr);
    }
  });

  test("an ordinary user's wrong argument is still wrong usage", { skip: ordinaryUserSkip }, async () => {
    const { exitCode } = await near(['diagnose', path.farAddress, '--port', 'nope7'], { before: AS_NOBODY });
    assert.equal(exitCode, 64);
  });

  test(
    'a sequencer of the same network namespace stands in for an ordinary user; one elsewhere does not',
    { skip: ordinaryUserSkip },
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'apparenet-cli-'));
      const socket = join(folder, 'apparenet', 'tps.sock');
      chmodSync(folder, 0o755);
      mkdirSync(join(folder, 'apparenet'));
      const run = [process.execPath, APPARENET, 'run', '--only', 'tps', '--tps-socket', socket];
      const stop = await startReady(path, 'near', run, /sequencer/);
      try {
        chownSync(socket, 65534, 65534);
        const words = ['diagnose', path.farAddress, '--quick', '--json'];
        const env = { XDG_RUNTIME_DIR: folder };
        const here = await near(words, { before: AS_NOBODY, env });
        assert.equal(here.exitCode, 0, here.stderr);
        assert.equal(readReport(here).verdict, 'ok');
        const elsewhere = await runProgram(['diagnose', path.nearAddress, '--quick'], {
          before: ['ip', 'netns', 'exec', path.far, ...AS_NOBODY],
          env,
        });
        assert.equal(elsewhere.exitCode, 77, elsewhere.stdout);
      } finally {
        await stop();
        rmSync(folder, { recursive: true });
      }
    },
  );

  test('the first Ctrl-C brings the report of what is known', async () => {
    const beganAt = readSentPackets(path);
    const outcome = await near(['diagnose', path.farAddress, '--deep', '--json'], {
      onStart: (child) => {
        // Well into the examination: choosing the way takes a few packets only.
        const timer = setInterval(() => {
          if (readSentPackets(path) < beganAt + 100) return;
          clearInterval(timer);
          child.kill('SIGINT');
        }, 50);
        child.once('exit', () => clearInterval(timer));
      },
    });
    const report = readReport(outcome);
    assert.equal(outcome.signal, null);
    assert.equal(report.schema, 'apparenet.report/1');
    const exitCodes: Readonly<Record<string, number>> = { ok: 0, warning: 1, critical: 2, unknown: 3 };
    assert.equal(outcome.exitCode, exitCodes[report.verdict]);
    assert.ok(report.cost.bytes < 5_000_000, `${report.cost.bytes} bytes: nothing was cut short`);
  });
});

/** Packets that left the near port so far: the tenth column of /proc/net/dev. */
function readSentPackets(path: TestPath): number {
  const row = path
    .exec('near', 'cat', '/proc/net/dev')
    .split('\n')
    .find((line) => line.trim().startsWith(`${path.port}:`));
  return Number(row?.trim().split(/\s+/)[10]);
}
