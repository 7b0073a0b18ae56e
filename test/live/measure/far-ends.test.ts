// `measure` towards whatever may stand at the far end: each gets its figure, or a sentence that says what to change.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { runProgram, type Outcome } from '../../unit/cli/run-program.js';
import { createTestPath, liveSkip, type TestPath } from '../test-path.js';

describe('a far end without a reflector', { skip: liveSkip }, () => {
  let path: TestPath;
  before(() => {
    path = createTestPath();
  });
  after(() => path.remove());

  const measure = (...words: string[]): Promise<Outcome> =>
    runProgram(['measure', ...words], { before: ['ip', 'netns', 'exec', path.near] });

  test('that echoes is measured by echo, and both directions together', async () => {
    const { exitCode, stdout, stderr } = await measure(path.farAddress, 'reordering');
    assert.equal(exitCode, 0, stdout + stderr);
    assert.match(stdout, /by ICMP echo, round trips only\nreordering {2}0 %/);
    assert.match(stdout, /No answer by STAMP .* both directions together/);
  });

  test('on the link alone is named with its port', async () => {
    const shown = path.exec('far', 'ip', '-6', 'address', 'show', 'dev', 'fp', 'scope', 'link');
    const address = /fe80[0-9a-f:]+/.exec(shown)?.[0] ?? assert.fail(shown);
    const { exitCode, stdout, stderr } = await measure(`${address}%${path.port}`, 'dscp');
    assert.equal(exitCode, 0, stdout + stderr);
    assert.match(stdout, /^EF +unknown +as sent/m);
    const bare = await measure(address, 'dscp');
    assert.equal(bare.exitCode, 64);
    assert.match(bare.stderr, /is link-local: name its port, as in fe80\S+%eth0\n$/);
  });

  test('that is asked by SYN does not tell marks, and the report says why', async () => {
    const { stdout } = await measure(path.farAddress, 'dscp', '--via', 'tcp');
    assert.match(stdout, /^EF +unknown +unknown/m);
    assert.match(stdout, /TCP marks its answers as it likes/);
  });

  test('that refuses by a message a second cannot be filled, and the reason is told', async () => {
    const { exitCode, stdout, stderr } = await measure(path.farAddress, 'responsiveness', '--via', 'udp');
    assert.deepEqual([exitCode, stdout], [3, '']);
    assert.match(stderr, /This fills the path: up to 150 MB in 20 s/);
    assert.match(stderr, /The target limits its answers, so that the path could not be filled/);
  });

  test('faster than the probe leaves at least what the probe sent', async () => {
    const { exitCode, stdout, stderr } = await measure(path.farAddress, 'available');
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /^available {2}at least [\d.]+ [GM]b\/s {2}\(\d+ samples, poor, limited by the probe\)$/m);
  });

  test('that is many hosts is refused, whether there is a route or not', async () => {
    for (const many of ['224.0.0.1', 'ff02::1', '10.66.0.255']) {
      const { exitCode, stderr } = await measure(many, 'loss');
      assert.equal(exitCode, 64, stderr);
      assert.match(stderr, /is a broadcast or multicast address: name one host\n$/);
    }
  });

  test('whose port is down is unreachable', async () => {
    path.exec('far', 'ip', 'link', 'set', 'fp', 'down');
    const { exitCode, stderr } = await measure(path.farAddress, 'available');
    path.exec('far', 'ip', 'link', 'set', 'fp', 'up');
    assert.equal(exitCode, 3);
    assert.match(stderr, /available could not be measured: .*(Unreachable|no carrier|down)/s);
  });
});
