// A neighbour that speaks in the middle of an examination is known at its end.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { NeighbourFacts } from '../../../src/model/link-evidence.js';
import type { PathDescription } from '../../../src/model/path.js';
import { addHeard } from '../../../src/analysis/examination/add-heard.js';

const NEIGHBOUR: NeighbourFacts = {
  protocol: 'lldp',
  systemName: 'sw-1',
  portId: 'Gi0/3',
  portDescription: null,
  duplex: 'half',
  speedBitsPerSec: 1e8,
  autoNegotiationEnabled: false,
  nativeVlan: 7,
  vlanIds: [],
  maxFrameBytes: null,
};
const PATH = { taggedVlanIds: [9] } as unknown as PathDescription;

it('keeps a neighbour once heard, takes the newer word of it, and gathers VLANs', () => {
  const first = addHeard(PATH, { neighbour: NEIGHBOUR, taggedVlanIds: [12, 9] });
  assert.deepEqual(first.neighbour, NEIGHBOUR);
  assert.deepEqual(first.taggedVlanIds, [9, 12]);
  const silent = addHeard(first, { neighbour: null, taggedVlanIds: [3] });
  assert.deepEqual(silent.neighbour, NEIGHBOUR);
  assert.deepEqual(silent.taggedVlanIds, [3, 9, 12]);
  assert.equal(
    addHeard(silent, { neighbour: { ...NEIGHBOUR, duplex: 'full' }, taggedVlanIds: [] }).neighbour?.duplex,
    'full',
  );
});

it('leaves the path as it is where nobody listens', () => {
  assert.equal(addHeard(PATH, undefined), PATH);
  assert.equal(addHeard(PATH, null), PATH);
});
