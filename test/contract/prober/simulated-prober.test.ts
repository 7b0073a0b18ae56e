// The simulated prober under the contract of all probers, and what only it promises: repeatable, and in virtual time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvariantError, UsageError } from '../../../src/model/errors.js';
import type { Sequence } from '../../../src/model/sequence.js';
import { openSimulated } from '../../../src/prober/simulated/simulated-prober.js';
import { findScenario } from '../../../src/simulator/scenarios.js';
import { describeProberContract } from './prober-contract.js';

const OPTIONS = { signal: new AbortController().signal, budget: { maxPackets: 1e6, maxBytes: 1e9 } };
const MINUTE_OF_PROBES: Sequence = {
  id: 'minute',
  pattern: { kind: 'isochronous', count: 600, intervalNs: 1e8, sizeBytes: 120 },
  dscp: 0,
  dontFragment: true,
  lingerNs: 1e9,
};

describeProberContract('The simulated prober', (target) =>
  Promise.resolve(openSimulated(findScenario(target === 'answering' ? 'healthy' : 'unreachable'), 1)),
);

describeProberContract('The simulated prober with a far end that sends', (target) =>
  Promise.resolve(openSimulated(findScenario(target === 'answering' ? 'two-boxes' : 'unreachable'), 1)),
);

test('what the far end is to send counts against the budget and must fit the path', async () => {
  const prober = openSimulated(findScenario('two-boxes'), 1);
  const single = { kind: 'single', sizeBytes: 120 } as const;
  const sequence: Sequence = { ...MINUTE_OF_PROBES, pattern: single, farPattern: MINUTE_OF_PROBES.pattern };
  await assert.rejects(prober.run(sequence, { ...OPTIONS, budget: { maxPackets: 600, maxBytes: 1e6 } }), UsageError);
  const trace = await prober.run(sequence, { ...OPTIONS, budget: { maxPackets: 601, maxBytes: 1e6 } });
  assert.equal(trace.farTrain?.count, 600);
  const tooLarge: Sequence = { ...sequence, farPattern: { kind: 'single', sizeBytes: 1501 } };
  await assert.rejects(prober.run(tooLarge, OPTIONS), UsageError);
});

test('a calibrated port tells its abilities, another one none', () => {
  const healthy = findScenario('healthy');
  assert.equal(openSimulated(healthy, 1).path.abilities, null);
  const abilities = {
    stampNoiseNs: 900,
    sendPacketsPerSec: 7e5,
    sendBitsPerSec: 1e9,
    receivePacketsPerSec: 5e5,
    receiveBitsPerSec: 1e9,
    coalescingNs: 0,
    measuredAt: '2026-01-01T00:00:00Z',
  };
  const calibrated = { ...healthy, probe: { ...healthy.probe, abilities } };
  assert.deepEqual(openSimulated(calibrated, 1).path.abilities, abilities);
});

test('the same scenario and seed give the same traces, another seed gives others', async () => {
  const probe = async (seed: number) => {
    const prober = openSimulated(findScenario('jittery-healthy'), seed);
    const [first, second] = [await prober.run(MINUTE_OF_PROBES, OPTIONS), await prober.run(MINUTE_OF_PROBES, OPTIONS)];
    return [first, second];
  };
  const [once, again, other] = [await probe(3), await probe(3), await probe(4)];
  assert.deepEqual(once, again);
  assert.notDeepEqual(once[0]?.rxOffsetNs, other[0]?.rxOffsetNs);
});

test('virtual time passes by the schedule and ends with the last reply, or with the linger where one is missing', async () => {
  const healthy = openSimulated(findScenario('healthy'), 1);
  await healthy.run(MINUTE_OF_PROBES, OPTIONS);
  // 599 intervals of 100 ms and one round trip of 4 ms.
  assert.ok(Math.abs(healthy.elapsedNs() - 59.904e9) < 1e6, `${healthy.elapsedNs()} ns`);
  const silent = openSimulated(findScenario('unreachable'), 1);
  await silent.run(MINUTE_OF_PROBES, OPTIONS);
  assert.ok(Math.abs(silent.elapsedNs() - 60.9e9) < 1e6, `${silent.elapsedNs()} ns`);
});

test('virtual time passes also where the port refuses every packet', async () => {
  const healthy = findScenario('healthy');
  const [port, ...others] = healthy.forward;
  assert.ok(port);
  const refusing = { ...port, mtu: { bytes: 100, sendsMessage: false } };
  const prober = openSimulated({ ...healthy, forward: [refusing, ...others] }, 1);
  const trace = await prober.run(MINUTE_OF_PROBES, OPTIONS);
  assert.equal(trace.cost.packets, 0);
  assert.ok(Math.abs(prober.elapsedNs() - 59.9e9) < 1e6, `${prober.elapsedNs()} ns`);
});

test('sizes that the port or the kind of probe cannot send are refused', async () => {
  const prober = openSimulated(findScenario('healthy'), 1);
  const probe = (sizeBytes: number) =>
    prober.run({ ...MINUTE_OF_PROBES, pattern: { kind: 'single', sizeBytes } }, OPTIONS);
  await assert.rejects(probe(1501), UsageError);
  await assert.rejects(probe(71), UsageError);
  assert.equal((await probe(1500)).count, 1);
  assert.equal((await probe(72)).count, 1);
});

test('one run at a time, and none after closing, are defects of the caller', async () => {
  const prober = openSimulated(findScenario('healthy'), 1);
  const first = prober.run(MINUTE_OF_PROBES, OPTIONS);
  await assert.rejects(prober.run(MINUTE_OF_PROBES, OPTIONS), InvariantError);
  await prober.close();
  assert.equal((await first).interrupted, true);
  await assert.rejects(prober.run(MINUTE_OF_PROBES, OPTIONS), InvariantError);
});
