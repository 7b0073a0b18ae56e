// A port under a box that watches: its speed and duplex change, also while it has no link. The port is a TAP, which takes what ethtool
// sets as a real one would negotiate it, and runs no slower for it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { createEmulatedPath, type EmulatedPath } from '../emulator/emulated-path.js';
import { liveSkip } from '../test-path.js';
import { WatchedBox } from './watched-box.js';

const hasEthtool = spawnSync('ethtool', ['--version']).status === 0;
const skip = liveSkip !== false ? liveSkip : hasEthtool ? false : 'needs ethtool';

describe('a port that changes under a box that watches', { skip }, () => {
  let path: EmulatedPath;
  let box: WatchedBox;
  const set = (speed: string, duplex: string): void =>
    void path.exec('near', 'ethtool', '-s', path.port, 'speed', speed, 'duplex', duplex);

  before(async () => {
    path = await createEmulatedPath(['link rate=1G delay=200u']);
    set('1000', 'full');
    box = await WatchedBox.start(path, `targets: [{ name: far, address: ${path.farAddress} }]\n`);
    await box.waitForMinutes('far', 1);
  });
  after(async () => {
    await box.remove();
    path.remove();
  });

  test('another speed and duplex are events, each once', async () => {
    set('100', 'half');
    const [speed, duplex] = [await box.waitForEvent('speed-changed'), await box.waitForEvent('duplex-changed')];
    assert.equal(speed.text, 'Port em0 runs at 100 Mb/s instead of 1 Gb/s.');
    assert.equal(duplex.text, 'Port em0 runs in half duplex instead of full.');
    assert.deepEqual([speed.severity, duplex.severity], ['warning', 'warning']);
  });

  test('a link that comes back slower is told as both', async () => {
    path.exec('near', 'ip', 'link', 'set', path.port, 'down');
    const lost = await box.waitForEvent('link-lost');
    assert.equal(lost.severity, 'critical');
    set('10', 'half');
    path.exec('near', 'ip', 'link', 'set', path.port, 'up');
    await box.waitForEvent('link-back');
    await box.waitForMinutes('far', 1);
    const told = (await box.listEvents()).filter(({ target }) => target === null).map(({ kind, text }) => [kind, text]);
    assert.deepEqual(told.slice(0, 2).sort(), [
      ['link-back', 'Port em0 has a link again.'],
      ['speed-changed', 'Port em0 runs at 10 Mb/s instead of 100 Mb/s.'],
    ]);
    assert.equal(told.length, 5);
  });
});
