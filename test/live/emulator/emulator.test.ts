// Proves that the emulator's faults are the ones it is asked for, told by plain UDP, so that what the product says of them can be
// compared with the truth. Bounds are wide: other programs share this machine.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { CHECKOUT, liveSkip, startReady } from '../test-path.js';
import { createEmulatedPath } from './emulated-path.js';

const PROCESS = [process.execPath, join(CHECKOUT, 'dist/test/live/emulator/udp-burst-process.js')];

interface Sent {
  readonly count: number;
  readonly bytes: number;
  /** 0: all at once; on a busy machine still faster than 10 Mb/s. */
  readonly gapMs: number;
}

interface Returned {
  readonly lossPercent: number;
  readonly copies: number;
}

const LARGE_BURST: Sent = { count: 150, bytes: 1428, gapMs: 0 };
const LARGE_ALONE: Sent = { count: 40, bytes: 1428, gapMs: 40 };

async function send(stages: readonly string[], ...runs: readonly Sent[]): Promise<Returned[]> {
  const path = await createEmulatedPath(stages);
  try {
    const stop = await startReady(path, 'far', [...PROCESS, 'echo', path.farAddress], /ready/);
    const returned = runs.map(({ count, bytes, gapMs }) => {
      const words = [path.farAddress, count, bytes, gapMs].map(String);
      return JSON.parse(path.exec('near', ...PROCESS, 'send', ...words)) as Returned;
    });
    await stop();
    return returned;
  } finally {
    path.remove();
  }
}

const lossOf = (returned: Returned | undefined): number => returned?.lossPercent ?? NaN;

describe('the emulator', { skip: liveSkip }, () => {
  for (const [near, far] of [
    ['full', 'half'],
    ['half', 'full'],
  ]) {
    test(`${near} against ${far} duplex loses bursts of large packets, and hardly any sent alone`, async () => {
      const medium = `medium rate=10M near=${near} far=${far}`;
      const [burst, alone] = (await send([medium], LARGE_BURST, LARGE_ALONE)).map(lossOf);
      assert.ok(Number(burst) > 15, `bursts lost ${burst} %`);
      assert.ok(Number(alone) < 6, `alone ${alone} %`);
    });
  }

  // Not nothing: the station that lost a collision draws from ever more slots than the other (capture), now and then 16 times.
  test('half duplex at both ends loses little', async () => {
    const loss = lossOf((await send(['medium rate=10M near=half far=half'], LARGE_BURST))[0]);
    assert.ok(loss < 8, `lost ${loss} %`);
  });

  test('half duplex on a cable far too long loses by late collisions', async () => {
    const stages = ['medium rate=10M near=half far=half delay=500u', 'link rate=1G', 'copy ratio=1 way=reverse'];
    const loss = lossOf((await send(stages, { count: 300, bytes: 1428, gapMs: 3 }))[0]);
    assert.ok(loss > 3, `lost ${loss} %`);
  });

  test('bit errors hit large frames more', async () => {
    const runs = [1500, 60].map((bytes): Sent => ({ count: 1000, bytes, gapMs: 0 }));
    const [large, small] = (await send(['loss errors=0.00001'], ...runs)).map(lossOf);
    assert.ok(Number(large) > 15 && Number(large) < 29, `large lost ${large} %, 22 expected`);
    assert.ok(Number(small) < 4, `small lost ${small} %, 1 expected`);
  });

  test('a bucket without a queue drops bursts, and passes what is slower than its rate', async () => {
    const alone: Sent = { count: 50, bytes: 1428, gapMs: 20 };
    const [burst, slow] = (await send(['bucket rate=2M burst=20k way=forward'], LARGE_BURST, alone)).map(lossOf);
    assert.ok(Number(burst) > 30, `bursts lost ${burst} %`);
    assert.equal(slow, 0);
  });

  test('a size limit without a word, and copies', async () => {
    const sizes = [1401, 1400].map((bytes): Sent => ({ count: 5, bytes, gapMs: 1 }));
    assert.deepEqual((await send(['size most=1400'], ...sizes)).map(lossOf), [100, 0]);
    const [copied] = await send(['copy ratio=1 way=reverse'], { count: 5, bytes: 100, gapMs: 1 });
    assert.equal(copied?.copies, 5);
  });
});
