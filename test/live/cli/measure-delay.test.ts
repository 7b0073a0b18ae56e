// Delay, direction by direction, between two network namespaces: both stamp with the clock of one machine, so that the truth of
// their rates is known.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Report } from '../../../src/model/report.js';
import { runProgram } from '../../unit/cli/run-program.js';
import { APPARENET, createTestPath, liveSkip, startReady, type TestPath } from '../test-path.js';

describe('measure delay towards a reflector', { skip: liveSkip }, () => {
  let path: TestPath;
  let stopReflector: () => Promise<void>;

  before(async () => {
    path = createTestPath();
    const reflector = [process.execPath, APPARENET, 'reflect', '--udp-port', '3237'];
    stopReflector = await startReady(path, 'far', reflector, /reflecting on udp\/3237/);
  });
  after(async () => {
    await stopReflector();
    path.remove();
  });

  test('finds no drift between a clock and itself, and both directions', async () => {
    const words = ['measure', path.farAddress, 'delay', '--json'];
    const { stdout, stderr } = await runProgram(words, { before: ['ip', 'netns', 'exec', path.near] });
    const { estimates } = JSON.parse(stdout) as Report;
    const { clockSkewPpm, forward, reverse } = estimates.oneWay;
    assert.ok(clockSkewPpm !== null && forward !== null && reverse !== null, stderr);
    // One interval in thirty misses the truth, which is 0, by a little.
    assert.ok(clockSkewPpm.low <= 0.3 && clockSkewPpm.high >= -0.3, JSON.stringify(clockSkewPpm));
    const { propagation, rtt, queueing } = estimates;
    assert.ok(propagation !== null && rtt !== null && queueing !== null);
    assert.ok(propagation.low <= rtt.p50Ns, `${propagation.low} of ${rtt.p50Ns}`);
    assert.ok(queueing.p99Ns <= rtt.maxNs - rtt.minNs + 20_000, JSON.stringify({ rtt, queueing }));
  });
});
