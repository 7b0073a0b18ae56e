// Counts of lost packets of each direction tell the half-duplex side of a mismatch, whatever the instants.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { countLostBothWays, weighSides } from '../../../src/analysis/signatures/load/collisions/side-counts.js';
import { buildTrace } from './built-trace.js';

const NINE_TO_ONE = Math.log(9);
const EXPOSED = { half: 400, full: 400 } as const;
/** Nothing was lost of what met none of ours. */
const QUIET = { forward: 0, reverse: 0, exposed: EXPOSED } as const;

describe('packets lost both ways', () => {
  test('are told apart by what the far end counted between two replies', () => {
    // Of five requests between the first and the last reply three arrived, and one of those was answered.
    const trace = buildTrace([{}, { lost: true }, { lost: true }, {}, { lost: true }, { lost: true }, {}]);
    trace.farSequence.fill(-1);
    for (const [row, sequence] of [
      [0, 40],
      [3, 42],
      [6, 44],
    ] as const) {
      trace.farSequence[row] = sequence;
    }
    const { forward, reverse, exposed } = countLostBothWays([trace]);
    assert.deepEqual({ forward, reverse }, { forward: 2, reverse: 2 });
    assert.equal(exposed.full, 6);
    assert.ok(exposed.half < 6, 'a small packet of the half side is tried again');
  });

  test('are not counted where the far end does not count', () => {
    const trace = buildTrace([{}, { lost: true }, {}]);
    trace.farSequence.fill(-1);
    assert.deepEqual(countLostBothWays([trace]), { forward: 0, reverse: 0, exposed: { half: 0, full: 0 } });
  });
});

describe('the half-duplex side', () => {
  test('is the one that loses fewer packets', () => {
    const near = weighSides({ forward: 90, reverse: 113, exposed: EXPOSED }, QUIET);
    assert.ok(near.near - near.far > NINE_TO_ONE && near.near - near.alike > NINE_TO_ONE);
    const far = weighSides({ forward: 113, reverse: 90, exposed: EXPOSED }, QUIET);
    assert.ok(far.far - far.near > NINE_TO_ONE && far.far - far.alike > NINE_TO_ONE);
  });

  test('stays open where both lose alike, or nothing', () => {
    const alike = weighSides({ forward: 40, reverse: 40, exposed: EXPOSED }, QUIET);
    assert.ok(Math.abs(alike.near - alike.far) < 1e-9 && alike.alike > alike.near);
    assert.deepEqual(weighSides({ forward: 0, reverse: 0, exposed: EXPOSED }, QUIET), { near: 0, far: 0, alike: 0 });
  });

  test('stays open where others may have cost what one direction lost more', () => {
    const met = { forward: 14, reverse: 18, exposed: EXPOSED };
    const quiet = weighSides(met, QUIET);
    const busy = weighSides(met, { forward: 0, reverse: 5, exposed: EXPOSED });
    assert.ok(quiet.near - quiet.far > busy.near - busy.far);
    assert.ok(Math.abs(busy.near - busy.far) < NINE_TO_ONE);
  });
});
