// Proves that a STAMP reflector of another make is measured for what it tells: a stateless one copies our numbers, and loss
// behind it must not be laid to one direction.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Report } from '../../../src/model/report.js';
import { APPARENET, createTestPath, liveSkip, runFailing, startReady } from '../test-path.js';

const REFLECTOR = fileURLToPath(new URL('./stateless-reflector.js', import.meta.url));

test('loss behind a stateless reflector has no direction', { skip: liveSkip }, async () => {
  const path = createTestPath();
  try {
    const stop = await startReady(path, 'far', [process.execPath, REFLECTOR], /ready/);
    const { stdout } = runFailing(path, 'near', [
      process.execPath,
      APPARENET,
      'measure',
      path.farAddress,
      'loss',
      '--json',
    ]);
    await stop();
    const { estimates, target, limits } = JSON.parse(stdout) as Report;
    assert.equal(target.via, 'stamp');
    const { roundTrip, forward, reverse } = estimates.loss;
    assert.ok(roundTrip && roundTrip.low <= 0.1 && roundTrip.high >= 0.1, JSON.stringify(roundTrip));
    assert.deepEqual({ forward, reverse }, { forward: null, reverse: null });
    assert.match(limits.join('\n'), /udp\/3237/);
  } finally {
    path.remove();
  }
});
