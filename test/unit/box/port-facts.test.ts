// Port facts from a recorded machine, with and without what its drivers say.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listPortNames, listPorts, readPortFacts, requirePort } from '../../../src/box/port-facts.js';
import type { LinkSettings } from '../../../src/box/native-host.js';
import { UsageError } from '../../../src/model/errors.js';
import { FILES_ONLY } from './machine.js';

const GIGABIT = { speedBitsPerSec: 1e9, duplex: 'full' } as const;
const FAST = { speedBitsPerSec: 1e8, duplex: 'full' } as const;
const DRIVER_SAYS: LinkSettings = {
  speedBitsPerSec: 1e8,
  duplex: 'half',
  autoNegotiation: true,
  supportedModes: [FAST, GIGABIT],
  advertisedModes: [FAST],
  partnerModes: null,
};

test('ports are those of the network namespace, the loopback last', () => {
  assert.deepEqual(listPortNames(FILES_ONLY), ['eth0', 'eth1', 'tun0', 'lo']);
});

test('files alone tell speed, duplex, mtu and whether the link is up', () => {
  assert.deepEqual(readPortFacts('eth0', FILES_ONLY), {
    name: 'eth0',
    mtuBytes: 1500,
    linkUp: true,
    speedBitsPerSec: 1e9,
    duplex: 'full',
    autoNegotiation: null,
    supportedModes: [],
    advertisedModes: [],
    partnerModes: null,
  });
});

test('a port without a link and a tunnel without a speed say so', () => {
  const eth1 = readPortFacts('eth1', FILES_ONLY);
  assert.deepEqual([eth1.linkUp, eth1.speedBitsPerSec, eth1.duplex], [false, null, 'unknown']);
  assert.equal(readPortFacts('tun0', FILES_ONLY).linkUp, true);
});

test('what the driver says goes before the files', () => {
  const facts = readPortFacts('eth0', { ...FILES_ONLY, readLink: () => DRIVER_SAYS });
  assert.equal(facts.speedBitsPerSec, 1e8);
  assert.equal(facts.duplex, 'half');
  assert.equal(facts.autoNegotiation, true);
  assert.deepEqual(facts.supportedModes, [FAST, GIGABIT]);
  assert.deepEqual(facts.advertisedModes, [FAST]);
});

test('a driver that does not know leaves the word to the files', () => {
  const silent = { ...DRIVER_SAYS, speedBitsPerSec: null, duplex: 'unknown' } as const;
  const facts = readPortFacts('eth0', { ...FILES_ONLY, readLink: () => silent });
  assert.deepEqual([facts.speedBitsPerSec, facts.duplex], [1e9, 'full']);
});

test('a port that does not exist is a usage error that lists those that do', () => {
  for (const name of ['eth9', '', '../eth0', 'eth0/..']) {
    assert.throws(
      () => requirePort(name, FILES_ONLY),
      (error) =>
        error instanceof UsageError && error.code === 'usage.port' && error.message.includes('eth0, eth1, tun0, lo'),
    );
  }
});

test('the list has kind, driver and stamping abilities', () => {
  const hardware = { capabilities: 0x7f, phcIndex: 0, txTypes: 0b11, rxFilters: 0b11 };
  const ports = listPorts({ ...FILES_ONLY, readTimestamping: (port) => (port === 'eth0' ? hardware : null) });
  assert.deepEqual(
    ports.map(({ facts, kind, driver, stamps }) => [facts.name, kind, driver, stamps.tx, stamps.rx]),
    [
      ['eth0', 'ethernet', 'igb', 'hardware', 'hardware'],
      ['eth1', 'ethernet', null, 'user', 'kernel'],
      ['tun0', 'tunnel', null, 'user', 'kernel'],
      ['lo', 'loopback', null, 'user', 'kernel'],
    ],
  );
});

test("a VLAN's port names its VLAN and the port below it", () => {
  const vlans = { ...FILES_ONLY, readVlan: () => ({ id: 5, parent: 'eth1' }) };
  const interfaces = { index: 3, mtu: 1496, hardwareType: 1, running: true };
  const facts = readPortFacts('eth0', { ...vlans, readInterface: () => interfaces });
  assert.deepEqual([facts.vlanId, facts.parent], [5, { name: 'eth1', mtuBytes: 1496 }]);
  // The port below may be in another network namespace.
  const alone = readPortFacts('eth0', { ...FILES_ONLY, readVlan: () => ({ id: 5, parent: null }) });
  assert.deepEqual([alone.vlanId, 'parent' in alone], [5, false]);
});

test('the driver may say why a link is down, and how good its signal is', () => {
  const state = { signalQuality: -1, bestSignalQuality: -1, downReason: 4 };
  assert.equal(readPortFacts('eth1', { ...FILES_ONLY, readLinkState: () => state }).linkDownReason, 'no cable');
  const graded = { signalQuality: 3, bestSignalQuality: 7, downReason: -1 };
  const facts = readPortFacts('eth0', { ...FILES_ONLY, readLinkState: () => graded });
  assert.deepEqual([facts.signalQuality, 'linkDownReason' in facts], [{ value: 3, best: 7 }, false]);
  const newer = readPortFacts('eth1', { ...FILES_ONLY, readLinkState: () => ({ ...state, downReason: 200 }) });
  assert.equal('linkDownReason' in newer, false);
});
