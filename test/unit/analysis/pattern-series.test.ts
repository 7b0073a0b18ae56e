// Points for a drawing: as few as it can show, finite ones only.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildSeries } from '../../../src/analysis/patterns/pattern-series.js';
import { MOST_POINTS } from '../../../src/model/evidence-pattern.js';

test('points that are no figure, or none after rounding, are left out', () => {
  const series = buildSeries('delay', 'dots', [
    [3, 1],
    [NaN, 1],
    [Number.MAX_VALUE, 1],
    [1, Infinity],
    [1, 2.000001],
  ]);
  assert.deepEqual(series, { name: 'delay', mark: 'dots', x: [1, 3], y: [2, 1] });
  assert.equal(buildSeries('delay', 'dots', [[0, -Number.MAX_VALUE]]), null);
});

test('of too many points the first, the last and evenly spread ones stay', () => {
  const series = buildSeries(
    'delay',
    'dots',
    Array.from({ length: 10_000 }, (_, i) => [i, i] as const),
  );
  assert.equal(series?.x.length, MOST_POINTS);
  assert.deepEqual([series.x[0], series.x.at(-1)], [0, 9999]);
});
