// Each quantity of `apparenet measure` that paths of nft, tc and MTU cannot make, against what the emulator does: its rates, delays,
// losses, copies and detours are exact or drawn from a known distribution. What one run draws varies; bounds are five deviations of
// it or more. Maximum and delay under load stand in ../cli/measure-full-path.test.ts, MTU and marks in ../cli/mtu-and-marks.test.ts.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createTestPath, liveSkip, APPARENET, startReady } from '../test-path.js';
import type { Report } from '../../../src/model/report.js';
import { runProgram } from '../../unit/cli/run-program.js';
import { assertNear, createMeasuredPath, type MeasuredPath } from './measured-path.js';

function usePath(...stages: string[]): { get: () => MeasuredPath } {
  let path: MeasuredPath | null = null;
  before(async () => {
    path = await createMeasuredPath(...stages);
  });
  after(async () => path?.remove());
  return { get: () => path ?? assert.fail('no path') };
}

/** Where this machine stood still now and then, a run calls itself poor: it is then measured again, as its advice is, but not for ever. */
async function measureUntilTrusted(measure: () => Promise<Report>): Promise<Report> {
  let report = await measure();
  for (let again = 0; again < 3 && report.estimates.available.forward?.quality === 'poor'; again += 1)
    report = await measure();
  assert.notEqual(report.estimates.available.forward?.quality, 'poor', report.limits.join('; '));
  return report;
}

/** The emulator hands each frame on 50 µs late, each way. */
const EMULATOR_NS = 100e3;

describe('20 Mb/s there with 30 % of it taken, 40 Mb/s back', { skip: liveSkip }, () => {
  const path = usePath(
    'link rate=20M delay=2m overhead=0 load=0.3 way=forward',
    'link rate=40M delay=2m overhead=0 way=reverse',
  );

  test('capacity of both directions', async () => {
    const { capacity } = (await path.get().measure('capacity')).estimates;
    assertNear(capacity.forward, 20e6, 0.03);
    assertNear(capacity.reverse, 40e6, 0.03);
  });

  test('available bandwidth is what is left', async () => {
    const report = await measureUntilTrusted(() => path.get().measure('available'));
    assertNear(report.estimates.available.forward, 14e6, 0.2);
    assert.ok(report.cost.bytes <= 2.1e6, `${report.cost.bytes} bytes`);
  });

  test('utilization is what is taken', async () => {
    assertNear((await path.get().measure('utilization')).estimates.utilization.forward, 0.3, 0.4);
  });

  test('propagation apart from serialisation', async () => {
    const { propagation, serialisation } = (await path.get().measure('propagation')).estimates;
    // And what the two machines take.
    const truthNs = 4e6 + EMULATOR_NS;
    assert.ok(propagation && propagation.value > truthNs - 20e3 && propagation.value < truthNs + 100e3);
    assertNear(serialisation, 8e9 / 20e6 + 8e9 / 40e6, 0.05);
  });
});

describe('delays that wander there and not back', { skip: liveSkip }, () => {
  /** Of an exponential distribution, from one packet to the next. */
  const MEAN_NS = 1e6;
  const path = usePath('link rate=1G delay=5m', 'wander mean=1m way=forward');

  const assertQuantile = (ns: number | undefined, quantile: number, share: number): void => {
    const truthNs = -Math.log(1 - quantile) * MEAN_NS;
    assert.ok(ns !== undefined && Math.abs(ns / truthNs - 1) < share, `${ns} ns instead of ${truthNs}`);
  };

  test('delay one way and both, and who queues', async () => {
    const { rtt, oneWay, queueing } = (await path.get().measure('delay')).estimates;
    const floorNs = 10e6 + EMULATOR_NS;
    assert.ok(rtt && rtt.minNs >= floorNs - 20e3 && rtt.minNs < floorNs + 300e3, JSON.stringify(rtt));
    assert.equal(oneWay.isAbsolute, false);
    for (const forward of [oneWay.forward, queueing?.forward, queueing]) {
      assertQuantile(forward?.p50Ns, 0.5, 0.4);
      assertQuantile(forward?.p95Ns, 0.95, 0.6);
    }
    assertQuantile(rtt.p50Ns - floorNs, 0.5, 0.4);
    for (const reverse of [oneWay.reverse, queueing?.reverse]) {
      assert.ok(reverse && reverse.p50Ns < 0.3 * MEAN_NS, JSON.stringify(reverse));
    }
  });

  test('jitter in its three meanings', async () => {
    const { jitter } = (await path.get().measure('jitter')).estimates;
    assert.ok(jitter);
    // Two neighbours differ as Laplace's distribution of the same scale has it, whose mean size is the scale.
    assert.ok(Math.abs(jitter.rfc3550Ns / MEAN_NS - 1) < 0.8, `${jitter.rfc3550Ns}`);
    assertQuantile(jitter.ipdvP99Ns, 0.99, 0.6);
    assertQuantile(jitter.pdvP99Ns, 0.99, 0.6);
    const { low } = jitter.intervals.ipdvP99Ns;
    assert.ok(low !== null && low <= jitter.ipdvP99Ns && low > MEAN_NS, `${low}`);
  });
});

describe('10 % lost there one by one, 5 % back in runs of four, 40 ms each way', { skip: liveSkip }, () => {
  const path = usePath('link rate=1G delay=40m', 'loss ratio=0.1 way=forward', 'loss ratio=0.05 run=4 way=reverse');

  test('loss by direction, and that it comes in runs', async () => {
    const { loss, lossRuns, lossTable } = (await path.get().measure('loss')).estimates;
    assertNear(loss.forward, 0.1, 0.6);
    assertNear(loss.reverse, 0.05, 0.95);
    assertNear(loss.roundTrip, 1 - 0.9 * 0.95, 0.4);
    assert.ok(lossRuns && lossRuns.meanLength > 1.2 && lossRuns.maxLength >= 3, JSON.stringify(lossRuns));
    const alone = lossTable?.filter(({ place }) => place === 'alone') ?? [];
    const [sent, lost] = [alone.reduce((sum, row) => sum + row.sent, 0), alone.reduce((sum, row) => sum + row.lost, 0)];
    assert.equal(sent, loss.roundTrip?.samples);
    assert.equal(lost, Math.round((loss.roundTrip?.value ?? NaN) * sent));
  });

  test('voice as G.107 has it of that delay and loss', async () => {
    const { voice, loss } = (await path.get().measure('voice')).estimates;
    assert.ok(voice && loss.forward);
    const oneWayMs = 40 + 20;
    const rOf = (ratio: number): number => 94.2 - 0.024 * oneWayMs - 30 * Math.log(1 + 15 * ratio);
    // A jitter buffer adds some ms; the worse direction counts.
    assert.ok(Math.abs(voice.rFactor - rOf(loss.forward.value)) < 2, `${voice.rFactor}`);
    assert.ok(
      voice.intervals.rFactor.low < rOf(0.1) && voice.intervals.rFactor.high > rOf(0.12),
      JSON.stringify(voice),
    );
  });
});

describe('a machine with room for two packets that takes half a millisecond for each', { skip: liveSkip }, () => {
  const path = usePath('link rate=100M delay=2m', 'packets rate=2000 queue=2');

  test('loses what comes close together: never the first of a burst, nor what comes alone', async () => {
    const { loss, lossTable } = (await path.get().measure('loss')).estimates;
    const find = (place: string) => lossTable?.find((row) => row.place === place) ?? assert.fail(place);
    assert.equal(loss.roundTrip?.value, 0);
    assert.equal(find('alone').lost, 0);
    // Bursts are 9 ms apart, six packets back to back, 50 µs or 250 µs apart.
    assert.ok(find('first').lost <= 1, JSON.stringify(lossTable));
    assert.ok(find('last').lost > 0.4 * find('last').sent, JSON.stringify(lossTable));
    assert.ok(find('interior').lost > 0.2 * find('interior').sent, JSON.stringify(lossTable));
  });
});

describe('packets that overtake others by 120 µs, and some that come twice', { skip: liveSkip }, () => {
  const path = usePath('link rate=1G delay=1m', 'wander detour=0.2 by=120u way=forward', 'copy ratio=0.1 way=reverse');

  test('reordering by the distance of packets', async () => {
    const rows = (await path.get().measure('reordering')).estimates.reorderingBySpacing ?? [];
    const find = (gapNs: number) => rows.find((row) => row.gapNs === gapNs) ?? assert.fail(`${gapNs} ns apart`);
    // Of a burst of six the last is overtaken by none, the others by whichever of those behind it makes no detour.
    const truth = (0.2 * (5 - 0.2 - 0.2 ** 2 - 0.2 ** 3 - 0.2 ** 4 - 0.2 ** 5)) / 6;
    assertNear(find(0).ratio, truth, 0.9);
    // Overtaken by one or two.
    assertNear(find(50e3).ratio, truth, 0.9);
    assert.ok(find(0).maxExtent >= 1 && find(0).maxExtent <= 5, JSON.stringify(find(0)));
    // Too far apart to be overtaken, but where a busy machine sends some of them late and together.
    assert.ok(find(250e3).ratio.value < 0.05, JSON.stringify(find(250e3)));
  });

  test('duplication', async () => {
    assertNear((await path.get().measure('duplication')).estimates.duplication, 0.1, 0.6);
  });
});

describe('a path faster than the probe', { skip: liveSkip }, () => {
  test('has a capacity of at least what the probe sent, and says so', async (context) => {
    const path = createTestPath();
    context.after(() => path.remove());
    context.after(
      await startReady(path, 'far', [process.execPath, APPARENET, 'reflect', '--port', 'fp'], /reflecting/),
    );
    const { stdout, stderr } = await runProgram(['measure', path.farAddress, 'capacity'], {
      before: ['ip', 'netns', 'exec', path.near],
    });
    assert.match(stdout, /^capacity forward {2}at least .* limited by the probe\)$/m, stderr);
  });
});
