// The two ends of a path: what limits and blurs them, how their clocks run, and what the far one sends itself.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRandom } from '../../../src/model/random.js';
import type { Pattern } from '../../../src/model/sequence.js';
import type { Trace } from '../../../src/model/trace.js';
import { planSchedule } from '../../../src/sequencer/schedule.js';
import { FarClock } from '../../../src/simulator/far-clock.js';
import type { HopModel, PathModel, ProbeModel, StampReflectorModel } from '../../../src/simulator/path-model.js';
import { createSimulation, simulateTrace } from '../../../src/simulator/simulation.js';
import { buildBarePath, EXACT_STAMP_REFLECTOR, INSTANT_HOP, mapOfAnswers } from './bare-path.js';
import { sequenceOf, simulate, trainOf } from './bare-path.js';

const reflector = (more: Partial<StampReflectorModel>): StampReflectorModel => ({
  ...(EXACT_STAMP_REFLECTOR as StampReflectorModel),
  ...more,
});
const withFar = (more: Partial<StampReflectorModel>): PathModel =>
  buildBarePath([INSTANT_HOP], [INSTANT_HOP], reflector(more));
const withProbe = (more: Partial<ProbeModel>): PathModel => {
  const path = buildBarePath([INSTANT_HOP]);
  return { ...path, probe: { ...path.probe, ...more } };
};
const rounded = (column: Float64Array): number[] => Array.from(column, (ns) => Math.round(ns));

describe('the far clock', () => {
  const probes = { kind: 'isochronous', count: 500, intervalNs: 100e6, sizeBytes: 100 } as const;

  test('drifts by exactly its ppm, from run to run', () => {
    const simulation = createSimulation(withFar({ clockDriftPpm: -37.5, clockOffsetNs: 5_250_000_000 }), 1);
    const sequence = sequenceOf(probes);
    for (const startNs of [0, 3_600e9]) {
      const { trace } = simulation.run({ sequence, schedule: planSchedule(sequence), startNs });
      assert.equal(trace.farBaseNs - trace.baseNs, 5_000_000_000n);
      for (let row = 0; row < trace.count; row += 1) {
        const sentNs = trace.txOffsetNs[row] ?? NaN;
        const expectedNs = 250e6 + sentNs - 37.5e-6 * (startNs + sentNs);
        const offNs = (trace.farRxOffsetNs[row] ?? NaN) - expectedNs;
        // The link takes less than 1e-3 ns; 3.6e12 ns in a double leave as much.
        assert.ok(Math.abs(offNs) < 0.01, `row ${row}: ${offNs} ns off`);
      }
    }
  });

  test('wanders as a random walk of frequency', () => {
    const read = (seed: number, atNs: number): number =>
      new FarClock(reflector({ clockWanderPpm: 0.1 }), createRandom(seed)).readNs(atNs) - atNs;
    // After n steps of 1 s: sum of (n − k) normal excesses of 100 ns a second, variance 100² · (n − 1) n (2n − 1) / 6.
    const n = 60;
    const gained = Array.from({ length: 1_000 }, (_, seed) => read(seed, n * 1e9));
    const sd = Math.sqrt(gained.reduce((sum, ns) => sum + ns * ns, 0) / gained.length);
    const expected = 100 * Math.sqrt(((n - 1) * n * (2 * n - 1)) / 6);
    // A standard deviation of 1000 samples is known to 2.2 %.
    assert.ok(Math.abs(sd / expected - 1) < 0.1, `${sd} ns, expected ${expected} ns, seeds 0-999`);
    // One clock: what it read is what it reads, in whatever order it is asked.
    const clock = new FarClock(reflector({ clockWanderPpm: 0.1 }), createRandom(7));
    const later = clock.readNs(30e9);
    assert.deepEqual([clock.readNs(12.5e9), clock.readNs(30e9)], [read(7, 12.5e9) + 12.5e9, later]);
  });
});

describe('a port with limits', () => {
  test('shares an interrupt between frames that come within its window', () => {
    // A frame each 10 us, a window of 25 us: three frames wait for the timer of the first.
    const path = withProbe({ coalescing: { windowNs: 25_000, maxFrames: 64 } });
    const { rxOffsetNs } = simulate(path, trainOf(7, 100, 10_000));
    assert.deepEqual(rounded(rxOffsetNs), [25_000, 25_000, 25_000, 55_000, 55_000, 55_000, 85_000]);
    const limited = withProbe({ coalescing: { windowNs: 25_000, maxFrames: 2 } });
    assert.deepEqual(
      rounded(simulate(limited, trainOf(5, 100, 10_000)).rxOffsetNs),
      [10_000, 10_000, 30_000, 30_000, 65_000],
    );
  });

  test('stamps an interrupt once, whatever its noise', () => {
    const path = withProbe({
      coalescing: { windowNs: 25_000, maxFrames: 64 },
      rxStamp: { noiseNs: 5_000, granularityNs: 0 },
    });
    const { rxOffsetNs } = simulate(path, trainOf(9, 100, 10_000), 3);
    assert.equal(new Set(rxOffsetNs).size, 3);
  });

  test('at the far end delays the replies with their stamps', () => {
    const { farRxOffsetNs, farTxOffsetNs } = simulate(
      withFar({ coalescing: { windowNs: 25_000, maxFrames: 64 } }),
      trainOf(4, 100, 10_000),
    );
    assert.deepEqual(rounded(farRxOffsetNs), [25_000, 25_000, 25_000, 55_000]);
    assert.deepEqual(rounded(farTxOffsetNs), [25_000, 25_000, 25_000, 55_000]);
  });

  test('sends as many packets and bits a second as it can, later than planned', () => {
    // 100,000 packets a second are 10 us each; 986 B at 400 Mb/s take 20 us.
    const path = withProbe({ sendCeiling: { packetsPerSec: 1e5, bitsPerSec: 400e6 } });
    assert.deepEqual(rounded(simulate(path, trainOf(4, 100)).txOffsetNs), [0, 10_000, 20_000, 30_000]);
    assert.deepEqual(rounded(simulate(path, trainOf(4, 986)).txOffsetNs), [0, 20_000, 40_000, 60_000]);
    assert.deepEqual(rounded(simulate(path, trainOf(3, 986, 30_000)).txOffsetNs), [0, 30_000, 60_000]);
  });

  test('loses what finds the ring full, and counts it', () => {
    // A frame is taken each 100 us. Of 20 at once the first is in hand, five wait; the others are lost here, not on the path.
    const path = withProbe({ receiveCeiling: { packetsPerSec: 1e4, bitsPerSec: 1e9, ringFrames: 5 } });
    const trace = simulate(path, trainOf(20, 100));
    assert.equal(mapOfAnswers(trace), '1'.repeat(6) + '0'.repeat(14));
    assert.equal(trace.receiveOverflows, 14);
    assert.equal(simulate(path, trainOf(20, 100, 100_000)).receiveOverflows, 0);
  });
});

describe('a machine that stands still now and then', () => {
  // A packet each 100 us for a second: some 20 pauses, each of which holds back 20 packets.
  const pauses = { perSec: 20, leastNs: 2e6, mostNs: 2e6 };
  const every100us = trainOf(10_000, 100, 100_000);
  const findHeld = (offsets: Float64Array, dueNs: (row: number) => number): number[] =>
    Array.from(offsets.keys()).filter((row) => (offsets[row] ?? 0) - dueNs(row) > 1_000);

  for (const seed of [1, 2, 3]) {
    test(`as the probe sends late, and takes in late, what is due meanwhile (seed ${seed})`, () => {
      const path = withProbe({ pauses });
      const far: HopModel = { ...INSTANT_HOP, propagationNs: 1e6 };
      const { txOffsetNs, rxOffsetNs } = simulate({ ...path, forward: [far] }, every100us, seed);
      const sentLate = findHeld(txOffsetNs, (row) => row * 100_000);
      const cameLate = findHeld(rxOffsetNs, (row) => (txOffsetNs[row] ?? 0) + 1e6);
      assert.ok(sentLate.length >= 19 && cameLate.length >= 19, `${sentLate.length} and ${cameLate.length}`);
      const latest = Math.max(...sentLate.map((row) => (txOffsetNs[row] ?? 0) - row * 100_000));
      assert.ok(latest > 1.9e6 && latest <= 2e6, `${latest} ns late at most`);
      assert.ok(rxOffsetNs.every((ns, row) => row === 0 || ns >= (rxOffsetNs[row - 1] ?? 0)));
    });

    test(`as the far end answers late, and stamps what came when it goes on (seed ${seed})`, () => {
      const { txOffsetNs, farRxOffsetNs, farTxOffsetNs } = simulate(withFar({ pauses }), every100us, seed);
      const stampedLate = findHeld(farRxOffsetNs, (row) => txOffsetNs[row] ?? 0);
      assert.ok(stampedLate.length >= 19, `${stampedLate.length}`);
      assert.deepEqual(rounded(farTxOffsetNs), rounded(farRxOffsetNs));
    });
  }
});

test('a target that limits its replies answers its saved burst, then its rate', () => {
  const replyLimit = { packetsPerSec: 10, burstPackets: 5 };
  const far = { kind: 'echo', processing: { floorNs: 0, meanExtraNs: 0 }, replyLimit } as const;
  const path = buildBarePath([INSTANT_HOP], [INSTANT_HOP], far);
  const trace = simulate(path, { kind: 'isochronous', count: 30, intervalNs: 50e6, sizeBytes: 100 });
  // 20 a second ask for 10: packet n finds 5 + n/2 answers less those given. 0-8 get theirs, then every second.
  assert.equal(mapOfAnswers(trace), '1111111110' + '10'.repeat(10));
});

describe('a far end that sends', () => {
  const back: HopModel = { rateBitsPerSec: 10e6, propagationNs: 3e6, queueBytes: 1e6 };
  const request = (pattern: Pattern, far: Partial<StampReflectorModel>, reverse = [INSTANT_HOP, back]): Trace => {
    const sequence = { ...sequenceOf(pattern), farPattern: trainOf(20, 1500) };
    const farSchedule = planSchedule({ ...sequence, pattern: sequence.farPattern });
    const path = buildBarePath([INSTANT_HOP, { ...INSTANT_HOP, propagationNs: 2e6 }], reverse, reflector(far));
    return simulateTrace({ sequence, schedule: planSchedule(sequence), farSchedule, path, seed: 1, startNs: 0 });
  };
  const SINGLE = { kind: 'single', sizeBytes: 986 } as const;

  test('starts with the first packet that arrives and fills the way back', () => {
    const { farTrain, cost } = request(SINGLE, { sends: true, clockOffsetNs: 7e9 });
    assert.ok(farTrain);
    assert.ok(farTrain.isSent.every((sent) => sent === 1));
    assert.ok(
      farTrain.farTxOffsetNs.every((ns) => Math.abs(ns - 2e6) < 1),
      'back to back, on its own clock',
    );
    // The reply of 1000 B goes first: 800 us. Then a frame each 1.2112 ms.
    for (const [row, ns] of farTrain.rxOffsetNs.entries()) {
      assert.ok(Math.abs(ns - (5e6 + 800_000 + (row + 1) * 1_211_200)) < 1, `row ${row} came at ${ns} ns`);
    }
    assert.deepEqual({ ...cost }, { packets: 21, bytes: 1_000 + 20 * 1_514 });
  });

  test('makes replies wait in its own queue', () => {
    const trace = request({ kind: 'isochronous', count: 2, intervalNs: 1e6, sizeBytes: 986 }, { sends: true });
    // The second request comes 1 ms after the first: its reply stands behind one reply and 20 frames.
    const expectedNs = 5e6 + 2 * 800_000 + 20 * 1_211_200;
    assert.ok(Math.abs((trace.rxOffsetNs[1] ?? NaN) - expectedNs) < 1, `${trace.rxOffsetNs[1]} ns`);
  });

  test('tells what it sent and what of that was lost', () => {
    const lossy: HopModel = { ...back, queueBytes: 10 * 1514 };
    const { farTrain } = request(SINGLE, { sends: true }, [INSTANT_HOP, lossy]);
    // The reply is in service, ten frames wait.
    assert.deepEqual([...(farTrain?.rxOffsetNs ?? [])].map(Number.isNaN), [
      ...Array<boolean>(10).fill(false),
      ...Array<boolean>(10).fill(true),
    ]);
    const own = request(SINGLE, { sends: true }, [lossy]).farTrain;
    assert.deepEqual([...(own?.isSent ?? [])], [...Array<number>(10).fill(1), ...Array<number>(10).fill(0)]);
  });

  test('is waited for, and sends nothing if it cannot or hears nothing', () => {
    assert.equal(request(SINGLE, {}).farTrain, null);
    const path = buildBarePath([INSTANT_HOP, { ...INSTANT_HOP, loss: { kind: 'bernoulli', lossRatio: 1 } }], [back]);
    const sequence = { ...sequenceOf(SINGLE), farPattern: SINGLE, lingerNs: 1_000 };
    const schedule = planSchedule(sequence);
    const far = reflector({ sends: true });
    const run = { sequence, schedule, farSchedule: planSchedule(sequenceOf(trainOf(50, 1500, 1e6))), startNs: 0 };
    assert.equal(createSimulation({ ...path, far }, 1).run(run).trace.farTrain, null);
    // The linger of 1 us counts from the far end's last packet too.
    const { trace, endNs } = createSimulation(buildBarePath([INSTANT_HOP], [INSTANT_HOP], far), 1).run(run);
    assert.ok(trace.farTrain?.rxOffsetNs.every((ns) => ns >= 0));
    assert.ok(Math.abs(endNs - 49e6) <= 1, `${endNs} ns`);
  });
});
