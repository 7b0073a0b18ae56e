// What counts as right in the diagnosis bench where the ends of a path cannot separate its fault from something else.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isRight, isToldAsOneOfTwo, nameVerdict } from '../../bench/diagnosis/case-outcome.js';
import type { CaseOutcome, Statement } from '../../bench/diagnosis/case-outcome.js';

const state = (condition: Statement['condition'], severity: Statement['severity'] = null): Statement => ({
  condition,
  probability: severity === null ? 0.05 : 0.9,
  severity,
  halfSide: null,
});

function outcome(statements: readonly Statement[], inseparableFrom?: 'none' | 'congestion'): CaseOutcome {
  const verdict = statements.some(({ severity }) => severity === 'warning') ? 'warning' : 'ok';
  const truth = { conditions: ['bufferbloat'], ...(inseparableFrom === undefined ? {} : { inseparableFrom }) } as const;
  return { kind: 'k', seed: 1, ends: 'echo', truth, verdict, statements, bytes: 1, seconds: 1 };
}

describe('a fault that cannot be separated from something else', () => {
  it('is right where both are in the report, whichever leads', () => {
    const beside = outcome([state('bufferbloat')], 'none');
    assert.ok(isRight(beside) && isToldAsOneOfTwo(beside));
    assert.equal(nameVerdict(beside), 'none or bufferbloat');
    const led = outcome([state('bufferbloat', 'warning')], 'none');
    assert.ok(isRight(led) && !isToldAsOneOfTwo(led));
    const other = outcome([state('congestion', 'warning'), state('bufferbloat')], 'congestion');
    assert.ok(isRight(other) && isToldAsOneOfTwo(other));
  });

  it('is wrong where the fault is not mentioned, or something else raises an alarm', () => {
    assert.ok(!isRight(outcome([], 'none')));
    assert.ok(!isRight(outcome([state('congestion', 'warning')], 'congestion')));
    assert.ok(!isRight(outcome([state('policer', 'warning'), state('bufferbloat')], 'none')));
  });

  it('is nothing that a fault which can be told gets', () => {
    assert.ok(!isRight(outcome([state('bufferbloat')])));
    assert.ok(!isToldAsOneOfTwo(outcome([state('bufferbloat')])));
  });
});
