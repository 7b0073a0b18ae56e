// Each named fault is there, in the figures that its line promises.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CONDITIONS } from '../../../src/model/report.js';
import type { Pattern } from '../../../src/model/sequence.js';
import { TRACE_FLAG } from '../../../src/model/trace.js';
import type { Trace } from '../../../src/model/trace.js';
import { planSchedule } from '../../../src/sequencer/schedule.js';
import { findScenario, SCENARIOS } from '../../../src/simulator/scenarios.js';
import { simulateTrace } from '../../../src/simulator/simulation.js';
import { mapOfAnswers, sequenceOf, simulate, trainOf } from './bare-path.js';

const SEED = 23;
const paced = (count: number, sizeBytes: number, intervalNs = 5e6): Pattern => ({
  kind: 'isochronous',
  count,
  intervalNs,
  sizeBytes,
});
const run = (name: string, pattern: Pattern): Trace => simulate(findScenario(name), pattern, SEED);
const lossOf = (trace: Trace): number => (mapOfAnswers(trace).split('0').length - 1) / trace.count;
const delaysOf = (trace: Trace): number[] =>
  Array.from(trace.rxOffsetNs, (ns, row) => ns - (trace.txOffsetNs[row] ?? NaN));

function assertBetween(value: number, low: number, high: number, what: string): void {
  assert.ok(value >= low && value <= high, `${what}: ${value}, expected ${low} to ${high}, seed ${SEED}`);
}

describe('what is lost of 10,000 packets sent alone', () => {
  // Bounds are five standard deviations of what the lines say; runs make those of bursts wider.
  const cases: readonly (readonly [name: string, sizeBytes: number, low: number, high: number])[] = [
    ['random-loss', 1_500, 0.013, 0.027],
    ['light-loss', 1_500, 0.0002, 0.0026],
    ['media-errors', 1_500, 0.1, 0.132],
    ['media-errors', 46, 0.0013, 0.009],
    ['noise', 1_500, 0.02, 0.045],
    ['port-errors', 1_500, 0.036, 0.06],
    ['policer', 1_500, 0, 0],
    ['packet-rate-limit', 100, 0, 0],
    ['small-queue', 1_500, 0, 0],
    ['icmp-limit', 100, 0.48, 0.52],
    ['slow-target', 100, 0, 0],
    ['sleeping-target', 100, 0, 0],
    ['reordering', 1_500, 0, 0],
    ['vlan-mismatch', 100, 1, 1],
  ];
  for (const [name, sizeBytes, low, high] of cases) {
    test(`${name}, ${sizeBytes} B`, () => assertBetween(lossOf(run(name, paced(10_000, sizeBytes))), low, high, name));
  }
});

describe('what comes through of a long burst', () => {
  test('a policer passes its burst and then its rate', () => {
    for (const [name, firstPackets] of [
      ['policer', 42],
      ['policer-10', 21],
    ] as const) {
      const map = mapOfAnswers(run(name, trainOf(200, 1_500)));
      assert.ok(map.startsWith('1'.repeat(firstPackets)), `${name}: ${map}`);
      assertBetween(map.split('0').length - 1, 100, 180, `${name} lost of 200`);
    }
  });

  test('a limit on packets does not care for their length, a shaper and a deep queue lose none', () => {
    for (const sizeBytes of [60, 1_500]) {
      const lost = mapOfAnswers(run('packet-rate-limit', trainOf(200, sizeBytes))).split('0').length - 1;
      assertBetween(lost, 60, 160, `lost of 200 packets of ${sizeBytes} B`);
    }
    for (const name of ['shaper', 'bufferbloat']) assert.equal(lossOf(run(name, trainOf(150, 1_500))), 0, name);
    const map = mapOfAnswers(run('small-queue', trainOf(100, 1_500)));
    assert.ok(map.startsWith('1'.repeat(20)) && map.includes('0'), map);
  });

  test('congestion delays and drops, bufferbloat only delays', () => {
    const congested = run('congestion', paced(4_000, 1_500));
    assertBetween(lossOf(congested), 0.01, 0.4, 'congestion');
    const delays = delaysOf(congested).filter(Number.isFinite);
    assert.ok(Math.max(...delays) - Math.min(...delays) > 30e6, 'a queue of 40 ms');
    const bloated = delaysOf(run('bufferbloat', trainOf(300, 1_500)));
    assert.ok((bloated.at(-1) ?? NaN) - (bloated[0] ?? NaN) > 600e6, `${bloated.at(-1)} ns at the end`);
  });
});

test('size limits take the sizes and directions that they say', () => {
  const passes = (name: string, sizeBytes: number, mayFragment: boolean): { there: boolean; back: boolean } => {
    const sequence = sequenceOf({ kind: 'single', sizeBytes }, !mayFragment);
    const path = { ...findScenario(name), far: { kind: 'echo', processing: { floorNs: 0, meanExtraNs: 0 } } as const };
    const both = simulateTrace({ sequence, schedule: planSchedule(sequence), path, seed: SEED, startNs: 0 });
    const unlimited = { bytes: 9_000, sendsMessage: false };
    const oneWay = { ...path, reverse: path.reverse.map((hop) => ({ ...hop, mtu: unlimited })) };
    const there = simulateTrace({ sequence, schedule: planSchedule(sequence), path: oneWay, seed: SEED, startNs: 0 });
    assert.deepEqual([both.messages, there.messages], [[], []]);
    return { there: mapOfAnswers(there) === '1', back: mapOfAnswers(both) === '1' };
  };
  for (const name of ['mtu-black-hole', 'mtu-mismatch']) {
    assert.deepEqual(passes(name, 1_400, false), { there: true, back: true }, name);
    assert.deepEqual(passes(name, 1_401, false), { there: false, back: false }, name);
  }
  // A router fragments what it may; a switch never does.
  assert.deepEqual(passes('mtu-black-hole', 1_500, true), { there: true, back: true });
  assert.deepEqual(passes('mtu-mismatch', 1_500, true), { there: false, back: false });
  assert.equal(
    findScenario('mtu-mismatch').reverse.some(({ mtu }) => mtu?.bytes === 1400),
    false,
  );
});

test('targets that are busy or asleep answer late, each in its own way', () => {
  const shareLater = (name: string, ns: number): number =>
    delaysOf(run(name, paced(4_000, 100, 31.7e6))).filter((delay) => delay > ns).length / 4_000;
  assertBetween(shareLater('slow-target', 9e6), 0.04, 0.11, 'later than 5 ms');
  assertBetween(shareLater('sleeping-target', 4.5e6), 0.56, 0.64, 'asleep');
  assert.equal(shareLater('sleeping-target', 4.5e6 + 60e6), 0);
});

test('paths that change packets change those that they say', () => {
  const reordered = run('reordering', paced(2_000, 1_500, 200_000)).arrival.filter((order, row) => order > row).length;
  assertBetween(reordered, 60, 140, 'of 2000 overtaken');
  assertBetween(run('duplication', paced(4_000, 100)).duplicates.filter(Boolean).length, 66, 174, 'copies of 4000');
  const changed = run('route-change', paced(1_600, 100));
  const step = (delaysOf(changed).at(-1) ?? NaN) - (delaysOf(changed)[0] ?? NaN);
  assertBetween(step, 5.9e6, 6.1e6, 'longer by');
  assert.equal((changed.replyTtl[0] ?? 0) - (changed.replyTtl.at(-1) ?? 0), 2);
  const sequence = { ...sequenceOf(paced(1, 100)), dscp: 46 };
  const path = findScenario('dscp-remark');
  const { farTrafficClass } = simulateTrace({ sequence, schedule: planSchedule(sequence), path, seed: 1, startNs: 0 });
  assert.deepEqual([...farTrafficClass], [32]);
});

test('the own port knows of its errors, and of those alone', () => {
  const broken = run('port-errors', paced(2_000, 1_500));
  assert.equal(broken.portErrors?.fcsErrors, Math.round(lossOf(broken) * 2_000));
  const mismatched = run('duplex-mismatch-port', trainOf(200, 1_500));
  assert.ok(
    (mismatched.portErrors?.lateCollisions ?? 0) > 5,
    `${mismatched.portErrors?.lateCollisions} late collisions`,
  );
  for (const name of ['healthy', 'media-errors', 'duplex-mismatch-near']) {
    const { portErrors } = run(name, trainOf(100, 1_500));
    assert.deepEqual([portErrors?.fcsErrors, portErrors?.lateCollisions, portErrors?.collisions], [0, 0, 0], name);
  }
  const unheard = run('vlan-mismatch', paced(5, 100));
  assert.ok(unheard.flags.every((flags) => flags === TRACE_FLAG.noNeighbour));
  assert.equal(unheard.cost.packets, 0);
});

test('there is a path for every condition that can be simulated', () => {
  const byOtherName: Readonly<Record<string, string>> = {
    'duplex-mismatch': 'duplex-mismatch-far',
    'wireless-hop': 'wireless',
  };
  for (const condition of CONDITIONS) {
    if (condition === 'unknown') continue;
    assert.ok(Object.hasOwn(SCENARIOS, byOtherName[condition] ?? condition), condition);
  }
});
