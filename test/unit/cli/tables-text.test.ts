// The tables of `ports`, `status` and `reflect`, against golden texts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readLocalListeners } from '../../../src/box/listeners.js';
import { listPorts } from '../../../src/box/port-facts.js';
import { REGISTERED_PORTS } from '../../../src/box/registered-ports.js';
import { computeStatusExit, type ApplianceStatus, type PartStatus } from '../../../src/cli/appliance-status.js';
import {
  computeListenersExit,
  computeRemoteExit,
  renderListeners,
  renderRemotePorts,
} from '../../../src/cli/commands/ports.js';
import { renderCounters } from '../../../src/cli/counters-text.js';
import { PLAIN } from '../../../src/cli/ink.js';
import type { BoxHealth } from '../../../src/model/box-health.js';
import { buildIncident } from '../history/built-records.js';
import { formatUptime, renderStatus } from '../../../src/cli/status-text.js';
import type { NeighbourFacts } from '../../../src/model/link-evidence.js';
import type { PortAbilities } from '../../../src/model/path.js';
import { FILES_ONLY, MACHINE_FILES } from '../box/machine.js';
import { assertGolden } from './golden.js';

const PARTS: readonly PartStatus[] = [
  { part: 'tps', where: '/run/apparenet/tps.sock', state: 'up', version: '0.1.0', uptimeSec: 97_265, problem: null },
  { part: 'as', where: 'http://127.0.0.1:3238', state: 'degraded', version: '0.1.0', uptimeSec: 65, problem: null },
  { part: 'ui', where: 'http://127.0.0.1:3239', state: 'down', version: null, uptimeSec: null, problem: null },
];

const MEASURED: PortAbilities = {
  stampNoiseNs: 120,
  sendPacketsPerSec: 5e5,
  sendBitsPerSec: 9.8e8,
  receivePacketsPerSec: 1.2e6,
  receiveBitsPerSec: 9.4e8,
  coalescingNs: 50_000,
  measuredAt: '2026-01-02T03:04:05.000Z',
};
const ABILITIES: Readonly<Record<string, PortAbilities>> = { eth0: MEASURED, lo: { ...MEASURED, coalescingNs: 0 } };

const SWITCH: NeighbourFacts = {
  protocol: 'lldp',
  systemName: 'sw-1',
  portId: 'Gi0/3',
  portDescription: 'hall 2',
  duplex: 'half',
  speedBitsPerSec: 1e8,
  autoNegotiationEnabled: false,
  nativeVlan: 7,
  vlanIds: [],
  maxFrameBytes: null,
  ageSec: 12,
};

const HEALTH: BoxHealth = {
  temperatures: [
    { sensor: 'cpu-thermal', celsius: 81.6, criticalCelsius: 95 },
    { sensor: 'nvme Composite', celsius: 46.7, criticalCelsius: null },
  ],
  memory: { totalBytes: 4e9, availableBytes: 3.688e9 },
  storage: {
    folder: '/var/lib/apparenet',
    fileSystem: 'ext4',
    device: 'mmcblk0p3',
    totalBytes: 8e9,
    availableBytes: 5.2e9,
    readOnly: false,
    writtenBytes: 1.23e9,
    wear: 0.3,
  },
  load: { processors: 4, load1: 0.42, load15: 0.3, stalled: { processor: 0.02, memory: 0, storage: 0.01 } },
  clock: { synchronized: true, service: 'systemd-timesyncd', maxErrorNs: 23.4e6, source: 'arch_sys_counter' },
  concerns: [
    {
      subject: 'temperature',
      severity: 'warning',
      text: 'cpu-thermal is at 82 °C, and 95 °C is its limit',
      advice: 'Give the box air.',
    },
  ],
};

const STATUS: ApplianceStatus = {
  version: '0.1.0',
  parts: PARTS,
  ports: listPorts({
    ...FILES_ONLY,
    readTimestamping: (port) =>
      port === 'eth0' ? { capabilities: 0x7f, phcIndex: 0, txTypes: 0b11, rxFilters: 0x1001 } : null,
  }).map((port) => ({
    ...port,
    abilities: ABILITIES[port.facts.name] ?? null,
    neighbour: port.facts.name === 'eth0' ? SWITCH : null,
  })),
  inventory: {
    machine: 'Maker Board 5',
    serialNumber: null,
    processor: 'Cortex-A76',
    system: 'Debian 13',
    kernel: '6.12',
  },
  health: HEALTH,
  certificate: { expiresMs: Date.parse('2036-01-02T03:04:05Z'), isOwn: true },
  results: {
    reports: 20,
    limitedByProbe: 3,
    ports: [
      { port: 'eth0', reports: 15, limitedByProbe: 2 },
      { port: 'eth1', reports: 4, limitedByProbe: 1 },
      { port: 'lo', reports: 1, limitedByProbe: 0 },
    ],
    last: {
      id: '7K3Q',
      target: { address: '10.20.0.9', via: 'icmp' },
      startedAt: '2026-01-02T03:04:05.000Z',
      verdict: 'ok',
      summary: 'No fault found: 96.9 Mb/s',
    },
  },
  openIncidents: [buildIncident('0mkz7d2xw-gateway-loss-4', 0, 0)],
  mqtt: null,
};

test('ports of a machine with ours, a known other, a stranger and one not visible', () => {
  const uses = readLocalListeners(MACHINE_FILES);
  assertGolden('ports', renderListeners(uses));
  assert.equal(computeListenersExit(uses), 1);
});

test('ports of another machine', () => {
  const answers = REGISTERED_PORTS.filter(({ used }) => used).map((port, i) => ({
    ...port,
    judgement: (['ours', 'free', 'unexpected', 'silent'] as const)[i] ?? 'free',
    note: ['reflects STAMP packets', 'nobody listens', 'accepts connections', ''][i] ?? '',
  }));
  assertGolden('ports-there', renderRemotePorts(answers));
  assert.equal(computeRemoteExit(answers), 1);
  assert.equal(computeRemoteExit(answers.slice(0, 2)), 0);
  assert.equal(computeRemoteExit(answers.slice(3)), 3);
});

test('status', () => {
  assertGolden('status', renderStatus(STATUS, PLAIN));
});

test('the exit status tells whether all, some or no parts are well', () => {
  const [up, degraded, down] = PARTS;
  assert.ok(up && degraded && down);
  assert.equal(computeStatusExit({ parts: [up, up, up], health: HEALTH }), 0);
  assert.equal(computeStatusExit({ parts: [up, degraded, up], health: HEALTH }), 1);
  assert.equal(computeStatusExit({ parts: [down, down, up], health: HEALTH }), 1);
  assert.equal(computeStatusExit({ parts: [down, down, down], health: HEALTH }), 3);
  const concerns = HEALTH.concerns.map((concern) => ({ ...concern, severity: 'critical' as const }));
  assert.equal(computeStatusExit({ parts: [up, up, up], health: { ...HEALTH, concerns } }), 1);
});

describe('the reflector in one line', () => {
  const quiet = {
    received: 0,
    reflected: 0,
    foreign: 0,
    notAllowed: 0,
    rateLimited: 0,
    sendFailures: 0,
    sessions: 0,
    sessionsEvicted: 0,
    stampsKernel: 0,
    stampsHardware: 0,
    stampsMissing: 0,
    trains: 0,
    trainsRefused: 0,
    trainPackets: 0,
    socketDrops: 0,
  };

  test('leaves out what never happened', () => {
    assert.equal(renderCounters(quiet), '0 received · 0 reflected · 0 sessions');
  });

  test('says what was refused', () => {
    const busy = { ...quiet, received: 9, reflected: 5, sessions: 1, stampsKernel: 5, foreign: 3, notAllowed: 1 };
    assert.equal(
      renderCounters(busy),
      '9 received · 5 reflected · 1 session · 5 kernel stamps · 3 foreign · 1 from sources not allowed',
    );
  });
});

test('uptime in its two largest units', () => {
  const CASES = [
    [0, '0 s'],
    [59, '59 s'],
    [3_600, '1 h'],
    [3_661, '1 h 1 min'],
    [97_265, '1 d 3 h'],
  ] as const;
  for (const [seconds, text] of CASES) assert.equal(formatUptime(seconds), text);
});
