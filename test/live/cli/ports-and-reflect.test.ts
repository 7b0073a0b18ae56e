// Who listens, here and there, and the reflector in the foreground.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { APPARENET, createTestPath, liveSkip, startReady, type TestPath } from '../test-path.js';
import { runProgram, type Outcome } from '../../unit/cli/run-program.js';

interface PortsFacts {
  readonly ports: readonly {
    readonly port: number;
    readonly protocol: string;
    readonly judgement?: string;
    readonly listeners?: readonly { readonly judgement: string; readonly pid: number | null }[];
  }[];
}

/** A stranger: a program of somebody else on one of our ports. */
const STRANGER = `require('net').createServer((socket) => socket.end('220 hello\\r\\n')).listen(3238, () => console.log('ready'))`;

describe('ports and reflect', { skip: liveSkip }, () => {
  let path: TestPath;
  const inside = (where: 'near' | 'far', words: readonly string[]): Promise<Outcome> =>
    runProgram(words, { before: ['ip', 'netns', 'exec', path[where]] });
  const judgements = ({ stdout }: Outcome): Record<string, string | undefined> =>
    Object.fromEntries(
      (JSON.parse(stdout) as PortsFacts).ports.map(({ port, protocol, judgement, listeners }) => [
        `${port}/${protocol}`,
        judgement ?? listeners?.[0]?.judgement,
      ]),
    );

  before(() => {
    path = createTestPath();
  });
  after(() => path.remove());

  test('a machine with nothing on its ports is free and fine', async () => {
    const outcome = await inside('near', ['ports', path.farAddress, '--json']);
    assert.equal(outcome.exitCode, 0, outcome.stderr);
    assert.deepEqual(judgements(outcome), {
      '3237/udp': 'free',
      '3237/tcp': 'free',
      '3238/tcp': 'free',
      '3239/tcp': 'free',
    });
  });

  test('a machine that does not answer is unknown', async () => {
    const { exitCode, stdout } = await inside('near', ['ports', '10.66.0.77']);
    assert.equal(exitCode, 3, stdout);
    assert.match(stdout, /3238\/tcp +analysis server +no answer/);
  });

  test('a reflector is ours and a stranger is something to look into, seen from both sides', async () => {
    const reflector = [process.execPath, APPARENET, 'reflect', '--udp-port', '3237'];
    const stopReflector = await startReady(path, 'far', reflector, /reflecting on udp\/3237/);
    const stopStranger = await startReady(path, 'far', [process.execPath, '-e', STRANGER], /ready/);
    try {
      const there = await inside('near', ['ports', path.farAddress6, '--json']);
      assert.equal(there.exitCode, 1, there.stderr);
      assert.deepEqual(judgements(there), {
        '3237/udp': 'ours',
        '3237/tcp': 'free',
        '3238/tcp': 'unexpected',
        '3239/tcp': 'free',
      });
      const here = await inside('far', ['ports', '--json']);
      assert.equal(here.exitCode, 1, here.stderr);
      const seen = judgements(here);
      assert.deepEqual([seen['3237/udp'], seen['3238/tcp'], seen['3239/tcp']], ['ours', 'unexpected', undefined]);
    } finally {
      await stopStranger();
      await stopReflector();
    }
  });

  test('Ctrl-C ends the reflector with its counters and 0', async () => {
    const words = [process.execPath, APPARENET, 'reflect', '--port', 'fp', '--allow', '10.66.0.0/24'];
    const child = path.start('far', words, { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    assert.ok(child.stderr);
    await once(child.stderr, 'data');
    const examined = await inside('near', ['measure', path.farAddress, 'loss', '--via', 'stamp']);
    assert.equal(examined.exitCode, 0, examined.stdout + examined.stderr);
    child.kill('SIGINT');
    const [exitCode] = (await once(child, 'close')) as [number | null];
    assert.equal(exitCode, 0);
    const [, received = '', reflected = ''] = /^(\d+) received · (\d+) reflected/m.exec(stdout) ?? [];
    assert.ok(Number(received) > 0, stdout);
    assert.equal(reflected, received);
  });

  test('a source outside of --allow gets no answer', async () => {
    const words = [process.execPath, APPARENET, 'reflect', '--udp-port', '3237', '--allow', '198.51.100.0/24'];
    const stop = await startReady(path, 'far', words, /reflecting on udp\/3237/);
    try {
      const outcome = await inside('near', ['ports', path.farAddress, '--json']);
      assert.equal(judgements(outcome)['3237/udp'], 'silent');
    } finally {
      await stop();
    }
  });
});
