import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { DeviceError } from '../../../src/model/errors.js';
import type { PathDescription, Prober } from '../../../src/model/path.js';
import { openSimulated } from '../../../src/prober/simulated/simulated-prober.js';
import { KeptPath } from '../../../src/server/monitors/kept-path.js';
import { findScenario } from '../../../src/simulator/scenarios.js';

const NEVER = new AbortController().signal;
const ELEVEN_MINUTES_MS = 660_000;

describe('the path of a watched target', () => {
  let gateway: string;
  let address: string;
  let elapsedMs: number;
  let isBroken: boolean;
  let closed: string[];
  let seen: PathDescription[];
  let kept: KeptPath;

  /** Each with a number of its own, to tell them apart. */
  let opened = 0;
  const open = (): Promise<Prober> => {
    if (isBroken) return Promise.reject(new DeviceError('device.route', 'no route'));
    opened += 1;
    const name = `path-${opened}`;
    const inner = openSimulated(findScenario('healthy'), 1);
    const path = { ...inner.path, target: { ...inner.path.target, address }, notes: [name] };
    return Promise.resolve({
      path,
      openingCost: inner.openingCost,
      run: (sequence, options) => inner.run(sequence, options),
      close: () => {
        closed.push(name);
        return inner.close();
      },
    });
  };
  const take = async (isSilent = false): Promise<string | undefined> =>
    (await kept.take(isSilent, NEVER)).path.notes[0];
  /** Begins to open anew where that is due, and looks what came of it. */
  const renew = async (isSilent = false): Promise<string | undefined> => {
    elapsedMs += ELEVEN_MINUTES_MS;
    await take(isSilent);
    await setImmediate();
    return take(isSilent);
  };

  beforeEach(() => {
    [gateway, address, elapsedMs, isBroken, closed, seen, opened] = ['192.0.2.1', '192.0.2.9', 0, false, [], [], 0];
    kept = new KeptPath({
      request: { target: 'host', via: 'auto' },
      open,
      share: 0,
      readGateway: () => gateway,
      readElapsedMs: () => elapsedMs,
      onOpened: (path) => seen.push(path),
    });
  });

  it('is opened once, and anew every ten minutes', async () => {
    assert.equal(await take(), 'path-1');
    assert.equal(await take(), 'path-1');
    assert.equal(await renew(), 'path-2');
    assert.deepEqual(closed, ['path-1']);
    assert.equal(seen.length, 2);
  });

  it('is opened anew at once when the default gateway is another', async () => {
    await take();
    gateway = '192.0.2.254';
    assert.equal(await take(), 'path-2');
    assert.deepEqual(closed, ['path-1']);
  });

  it('stays while the target is silent, unless it moved', async () => {
    await take();
    assert.equal(await renew(true), 'path-1');
    assert.deepEqual(closed, ['path-2']);
    address = '192.0.2.10';
    assert.equal(await renew(true), 'path-3');
  });

  it('stays where a new one cannot be opened', async () => {
    await take();
    isBroken = true;
    assert.equal(await renew(), 'path-1');
    await kept.drop();
    await assert.rejects(take(), { code: 'device.route' });
    isBroken = false;
    assert.equal(await take(), 'path-2');
  });
});
