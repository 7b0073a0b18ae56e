// Settings of a real port around a real measurement: off while it runs, back after its end, after Ctrl-C and, by the next run, after
// a kill. A veth port has no coalescing and no link to sleep; its GRO and offloads stand for them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { APPARENET, createTestPath, liveSkip, type TestPath } from '../test-path.js';

const DIAGNOSE = [process.execPath, APPARENET, 'diagnose', '10.66.0.2', '--via', 'icmp', '--port', 'np'];
const SETTINGS = ['generic-receive-offload', 'generic-segmentation-offload', 'tx-tcp-segmentation'] as const;

describe('a port is put back', { skip: liveSkip }, () => {
  let path: TestPath;
  before(() => {
    path = createTestPath();
    path.exec('near', 'ethtool', '-K', 'np', 'gro', 'on', 'gso', 'on', 'tso', 'on');
  });
  after(() => path.remove());

  const readOn = (): string[] => {
    const said = path.exec('near', 'ethtool', '-k', 'np');
    return SETTINGS.filter((name) => new RegExp(`^\\s*${name}: on`, 'm').test(said));
  };
  const startUntilOff = async () => {
    const child = path.start('near', DIAGNOSE, { stdio: 'ignore' });
    const ended = once(child, 'exit');
    for (let tries = 0; tries < 100 && readOn().length > 0; tries += 1) await sleep(50);
    assert.deepEqual(readOn(), [], 'the settings are off while packets fly');
    return { child, ended };
  };

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`after ${signal}, which ends the sending with a report`, async () => {
      const { child, ended } = await startUntilOff();
      child.kill(signal);
      await ended;
      assert.deepEqual(readOn(), SETTINGS);
    });
  }

  it('after a second Ctrl-C, which waits for nothing', async () => {
    const { child, ended } = await startUntilOff();
    child.kill('SIGINT');
    await sleep(250);
    child.kill('SIGINT');
    await ended;
    assert.deepEqual(readOn(), SETTINGS);
  });

  it('by the next run, after a kill', async () => {
    const { child, ended } = await startUntilOff();
    child.kill('SIGKILL');
    await ended;
    assert.deepEqual(readOn(), []);
    path.exec('near', process.execPath, APPARENET, 'measure', '10.66.0.2', 'loss', '--via', 'icmp', '--port', 'np');
    assert.deepEqual(readOn(), SETTINGS);
  });
});
