// Packets that come at instants only, as from a link that sends in slots, and packets that keep the pace at which others were sent.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findArrivalLattice } from '../../../src/analysis/estimators/capacity/arrival-lattice.js';
import { createRandom } from '../../../src/model/random.js';

const SEED = 20_261_125;
const PACKETS = 250;
const INTERVAL_NS = 8e6;
const SLOT_NS = 3.37e6;
const asked = Float64Array.from({ length: PACKETS }, (_, i) => i * INTERVAL_NS);

/** Replies leave at any time: what a request waited differs by some milliseconds. */
function drawDepartures(): Float64Array {
  const random = createRandom(SEED);
  return asked.map((atNs) => atNs - 6e6 * Math.log(1 - random.uniform())).sort();
}

describe('the lattice of arrivals', () => {
  it('is found where packets wait for the next slot', () => {
    const left = drawDepartures();
    const came = left.map((atNs) => Math.ceil(atNs / SLOT_NS) * SLOT_NS + 20e6);
    const lattice = findArrivalLattice(left, came, asked);
    const slots = (lattice?.periodNs ?? 0) / SLOT_NS;
    assert.ok(slots > 0.5 && Math.abs(slots - Math.round(slots)) < 1e-3, `seed ${SEED}: ${lattice?.periodNs}`);
    assert.ok((lattice?.logOdds ?? 0) > 20, `seed ${SEED}: ${lattice?.logOdds}`);
  });

  it('is none where replies come at the pace of the requests, though they did not leave at it', () => {
    const left = drawDepartures();
    const came = asked.map((atNs) => atNs + 40e6);
    assert.notEqual(findArrivalLattice(left, came), null);
    assert.equal(findArrivalLattice(left, came, asked), null);
  });

  it('is none where packets come as they left', () => {
    const left = drawDepartures();
    assert.ok(
      (findArrivalLattice(
        left,
        left.map((atNs) => atNs + 20e6),
      )?.logOdds ?? -Infinity) < 0,
      `seed ${SEED}`,
    );
  });
});
