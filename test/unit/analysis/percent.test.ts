// Ratios in evidence: never none or all for what is only nearly so, and no figure that nobody can read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatPercent } from '../../../src/analysis/signatures/observations.js';

test('a ratio in evidence is told with two digits, none and all only where it is so', () => {
  const told = [0, 1e-9, 0.0031, 0.031, 0.31, 0.9951, 0.99999, 1].map(formatPercent);
  assert.deepEqual(told, ['0 %', '< 0.01 %', '0.31 %', '3.1 %', '31 %', '99.5 %', '> 99.9 %', '100 %']);
});
