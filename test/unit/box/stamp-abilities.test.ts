// Stamping abilities as real NICs answer ETHTOOL_GET_TS_INFO.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { computeStampAbilities } from '../../../src/box/stamp-abilities.js';

const CASES = [
  ['no answer: the kernel still stamps what comes in', null, 'user', 'kernel'],
  [
    'igb on I210: everything',
    { capabilities: 0x7f, phcIndex: 0, txTypes: 0b11, rxFilters: 0b11 },
    'hardware',
    'hardware',
  ],
  [
    '82576: only PTP messages come in stamped',
    { capabilities: 0x7f, phcIndex: 0, txTypes: 0b11, rxFilters: 0x1001 },
    'hardware',
    'hardware-ptp',
  ],
  ['veth: kernel both ways', { capabilities: 0x1a, phcIndex: -1, txTypes: 0, rxFilters: 0 }, 'kernel', 'kernel'],
  [
    'a driver without transmit stamps',
    { capabilities: 0x18, phcIndex: -1, txTypes: 0, rxFilters: 0 },
    'user',
    'kernel',
  ],
  [
    'able, but the transmit type cannot be switched on',
    { capabilities: 0x7f, phcIndex: 0, txTypes: 0b1, rxFilters: 0b1 },
    'kernel',
    'kernel',
  ],
] as const;

for (const [name, info, tx, rx] of CASES) {
  test(name, () => assert.deepEqual(computeStampAbilities(info), { tx, rx }));
}
