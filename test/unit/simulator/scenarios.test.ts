// Each named scenario shows what its line promises, and no healthy one shows a fault.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../../src/model/errors.js';
import type { Trace } from '../../../src/model/trace.js';
import { findNearestName } from '../../../src/model/nearest-name.js';
import { findScenario, SCENARIOS } from '../../../src/simulator/scenarios.js';
import { mapOfAnswers, simulate, trainOf } from './bare-path.js';

const SEED = 21;

const lossRatioOf = (name: string, seed = SEED): number => {
  const probes = { kind: 'poisson', count: 10_000, meanIntervalNs: 5e6, sizeBytes: 120, seed: 1 } as const;
  const map = mapOfAnswers(simulate(findScenario(name), probes, seed));
  return (map.split('0').length - 1) / map.length;
};

/** Rate of the last `packets` of a train of full frames, frames of 1514 bytes. */
function tailRateOf(trace: Trace, packets: number): number {
  const last = trace.count - 1;
  const dispersionNs = (trace.farRxOffsetNs[last] ?? NaN) - (trace.farRxOffsetNs[last - packets] ?? NaN);
  return (packets * 1514 * 8e9) / dispersionNs;
}

test('capacities are those the lines promise', () => {
  const cases: readonly (readonly [name: string, rateBitsPerSec: number, gapNs?: number])[] = [
    ['healthy', 100e6],
    // A tenth faster than the line: back to back its queue would not hold them.
    ['slow-link', 2e6, 5.5e6],
    ['fast-link', (1e9 * 1514) / 1538],
    ['long-path', 500e6],
    ['shaped', 50e6],
    ['low-negotiation', (100e6 * 1514) / 1538],
    ['two-boxes', 100e6],
    ['fair-queue', 20e6],
    ['remarked', 100e6],
  ];
  for (const [name, expected, gapNs = 0] of cases) {
    const rate = tailRateOf(simulate(findScenario(name), trainOf(160, 1500, gapNs), SEED), 60);
    assert.ok(Math.abs(rate / expected - 1) < 0.01, `${name}: ${rate} b/s, expected ${expected}, seed ${SEED}`);
  }
});

test('the shaped path lets its burst pass much faster', () => {
  const trace = simulate(findScenario('shaped'), trainOf(30, 1500), SEED);
  assert.ok(tailRateOf(trace, 29) > 500e6, `${tailRateOf(trace, 29)} b/s, seed ${SEED}`);
});

test('the busy path delays some packets long and most not at all; the wireless one delays nearly all a little', () => {
  const probes = { kind: 'poisson', count: 2_000, meanIntervalNs: 5e6, sizeBytes: 120, seed: 1 } as const;
  const delaysOf = (name: string): number[] => {
    const { farRxOffsetNs, txOffsetNs, farBaseNs, baseNs } = simulate(findScenario(name), probes, SEED);
    const delays = Array.from(farRxOffsetNs, (ns, row) => ns - (txOffsetNs[row] ?? NaN) + Number(farBaseNs - baseNs));
    const least = Math.min(...delays);
    return delays.map((ns) => ns - least).toSorted((a, b) => a - b);
  };
  const wireless = delaysOf('wireless');
  // A slot of 2 ms: half of the packets wait more than 0.9 ms, beside the slots that are sent again.
  assert.ok(
    (wireless[1_000] ?? NaN) > 0.9e6 && (wireless[1_000] ?? NaN) < 1.3e6,
    `${wireless[1_000]} ns, seed ${SEED}`,
  );
  const busy = delaysOf('busy');
  assert.ok((busy[200] ?? NaN) < 20_000, `${busy[200]} ns, seed ${SEED}`);
  assert.ok((busy[1_900] ?? NaN) > 40_000, `${busy[1_900]} ns, seed ${SEED}`);
});

test('losses are those the lines promise, and none on healthy paths', () => {
  // 10,000 packets: five standard deviations at 3 % are 0.85 %. At 2 % in runs of four 100,000 packets bring them to 0.58 %.
  assert.ok(Math.abs(lossRatioOf('lossy') - 0.03) < 0.0085);
  const bursty = Array.from({ length: 10 }, (_, i) => lossRatioOf('bursty-loss', SEED + i));
  const burstyRatio = bursty.reduce((sum, ratio) => sum + ratio, 0) / bursty.length;
  assert.ok(Math.abs(burstyRatio - 0.02) < 0.0058, `${burstyRatio}, seeds ${SEED}-${SEED + 9}`);
  assert.equal(lossRatioOf('unreachable'), 1);
  for (const name of [
    'healthy',
    'slow-link',
    'fast-link',
    'long-path',
    'shaped',
    'jittery-healthy',
    'low-negotiation',
    'two-boxes',
    'busy',
    'fair-queue',
    'wireless',
    'remarked',
    'half-duplex',
  ]) {
    assert.equal(lossRatioOf(name), 0, name);
  }
});

test('mismatched and over-long links lose much of long trains and next to nothing of what goes alone', () => {
  for (const name of ['duplex-mismatch-far', 'duplex-mismatch-near', 'duplex-mismatch-port', 'overlong-half-duplex']) {
    const map = mapOfAnswers(simulate(findScenario(name), trainOf(200, 1500), SEED));
    assert.ok(map.split('0').length > 10, `${name} lost ${map.split('0').length - 1} of 200, seed ${SEED}`);
    // Others send 0.4 % of the time; a small packet meets them there and back.
    assert.ok(lossRatioOf(name) < 0.01, `${name}, seed ${SEED}`);
  }
  const hub = mapOfAnswers(simulate(findScenario('half-duplex'), trainOf(30, 1500), SEED));
  assert.equal(hub, '1'.repeat(30), `seed ${SEED}`);
});

test('only the badly negotiated port runs below what both sides can do', () => {
  for (const { name, probe } of Object.values(SCENARIOS)) {
    const best = Math.max(...(probe.port.partnerModes ?? []).map(({ speedBitsPerSec }) => speedBitsPerSec));
    assert.equal((probe.port.speedBitsPerSec ?? NaN) < best, name === 'low-negotiation', name);
  }
});

test('every scenario has a line, its name, and a first hop as fast as its port', () => {
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    assert.equal(scenario.name, name);
    assert.match(scenario.description, /^.{10,90}$/);
    assert.equal(scenario.forward[0]?.rateBitsPerSec, scenario.probe.port.speedBitsPerSec);
  }
});

test('an unknown name is refused with the nearest and all names', () => {
  assert.throws(
    () => findScenario('jitery-healthy'),
    (error) =>
      error instanceof UsageError && /Did you mean "jittery-healthy"\?.*healthy, slow-link/.test(error.message),
  );
  assert.throws(() => findScenario('constructor'), /^UsageError: No scenario "constructor"\. There are/);
});

test('the nearest name needs the fewest edits, and something far from all is near to none', () => {
  const names = ['healthy', 'lossy', 'shaped'];
  assert.equal(findNearestName('helthy', names), 'healthy');
  assert.equal(findNearestName('LOSY', names), 'lossy');
  assert.equal(findNearestName('shpaed', names), 'shaped');
  assert.equal(findNearestName('weather', names), null);
  assert.equal(findNearestName('', names), null);
});
