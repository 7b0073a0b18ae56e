// Where packets of both directions are missing between two answers, each direction has as many of them as the far end's numbers say.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { collectLoadRows } from '../../../src/analysis/signatures/load/rows/collect-load-rows.js';
import { LEG } from '../../../src/analysis/signatures/load/rows/load-rows.js';
import type { Trace } from '../../../src/model/trace.js';
import { buildTrace } from './built-trace.js';

const LATE_NS = 150e6;

/** `fates`: A answered, F lost on the way there, R on the way back. */
function buildCounted(fates: string): Trace {
  let arrived = 0;
  const trace = buildTrace(Array.from(fates).map((fate) => ({ lost: fate !== 'A' })));
  Array.from(fates).forEach((fate, row) => {
    trace.farSequence[row] = fate === 'A' ? arrived : -1;
    if (fate !== 'F') arrived += 1;
  });
  return trace;
}

function collect(traces: readonly Trace[]) {
  const none = new Set<Trace>();
  const rows = collectLoadRows({ traces, light: new Set(traces), sparse: none, mute: none, mtuBytes: null });
  const countOn = (leg: number) => {
    const on = [...rows.leg.keys()].filter((i) => rows.leg[i] === leg);
    return { sent: on.length, lost: on.filter((i) => rows.isLost[i] === 1).length };
  };
  return { rows, round: countOn(LEG.round), forward: countOn(LEG.forward), reverse: countOn(LEG.reverse) };
}

describe('lost packets', () => {
  test('are counted on the leg on which the far end missed them', () => {
    const { forward, reverse, round, rows } = collect([buildCounted('AFFARRA')]);
    assert.deepEqual([forward, reverse, round.sent], [{ sent: 7, lost: 2 }, { sent: 5, lost: 2 }, 0]);
    assert.ok(rows.isGuessed.every((guessed) => guessed === 0));
  });

  test('of both directions in one gap are shared out, and known to be', () => {
    const { forward, reverse, round, rows } = collect([buildCounted('AAFRFA')]);
    assert.deepEqual([forward, reverse, round.sent], [{ sent: 6, lost: 2 }, { sent: 4, lost: 1 }, 0]);
    assert.equal(
      rows.isGuessed.reduce((sum, guessed) => sum + guessed, 0),
      4,
    );
  });

  test('behind the last answer go the way of the others', () => {
    const { forward, round } = collect([buildCounted('AFAFAFF')]);
    assert.deepEqual([forward, round.sent], [{ sent: 7, lost: 4 }, 0]);
  });

  test('behind the last answer are left out where the next run begins with late ones', () => {
    const late = buildTrace([{ rxNs: LATE_NS }, { rxNs: LATE_NS }, { rxNs: LATE_NS }], { baseNs: 1_000_000_000n });
    const quick = buildTrace([{}, {}, {}], { baseNs: 1_000_000_000n });
    const ended = buildTrace([{}, {}, { lost: true }, { lost: true }]);
    assert.equal(collect([ended, late]).round.lost, 0);
    assert.equal(collect([ended, quick]).round.lost, 2);
  });
});
