// Proves that the far end's own trains measure the way back alone, end with who asked for them, and are off where they are switched
// off. Two namespaces, the far port slower than the near one. Cannot prove how exactly a busy far end keeps its instants.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { APPARENET, createTestPath, liveSkip, runFailing, startReady, type TestPath } from '../test-path.js';
import type { FarTrainOutcome } from './far-train-run.js';

const RUN = fileURLToPath(new URL('./far-train-run.js', import.meta.url));
const REVERSE_BITS_PER_SEC = 20e6;
const FRAME_BITS = 8 * 1514;
/** The bucket makes up for 24 ms in which this machine stands still; one of two packets would lose the rate for good. */
const BUCKET_BYTES = 60_000;
/** More than the bucket lets through at once: what comes after these has the rate. */
const HEAD_PACKETS = 45;
const MS = 1_000_000;
/** A packet a millisecond, far longer than a test takes. */
const LONG = { kind: 'isochronous', count: 20_000, intervalNs: MS, sizeBytes: 200 };

describe('trains of the far end', { skip: liveSkip }, () => {
  let path: TestPath;
  let stopReflector: () => Promise<void>;
  before(async () => {
    path = createTestPath();
    path.exec('near', ...`tc qdisc add dev np root tbf rate 100mbit burst 3000 limit 300000`.split(' '));
    path.exec('far', ...`tc qdisc add dev fp root tbf rate 20mbit burst ${BUCKET_BYTES} limit 300000`.split(' '));
    stopReflector = await startReady(path, 'far', ['node', APPARENET, 'reflect'], /3237/);
  });
  after(async () => {
    await stopReflector();
    path.remove();
  });

  function run(address: string, pattern: object, cancelMs = 0): FarTrainOutcome {
    const command = [process.execPath, RUN, address, JSON.stringify(pattern), String(cancelMs)];
    const { status, stdout, stderr } = runFailing(path, 'near', command);
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout.split('\n')[1] ?? '') as FarTrainOutcome;
  }

  const readArrived = (): number => Number(path.exec('near', 'cat', '/sys/class/net/np/statistics/rx_packets').trim());

  for (const family of [4, 6] as const) {
    test(`the rate of the way back is that of the far port, over IPv${family}`, () => {
      const trains = { trains: 5, packetsPerTrain: 120, gapNs: 0, spacingNs: 120 * MS, sizeBytes: 1500 };
      const { farSends, train } = run(family === 4 ? path.farAddress : path.farAddress6, { kind: 'train', ...trains });
      assert.ok(farSends && train);
      assert.ok(train.isSent.every((sent) => sent === 1));
      const rates = [0, 1, 2, 3, 4].map((burst) => {
        const arrivals = train.rxOffsetNs.filter((ns, row): ns is number => train.burst[row] === burst && ns !== null);
        assert.equal(arrivals.length, 120);
        const steady = arrivals.slice(HEAD_PACKETS);
        return ((steady.length - 1) * FRAME_BITS * 1e9) / ((steady.at(-1) ?? 0) - (steady[0] ?? 0));
      });
      const median = rates.toSorted((a, b) => a - b)[2] ?? 0;
      assert.ok(Math.abs(median / REVERSE_BITS_PER_SEC - 1) < 0.05, `rates ${rates.join(' ')}`);
    });
  }

  test('a chirp leaves as it was planned here, never sooner', () => {
    const gaps = { firstGapNs: 20 * MS, spreadFactor: 1.2, spacingNs: 30 * MS, sizeBytes: 200 };
    const { train } = run(path.farAddress, { kind: 'chirp', chirps: 2, packetsPerChirp: 15, ...gaps });
    assert.ok(train);
    const lateNs = train.farTxOffsetNs.map((ns, row) => (ns ?? NaN) - (train.plannedOffsetNs[row] ?? NaN));
    // All from one start, which nobody here knows: the least late of them is on time.
    const startNs = Math.min(...lateNs);
    assert.ok(lateNs.every(Number.isFinite));
    const typicalNs = lateNs.toSorted((a, b) => a - b)[15] ?? NaN;
    assert.ok(typicalNs - startNs < 5 * MS, `half of them ${typicalNs - startNs} ns later than the first`);
  });

  test('a canceled run tells the far end to stop', async () => {
    const { interrupted, train } = run(path.farAddress, LONG, 400);
    assert.equal(interrupted, true);
    const sent = train?.isSent.filter((flag) => flag === 1).length ?? 0;
    assert.ok(sent > 0 && sent < LONG.count, `${sent} sent`);
    // The process has ended by now; without a word the far end would go on for half a second.
    const before = readArrived();
    await sleep(150);
    assert.ok(readArrived() - before < 10, `${readArrived() - before} packets still came`);
  });

  test('a train ends soon after who asked for it has vanished', async () => {
    const command = [process.execPath, RUN, path.farAddress, JSON.stringify(LONG), '0'];
    const child = path.start('near', command, { stdio: ['ignore', 'pipe', 'inherit'] });
    assert.ok(child.stdout);
    await once(child.stdout, 'data');
    const atStart = readArrived();
    // Ends when the train has been seen, or with the test's own time.
    while (readArrived() - atStart < 100) await sleep(20);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await sleep(1_000);
    const before = readArrived();
    await sleep(200);
    assert.ok(readArrived() - before < 10, `${readArrived() - before} packets still came`);
  });

  test('a reflector may be told to send nothing of its own', async () => {
    await stopReflector();
    stopReflector = await startReady(path, 'far', ['node', APPARENET, 'reflect', '--no-trains'], /3237/);
    const { farSends, train } = run(path.farAddress, LONG);
    assert.deepEqual([farSends, train], [false, null]);
  });
});
