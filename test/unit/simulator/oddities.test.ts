// What networks do to packets beside delaying and dropping them: marks changed, copies, detours, limits on the way back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planSchedule } from '../../../src/sequencer/schedule.js';
import type { HopModel, RemarkModel } from '../../../src/simulator/path-model.js';
import { simulateTrace } from '../../../src/simulator/simulation.js';
import { buildBarePath, INSTANT_HOP, mapOfAnswers, sequenceOf, simulate } from './bare-path.js';

const steady = (count: number, intervalNs = 1e6) =>
  ({ kind: 'isochronous', count, intervalNs, sizeBytes: 100 }) as const;

test('a hop that remarks is seen in the class that arrives behind it, direction by direction', () => {
  const classes = [0, 0b101110_00, 0b101110_01, 0b001010_10];
  const sweep = { kind: 'class-sweep', trafficClasses: classes, repeats: 1, intervalNs: 1e6, sizeBytes: 100, seed: 1 };
  const sequence = sequenceOf(sweep as Parameters<typeof sequenceOf>[0]);
  const schedule = planSchedule(sequence);
  const arrive = (forward: RemarkModel | null, reverse: RemarkModel | null): [number, number][] => {
    const hop = (remark: RemarkModel | null): HopModel => (remark === null ? INSTANT_HOP : { ...INSTANT_HOP, remark });
    const path = buildBarePath([INSTANT_HOP, hop(forward)], [hop(reverse)]);
    const { farTrafficClass, replyTrafficClass } = simulateTrace({ sequence, schedule, path, seed: 1, startNs: 0 });
    const rows = classes.map((trafficClass) => schedule.trafficClass.indexOf(trafficClass));
    return rows.map((row) => [farTrafficClass[row] ?? NaN, replyTrafficClass[row] ?? NaN]);
  };
  // Replies carry the DSCP of the request as sent, and no ECN.
  const intact = classes.map((trafficClass) => [trafficClass, trafficClass & 0xfc]);
  assert.deepEqual(arrive(null, null), intact);
  assert.deepEqual(
    arrive({ kind: 'clear-dscp' }, null),
    intact.map(([far = 0, reply = 0]) => [far & 3, reply]),
  );
  assert.deepEqual(
    arrive({ kind: 'clear-ecn' }, { kind: 'clear-dscp' }),
    intact.map(([far = 0]) => [far & 0xfc, 0]),
  );
  const to = { 0b101110_00: 0b001000_00 };
  assert.deepEqual(arrive({ kind: 'map', to }, { kind: 'map', to }), [
    [0, 0],
    [0b001000_00, 0b001000_00],
    [0b101110_01, 0b001000_00],
    [0b001010_10, 0b001010_00],
  ]);
});

test('an echo comes back in the class in which it arrived', () => {
  const far = { kind: 'echo', processing: { floorNs: 0, meanExtraNs: 0 } } as const;
  const path = buildBarePath([{ ...INSTANT_HOP, remark: { kind: 'map', to: { 184: 40 } } }], [INSTANT_HOP], far);
  const sequence = { ...sequenceOf(steady(3)), dscp: 46 };
  const trace = simulateTrace({ sequence, schedule: planSchedule(sequence), path, seed: 1, startNs: 0 });
  assert.deepEqual([...trace.replyTrafficClass], [40, 40, 40]);
  assert.deepEqual([...trace.farTrafficClass], [-1, -1, -1]);
});

test('copies of requests and of replies are counted, and change nothing else', () => {
  const copying: HopModel = { ...INSTANT_HOP, duplicationRatio: 0.05 };
  const [there, back] = [buildBarePath([INSTANT_HOP, copying]), buildBarePath([INSTANT_HOP], [copying])];
  for (const path of [there, back]) {
    const trace = simulate(path, steady(4_000), 11);
    const copies = trace.duplicates.reduce((sum, count) => sum + count, 0);
    // Binomial: standard deviation 13.8.
    assert.ok(Math.abs(copies - 200) < 62, `${copies} copies, seed 11`);
    assert.equal(mapOfAnswers(trace), '1'.repeat(4_000));
    assert.deepEqual([...trace.arrival], [...trace.arrival.keys()]);
    assert.equal(trace.cost.packets, 4_000);
    // A stateful reflector answers, and counts, a copied request twice.
    assert.equal((trace.farSequence.at(-1) ?? NaN) - 3_999 > 150, path === there);
  }
});

test('a detour lets pass those sent within its length, and nobody else', () => {
  const detour = { ratio: 0.1, delayNs: 200_000 };
  const path = buildBarePath([INSTANT_HOP, { ...INSTANT_HOP, detour }]);
  const overtaken = (intervalNs: number): number => {
    const { arrival, farRxOffsetNs, plannedOffsetNs } = simulate(path, steady(5_000, intervalNs), 12);
    for (const [row, ns] of farRxOffsetNs.entries()) {
      const delayNs = ns - (plannedOffsetNs[row] ?? NaN);
      assert.ok(Math.abs(delayNs) < 1 || Math.abs(delayNs - 200_000) < 1);
    }
    // Each that is passed moves the others one place forward.
    return arrival.filter((order, row) => order > row).length;
  };
  // Each tenth takes the detour; it is passed unless the next does so too.
  const many = overtaken(150_000);
  assert.ok(Math.abs(many - 450) < 96, `${many} of 5000, seed 12`);
  assert.equal(overtaken(250_000), 0);
});

test('an MTU on the way back loses large replies, and the probe hears nothing of it', () => {
  for (const sendsMessage of [true, false]) {
    const path = buildBarePath([INSTANT_HOP], [{ ...INSTANT_HOP, mtu: { bytes: 1400, sendsMessage } }]);
    const sizes = { kind: 'mixed-burst', bursts: 1, sizesBytes: [1400, 1401, 1500], spacingNs: 0 } as const;
    const trace = simulate(path, sizes);
    assert.equal(mapOfAnswers(trace), '100');
    assert.deepEqual(trace.messages, []);
    // The request came through: only the reply did not.
    assert.equal(simulate(path, { ...sizes, sizesBytes: [1500, 1400] }).farSequence[1], 1);
  }
});
