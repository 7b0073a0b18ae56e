// Figures as people read them, and the promise that a rounded interval still holds what was measured.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  describeProbability,
  formatEstimate,
  formatFigure,
  formatMilliseconds,
  formatPercent,
  RATE,
  RATIO,
  TIME,
  VOLUME,
  type UnitFamily,
} from '../../../src/model/figures.js';
import type { Estimate } from '../../../src/model/estimates.js';

const estimate = (value: number, low: number, high: number): Estimate => ({
  value,
  low,
  high,
  method: 'test',
  samples: 1,
  quality: 'good',
  limitedBy: null,
});

test('a figure takes the largest unit that it fills', () => {
  const CASES: readonly (readonly [number, UnitFamily, string])[] = [
    [0, RATE, '0 b/s'],
    [999, RATE, '999 b/s'],
    [999_999, RATE, '1 Mb/s'],
    [96_900_000, RATE, '96.9 Mb/s'],
    [1e9, RATE, '1 Gb/s'],
    [1e11, RATE, '100 Gb/s'],
    [41_000, TIME, '41 µs'],
    [1.93e6, TIME, '1.93 ms'],
    [1_902_311, VOLUME, '1.9 MB'],
    [222, VOLUME, '222 B'],
    [0.182, RATIO, '18.2 %'],
  ];
  for (const [value, family, text] of CASES) assert.equal(formatFigure(value, family), text);
});

test('an interval in the form that suits it', () => {
  const CASES: readonly (readonly [number, number, number, UnitFamily, string])[] = [
    [96.9e6, 96.6e6, 97.2e6, RATE, '96.9 Mb/s ± 0.3'],
    [31e6, 27e6, 35e6, RATE, '31 Mb/s ± 4'],
    [0.182, 0.169, 0.196, RATIO, '18.2 % ± 1.4'],
    [0.02, 0.011, 0.06, RATIO, '2.0 % (1.1 to 6.0)'],
    [0, 0, 0.0089, RATIO, '0 % (below 0.9)'],
    [1, 0.824, 1, RATIO, '100 % (above 82)'],
    [5e7, 5e7, 5e7, RATE, '50 Mb/s'],
    [4_000, 1_400, 12_000, TIME, '4.0 µs (1.4 to 12.0)'],
    [3.999e6, 3.998e6, 4.002e6, TIME, '3.999 ms ± 0.003'],
    [11, 0, 4_636, TIME, '0 µs (below 5)'],
    [40_821, 0, 40_821, TIME, 'at most 41 µs'],
  ];
  for (const [value, low, high, family, text] of CASES) {
    assert.equal(formatEstimate(estimate(value, low, high), family), text);
  }
});

/** The interval that a reader takes from the text, in units of the family. */
function readInterval(text: string): { low: number; high: number } | null {
  const [, value = '', , rest = ''] = /^(-?[\d.]+) (\S+)(.*)$/.exec(text) ?? [];
  const half = / ± ([\d.]+)$/.exec(rest)?.[1];
  if (half !== undefined) return { low: Number(value) - Number(half), high: Number(value) + Number(half) };
  const [, low, high] = / \((-?[\d.]+) to ([\d.]+)\)$/.exec(rest) ?? [];
  if (low !== undefined) return { low: Number(low), high: Number(high) };
  const most = /^at most ([\d.]+) /.exec(text)?.[1];
  if (most !== undefined) return { low: -Infinity, high: Number(most) };
  const below = / \(below ([\d.]+)\)$/.exec(rest)?.[1];
  if (below !== undefined) return { low: -Infinity, high: Number(below) };
  const above = / \(above (-?[\d.]+)\)$/.exec(rest)?.[1];
  return above === undefined ? null : { low: Number(above), high: Infinity };
}

test('what is shown holds the interval that was measured', () => {
  const positive = fc.double({ min: 1e-3, max: 1e9, noNaN: true });
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(positive, share, share, (value, down, up) => {
      const measured = estimate(value, value * (1 - down), value * (1 + up));
      // One unit of size 1, so that the text and the estimate speak of the same numbers.
      const text = formatEstimate(measured, [{ name: 'u', size: 1 }]);
      const shown = readInterval(text);
      if (shown === null) {
        assert.ok(measured.low === value && measured.high === value, text);
        return;
      }
      // What rounding outward forgives, so that binary fractions do not add a digit.
      const slack = 1e-6 * value;
      assert.ok(shown.low <= measured.low + slack, `${text} for ${measured.low} to ${measured.high}`);
      assert.ok(shown.high >= measured.high - slack, `${text} for ${measured.low} to ${measured.high}`);
    }),
    { numRuns: 2000 },
  );
});

test('durations lose the digits that nobody reads', () => {
  const CASES = [
    [90, '90 ms'],
    [612.4, '612 ms'],
    [8_412, '8.4 s'],
    [12_345, '12 s'],
  ] as const;
  for (const [ms, text] of CASES) assert.equal(formatMilliseconds(ms), text);
});

test('probability in words and percents, never certain by rounding', () => {
  assert.equal(describeProbability(0.97), 'very likely (97 %)');
  assert.equal(describeProbability(0.996), 'almost certain (> 99 %)');
  assert.equal(describeProbability(0.004), 'unlikely (< 1 %)');
  assert.equal(formatPercent(0), '0 %');
  assert.equal(formatPercent(1), '100 %');
});
