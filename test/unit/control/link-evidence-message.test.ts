// Neighbours in a sequencer's status: of one that does not listen yet, of one that does, and of one that talks nonsense.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { ProtocolError } from '../../../src/model/errors.js';
import type { PortNeighbour } from '../../../src/model/link-evidence.js';
import { parsePortNeighbours } from '../../../src/sequencer/control/link-evidence-message.js';

const HEARD: PortNeighbour = {
  port: 'eth0',
  neighbour: {
    protocol: 'cdp',
    systemName: 'sw-1',
    portId: 'Fa0/4',
    portDescription: null,
    duplex: 'half',
    speedBitsPerSec: null,
    autoNegotiationEnabled: null,
    nativeVlan: 20,
    vlanIds: [],
    maxFrameBytes: 1518,
    ageSec: 12,
  },
};

it('an older sequencer has none', () => {
  assert.deepEqual(parsePortNeighbours(undefined), []);
});

it('come as they were told', () => {
  assert.deepEqual(parsePortNeighbours(JSON.parse(JSON.stringify([HEARD]))), [HEARD]);
});

it('of any JSON are neighbours or a ProtocolError', () => {
  const anyField = fc.constantFrom(...Object.keys(HEARD.neighbour));
  fc.assert(
    fc.property(anyField, fc.jsonValue(), (field, value) => {
      for (const told of [value, [{ ...HEARD, neighbour: { ...HEARD.neighbour, [field]: value } }]]) {
        try {
          parsePortNeighbours(told);
        } catch (error) {
          assert.ok(error instanceof ProtocolError, String(error));
        }
      }
    }),
  );
});
