// Delay under load as a person reads it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderLoaded } from '../../../src/cli/loaded-text.js';
import type { LoadedDelay } from '../../../src/model/estimates.js';
import { above, delayOf, within } from './sample-delays.js';

const MS = 1e6;

const IDLE = delayOf(20, 20.4, 20.4);

const FULL: LoadedDelay = {
  loadBitsPerSec: { forward: 100e6, reverse: 100e6 },
  ownFlow: delayOf(102, 102.4, 102.4),
  otherFlow: delayOf(20.3, 21, 21),
  increaseNs: 82 * MS,
  bufferBytes: 1_030_000,
  roundTripsPerMinute: 588.24,
  lossRatio: 0.12,
  intervals: {
    increaseNs: above(82 * MS),
    bufferBytes: above(1_030_000),
    roundTripsPerMinute: within(588.24),
    lossRatio: within(0.12),
  },
};

test('a full buffer and what it spares: one row each load, then what it means', () => {
  assert.deepEqual(renderLoaded({ idle: IDLE, up: FULL, down: null, both: null }), [
    "load  median  p95     another flow's p95",
    'none  20 ms   20.4 ms',
    'up    102 ms  102 ms  21 ms',
    'up  82 ms more than idle: about 1.03 MB of buffer; 588 round trips a minute; 12 % lost',
    'up  95 % intervals: 82 ms (above 77) more than idle; 1.03 MB (above 0.97) of buffer; 588 round trips a minute ± 30; 12.0 % ± 0.6 lost',
  ]);
});

test('no word of a buffer where the load changed next to nothing, none of loss where nothing was lost', () => {
  const calm = { ...FULL, increaseNs: 0.9 * MS, bufferBytes: 11_000, lossRatio: 0, roundTripsPerMinute: 2_985 };
  const lines = renderLoaded({ idle: IDLE, up: calm, down: null, both: null });
  assert.equal(lines.at(-2), 'up  900 µs more than idle; 2990 round trips a minute');
});

test('a flow of which nothing came back is told, not left empty', () => {
  const lines = renderLoaded({ idle: IDLE, up: null, down: { ...FULL, otherFlow: null }, both: null });
  assert.match(lines[2] ?? '', /^down +102 ms +102 ms +none came$/);
});
