// Which sizes are known to fail, and which requests arrived whose replies did not.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { computeAllLostChance, readSizeLimit } from '../../../src/analysis/estimators/loss/size-limit.js';
import type { SizeTally } from '../../../src/analysis/estimators/loss/size-limit.js';
import { computeSizeFates } from '../../../src/analysis/estimators/loss/size-fates.js';
import { TRACE_FLAG } from '../../../src/model/trace.js';
import { buildTrace } from './built-trace.js';
import type { BuiltRow } from './built-trace.js';

const tally = (passed: number, failed: number, refused = 0): SizeTally => ({ passed, failed, refused });
const read = (tallies: Record<number, SizeTally>) =>
  readSizeLimit(new Map(Object.entries(tallies).map(([size, one]) => [Number(size), one])));

describe('a size limit', () => {
  it("follows Fisher's exact test: three of three lost beside n of n that pass have chance 1 in C(n + 3, 3)", () => {
    assert.ok(Math.abs(computeAllLostChance({ tried: 17, lost: 0 }, 3) - 1 / 1140) < 1e-12);
    // By hand: 5 of 10 lost, then 4 of 4: (6 · 7 · 8 · 9) / (11 · 12 · 13 · 14).
    assert.ok(Math.abs(computeAllLostChance({ tried: 10, lost: 5 }, 4) - 3024 / 24024) < 1e-12);
  });

  it('is known from three failures among enough that pass, not from two', () => {
    const passing = { 92: tally(18, 0), 1400: tally(4, 0) };
    assert.equal(read({ ...passing, 1401: tally(0, 3) })?.failedBytes, 1401);
    assert.equal(read({ ...passing, 1401: tally(0, 2) })?.failedBytes, null);
    assert.equal(read({ ...passing, 1401: tally(0, 2), 1420: tally(0, 1) })?.failedBytes, 1420);
  });

  it('is not known where passing sizes are lost as well', () => {
    const lossy = { 92: tally(12, 6), 1400: tally(3, 1) };
    assert.equal(read({ ...lossy, 1401: tally(0, 3) })?.failedBytes, null);
    assert.equal(read({ ...lossy, 1401: tally(0, 12) })?.failedBytes, 1401);
  });

  it('is not known from small packets alone where large ones are often lost', () => {
    const growing = { 92: tally(40, 0), 1400: tally(2, 2) };
    assert.equal(read({ ...growing, 1401: tally(0, 3) })?.failedBytes, null);
  });

  it('needs no chance where a router said so, and nothing where a size above passed', () => {
    assert.equal(read({ 92: tally(1, 0), 1400: tally(0, 1, 1) })?.failedBytes, 1400);
    assert.deepEqual(read({ 92: tally(18, 0), 1400: tally(0, 5), 1500: tally(1, 9) })?.suspects, []);
    assert.equal(read({ 92: tally(0, 18) }), null);
  });
});

const answered = (sizeBytes: number, farSequence: number): BuiltRow => ({ sizeBytes, farSequence });
const lost = (sizeBytes: number): BuiltRow => ({ sizeBytes, lost: true });
const arrivalsOf = (...runs: readonly (readonly BuiltRow[])[]) =>
  computeSizeFates(runs.map((rows) => buildTrace(rows, { sequenceId: 'mtu' })));

describe('a request without reply', () => {
  it('arrived where the reflector counted it, and did not where it did not', () => {
    const { fates } = arrivalsOf([answered(92, 4), lost(1500), answered(92, 6), lost(1500), answered(92, 7)]);
    assert.deepEqual(
      fates.map(({ hasArrived }) => hasArrived),
      [true, true, true, false, true],
    );
  });

  it('of several is taken for the larger one', () => {
    const { fates } = arrivalsOf([answered(92, 4), lost(1500), lost(1400), answered(92, 6)]);
    assert.deepEqual([fates[1]?.hasArrived, fates[2]?.hasArrived], [false, true]);
  });

  it('at the end of a run is told by the next one', () => {
    const { fates } = arrivalsOf([answered(92, 0), lost(1500)], [answered(92, 2)]);
    assert.equal(fates[1]?.hasArrived, true);
    assert.equal(arrivalsOf([answered(92, 0), lost(1500)]).fates[1]?.hasArrived, null);
  });

  it('is not told by numbers that contradict the order, begin anew, or count copies', () => {
    const steady = Array.from({ length: 60 }, (_, i) => answered(92, i));
    const swapped = [...steady, answered(92, 60), lost(1500), answered(92, 63), answered(92, 62), answered(92, 64)];
    assert.equal(arrivalsOf(swapped).fates[61]?.hasArrived, null);
    assert.equal(arrivalsOf([...steady, lost(1500), answered(92, 0)]).fates[60]?.hasArrived, null);
    assert.equal(arrivalsOf([...steady, lost(1500), answered(92, 99)]).fates[60]?.hasArrived, null);
    const disorder = [5, 3, 8, 6].map((number) => answered(92, number));
    assert.equal(arrivalsOf(disorder).isCounting, false);
  });

  it('that a router refused is told from one that was lost', () => {
    const flags = TRACE_FLAG.sent | TRACE_FLAG.errorReply;
    const messages = [{ kind: 'packet-too-big', code: 4, from: '10.0.0.1', mtuBytes: 1400, count: 1 }] as const;
    const rows = [answered(92, -1), { ...lost(1500), flags }, lost(1300)];
    const { fates, isCounting } = computeSizeFates([buildTrace(rows, { sequenceId: 'mtu', messages })]);
    assert.equal(isCounting, false);
    assert.deepEqual(
      fates.map(({ isRefused }) => isRefused),
      [false, true, false],
    );
  });
});
