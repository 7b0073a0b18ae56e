// A capacity near what the probe's own port can do is a lower bound; one well below it, or that of the port's own link, is none.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { computeOwnCeiling, describeOwnCeiling } from '../../../src/analysis/estimators/capacity/own-ceiling.js';
import type { Direction } from '../../../src/analysis/estimators/capacity/own-ceiling.js';
import type { PortAbilities } from '../../../src/model/path.js';
import { buildNarrowPath, describePath } from '../../simulation/analysis/examined-path.js';

const FRAME = 1514;
const ABILITIES: PortAbilities = {
  stampNoiseNs: 500,
  sendPacketsPerSec: 100e3,
  sendBitsPerSec: 400e6,
  receivePacketsPerSec: 40e3,
  receiveBitsPerSec: 600e6,
  coalescingNs: 0,
  measuredAt: '2026-01-01T00:00:00Z',
};

function describeAt(rate: number, direction: Direction = 'forward', speedBitsPerSec: number | null = null) {
  const path = { ...describePath(buildNarrowPath({ narrow: {} })), abilities: ABILITIES };
  const port = { ...path.port, speedBitsPerSec };
  return describeOwnCeiling(rate, { path: { ...path, port }, frameBytes: FRAME, direction });
}

describe("the port's own ceiling", () => {
  it('is that of bits or of packets, whichever comes first, in the direction watched', () => {
    const path = { ...describePath(buildNarrowPath({ narrow: {} })), abilities: ABILITIES };
    assert.equal(computeOwnCeiling(path, FRAME, 'forward'), 400e6);
    assert.equal(computeOwnCeiling(path, 200, 'forward'), 160e6);
    assert.equal(computeOwnCeiling(path, FRAME, 'reverse'), 40e3 * FRAME * 8);
    assert.equal(computeOwnCeiling(path, FRAME, 'both'), 400e6);
    assert.equal(computeOwnCeiling({ ...path, abilities: null }, FRAME, 'both'), Infinity);
  });

  it('bounds rates within a tenth of it and above', () => {
    assert.equal(describeAt(350e6), null);
    assert.equal(describeAt(365e6), "The probe's own port sends no more than 400 Mb/s");
    assert.equal(describeAt(420e6), "The probe's own port sends no more than 400 Mb/s");
    assert.equal(describeAt(365e6, 'reverse'), null);
    assert.equal(describeAt(470e6, 'reverse'), "The probe's own port receives no more than 484 Mb/s");
  });

  it("does not bound the rate of the port's own full link", () => {
    assert.equal(describeAt(393e6, 'both', 400e6), null);
    assert.notEqual(describeAt(393e6, 'both', 1e9), null);
  });
});
