// The other end of the cable, as a person reads it.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { PLAIN } from '../../../src/cli/ink.js';
import { describeNeighbour } from '../../../src/cli/neighbour-text.js';
import { renderReport } from '../../../src/cli/report-text.js';
import type { NeighbourFacts } from '../../../src/model/link-evidence.js';
import { assertValidReport } from '../analysis/report-schema.js';
import { HEALTHY_REPORT } from './sample-reports.js';

const SILENT: NeighbourFacts = {
  protocol: 'lldp',
  systemName: null,
  portId: null,
  portDescription: null,
  duplex: null,
  speedBitsPerSec: null,
  autoNegotiationEnabled: null,
  nativeVlan: null,
  vlanIds: [],
  maxFrameBytes: null,
};
const SWITCH: NeighbourFacts = {
  ...SILENT,
  systemName: 'sw-1',
  portId: 'Gi0/3',
  portDescription: 'hall 2',
  duplex: 'half',
  speedBitsPerSec: 1e8,
  autoNegotiationEnabled: false,
  nativeVlan: 7,
  vlanIds: [7, 30],
  maxFrameBytes: 1522,
  ageSec: 3,
};

it('says what it told and nothing else', () => {
  assert.equal(describeNeighbour(SWITCH), 'sw-1 port Gi0/3 (hall 2), 100 Mb/s half, auto-negotiation off, VLAN 7');
  assert.equal(describeNeighbour({ ...SILENT, duplex: 'full' }), 'a system without a name, full');
  assert.equal(
    describeNeighbour({ ...SILENT, portId: 'eth0', portDescription: 'eth0' }),
    'a system without a name port eth0',
  );
});

it('stands below the port in a report, which stays valid', () => {
  const report = { ...HEALTHY_REPORT, port: { ...HEALTHY_REPORT.port, neighbour: SWITCH } };
  assertValidReport(report);
  const [first, second] = renderReport(report, { columns: 100, ink: PLAIN, notes: [] }).split('\n');
  assert.match(first ?? '', /^eth0 100 Mb\/s/);
  assert.equal(second, `eth0 hangs on ${describeNeighbour(SWITCH)}`);
});
