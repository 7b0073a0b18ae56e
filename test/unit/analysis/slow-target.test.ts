// A far end whose stamps say that it takes its time: always, now and then, or as any host does.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeSlowTarget } from '../../../src/analysis/signatures/slow-target.js';
import type { Judgement, Observations } from '../../../src/analysis/signatures/observations.js';
import { buildTrace } from './built-trace.js';

const ANSWERS = 400;
const MS = 1e6;

/** Of every answer what the far end takes over it, ns. */
function judge(residenceOf: (k: number) => number): Judgement | null {
  const rows = Array.from({ length: ANSWERS }, (_, k) => {
    const farRxNs = k * 10 * MS + 0.1 * MS;
    return { farRxNs, farTxNs: farRxNs + residenceOf(k) };
  });
  const light = [buildTrace(rows)];
  const path = { stamps: { far: 'kernel' }, target: { address: '192.0.2.9' } };
  return judgeSlowTarget({ light, path } as unknown as Observations);
}

const told = (judgement: Judgement | null): string => judgement?.finding?.evidence.map(({ text }) => text).join() ?? '';

describe('a far end that stamps is told as slow', () => {
  test('where it usually takes 2 ms and more', () => {
    const judgement = judge(() => 3 * MS);
    assert.match(told(judgement), /takes 3\.?0* ms to answer \(median\)/);
  });

  test('where it does so over some of its answers, with how many and how long', () => {
    const judgement = judge((k) => (k % 25 === 7 ? 20 * MS : 5_000));
    assert.equal(judgement?.finding?.severity, 'info');
    assert.match(told(judgement), /over 16 of 400 answers, 20\.?0* ms at most/);
  });

  test('not where a machine is busy with something else now and then', () => {
    assert.equal(
      judge((k) => (k % 150 === 7 ? 6 * MS : 5_000)),
      null,
    );
    assert.equal(
      judge(() => 50_000),
      null,
    );
  });
});
