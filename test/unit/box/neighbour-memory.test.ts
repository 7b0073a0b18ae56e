// A command that listens for seconds begins with what a sequencer heard before.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { listenWithMemory } from '../../../src/box/neighbour-memory.js';
import type { HeardOnLink, NeighbourFacts } from '../../../src/model/link-evidence.js';

const SWITCH: NeighbourFacts = {
  protocol: 'lldp',
  systemName: 'sw-1',
  portId: 'Gi0/3',
  portDescription: null,
  duplex: 'half',
  speedBitsPerSec: 1e8,
  autoNegotiationEnabled: null,
  nativeVlan: null,
  vlanIds: [],
  maxFrameBytes: null,
  ageSec: 20,
};

it('remembers until somebody is heard, and ages meanwhile', () => {
  let nowMs = 5000;
  let heard: HeardOnLink = { neighbour: null, taggedVlanIds: [7] };
  let closed = 0;
  const listen = () => ({ read: () => heard, close: () => (closed += 1) });
  const known = [{ port: 'p0', neighbour: SWITCH }];
  const listening = listenWithMemory(known, { listen, readMs: () => nowMs })('p0') ?? assert.fail('nobody listens');
  nowMs = 12_900;
  assert.deepEqual(listening.read(), { neighbour: { ...SWITCH, ageSec: 27 }, taggedVlanIds: [7] });
  heard = { neighbour: { ...SWITCH, systemName: 'sw-2', ageSec: 0 }, taggedVlanIds: [] };
  assert.deepEqual(listening.read(), heard);
  listening.close();
  assert.equal(closed, 1);
});

it('has no memory of another port, and no ears where nobody can listen', () => {
  const heard: HeardOnLink = { neighbour: null, taggedVlanIds: [] };
  const known = [{ port: 'p0', neighbour: SWITCH }];
  const other = listenWithMemory(known, { listen: () => ({ read: () => heard, close: () => undefined }) })('p1');
  assert.equal(other?.read().neighbour, null);
  assert.equal(listenWithMemory(known, { listen: () => null })('p0'), null);
});
