import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Beat } from '../../../src/sequencer/control/beat.js';

describe('a beat', () => {
  it('is one timer for all who listen, and none when they have left', (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const beat = new Beat(10_000);
    const heard: string[] = [];
    const leaveFirst = beat.listen(() => heard.push('first'));
    t.mock.timers.tick(9_000);
    const leaveSecond = beat.listen(() => heard.push('second'));
    t.mock.timers.tick(1_000);
    assert.deepEqual(heard, ['first', 'second'], 'who came later hears the same beat');
    leaveFirst();
    leaveFirst();
    t.mock.timers.tick(10_000);
    assert.deepEqual(heard, ['first', 'second', 'second']);
    leaveSecond();
    t.mock.timers.tick(100_000);
    assert.equal(heard.length, 3);
  });

  it('begins anew for who listens after all have left', (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const beat = new Beat(10_000);
    let count = 0;
    const act = (): void => void (count += 1);
    const leave = beat.listen(act);
    beat.listen(act)();
    t.mock.timers.tick(10_000);
    assert.equal(count, 1, 'the same function may listen twice; each leaves for itself');
    leave();
    t.mock.timers.tick(5_000);
    beat.listen(act);
    t.mock.timers.tick(9_999);
    assert.equal(count, 1);
    t.mock.timers.tick(1);
    assert.equal(count, 2);
  });
});
