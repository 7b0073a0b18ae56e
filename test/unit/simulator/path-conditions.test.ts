// What is true of each named path, in the words of the report.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONDITIONS } from '../../../src/model/report.js';
import { describeConditions } from '../../../src/simulator/path-conditions.js';
import type { HopModel } from '../../../src/simulator/path-model.js';
import { findScenario, SCENARIOS } from '../../../src/simulator/scenarios.js';
import { buildBarePath, INSTANT_HOP } from './bare-path.js';
import { buildSharedPath } from './shared-paths.js';

const listFaults = (name: string): string[] =>
  describeConditions(findScenario(name))
    .filter(({ isHarmless }) => !isHarmless)
    .map(({ condition, direction, halfSide }) => [condition, direction, ...(halfSide ? [halfSide] : [])].join(' '));
const listAll = (name: string): string[] => describeConditions(findScenario(name)).map(({ condition }) => condition);

test('sound paths and those that nearly look like a fault have none', () => {
  const sound = [
    'healthy',
    'slow-link',
    'fast-link',
    'long-path',
    'jittery-healthy',
    'two-boxes',
    'busy',
    'fair-queue',
  ];
  for (const name of sound) assert.deepEqual(listAll(name), [], name);
  const harmless: Readonly<Record<string, readonly string[]>> = {
    'light-loss': ['random-loss'],
    'half-duplex': ['half-duplex'],
    'icmp-limit': ['packet-rate-limit'],
    'small-queue': [],
    shaped: ['shaper'],
    wireless: ['wireless-hop'],
    remarked: ['dscp-remark'],
    'asymmetric-rate': ['asymmetric-rate'],
  };
  for (const [name, conditions] of Object.entries(harmless)) {
    assert.deepEqual(listFaults(name), [], name);
    for (const condition of conditions) assert.ok(listAll(name).includes(condition), `${name}: ${condition}`);
  }
});

test('faults are named with their direction, and a mismatch with its half side', () => {
  const faults: Readonly<Record<string, readonly string[]>> = {
    lossy: ['random-loss forward'],
    'random-loss': ['random-loss both'],
    'bursty-loss': ['bursty-loss forward'],
    'media-errors': ['media-errors both'],
    noise: ['bursty-loss both'],
    unreachable: ['unreachable unknown'],
    congestion: ['congestion forward'],
    bufferbloat: ['bufferbloat both'],
    policer: ['policer both'],
    'policer-10': ['policer forward'],
    'packet-rate-limit': ['packet-rate-limit both'],
    'slow-target': ['slow-target unknown'],
    'sleeping-target': ['slow-target unknown'],
    'mtu-black-hole': ['mtu-black-hole both'],
    'mtu-mismatch': ['mtu-mismatch forward'],
    reordering: ['reordering forward'],
    'duplex-mismatch-far': ['duplex-mismatch both far'],
    'duplex-mismatch-near': ['duplex-mismatch both near'],
    'duplex-mismatch-port': ['duplex-mismatch both near'],
    'overlong-half-duplex': ['overlong-half-duplex both'],
    'low-negotiation': ['low-negotiation both'],
    'port-errors': ['media-errors reverse', 'port-errors reverse'],
    'vlan-mismatch': ['unreachable unknown', 'vlan-mismatch both'],
    'duplicate-address': ['bursty-loss forward', 'duplicate-address both'],
  };
  for (const [name, expected] of Object.entries(faults)) assert.deepEqual(listFaults(name), expected, name);
});

test('each condition that can be simulated holds on some named path', () => {
  const held = new Set(Object.keys(SCENARIOS).flatMap(listAll));
  const missing = CONDITIONS.filter((condition) => !held.has(condition));
  assert.deepEqual(missing, ['healthy', 'unknown']);
});

test('two faults at once are both named', () => {
  const loss = { kind: 'bernoulli', lossRatio: 0.02 } as const;
  const tokenBucket = { kind: 'policer', rateBitsPerSec: 5e6, burstBytes: 1e4 } as const;
  const wan: HopModel = { ...INSTANT_HOP, queueBytes: 1e5, loss };
  const mismatched = buildSharedPath({ near: 'half', far: 'full', queueBytes: 2e5, wan });
  assert.deepEqual(
    describeConditions(mismatched).map(({ condition }) => condition),
    ['random-loss', 'duplex-mismatch'],
  );
  const both = buildBarePath([{ ...wan, tokenBucket }]);
  assert.deepEqual(
    describeConditions(both).map(({ condition, direction }) => `${condition} ${direction}`),
    ['random-loss forward', 'policer forward', 'asymmetric-rate forward'],
  );
});

test('a half-duplex link is too long from a round trip of 512 bit times on', () => {
  const conditionsAt = (rateBitsPerSec: number, propagationNs: number): string[] =>
    describeConditions(
      buildSharedPath({ near: 'half', far: 'half', rateBitsPerSec, propagationNs, queueBytes: 1e5 }),
    ).map(({ condition }) => condition);
  assert.deepEqual(conditionsAt(100e6, 2_500), ['half-duplex']);
  assert.deepEqual(conditionsAt(100e6, 2_600), ['overlong-half-duplex', 'half-duplex']);
  assert.deepEqual(conditionsAt(10e6, 25_000), ['half-duplex']);
  assert.deepEqual(conditionsAt(10e6, 26_000), ['overlong-half-duplex', 'half-duplex']);
});
