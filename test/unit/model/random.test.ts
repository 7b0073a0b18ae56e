// The generator against its published outputs, and the distributions against their moments.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, createXoshiro128 } from '../../../src/model/random.js';

const SAMPLES = 200_000;

test('xoshiro128** gives the published outputs for the state 1, 2, 3, 4', () => {
  const next = createXoshiro128([1, 2, 3, 4]);
  const outputs = Array.from({ length: 10 }, next);
  assert.deepEqual(
    outputs,
    [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804],
  );
});

test('the same seed repeats the stream; neighbouring, large and negative seeds differ', () => {
  const firstTwenty = (seed: number): string => {
    const random = createRandom(seed);
    return Array.from({ length: 20 }, () => random.uint32()).join(' ');
  };
  assert.equal(firstTwenty(7), firstTwenty(7));
  const seeds = [0, 1, 2, -1, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1];
  assert.equal(new Set(seeds.map(firstTwenty)).size, seeds.length);
});

test('uniform stays in [0, 1) with the right mean and variance', () => {
  const random = createRandom(11);
  const { mean, variance, min, max } = computeMoments(() => random.uniform());
  assert.ok(min >= 0 && max < 1, `min ${min} max ${max}`);
  // Five standard errors: 5·sqrt(1/12/200000) = 0.0032.
  assert.ok(Math.abs(mean - 0.5) < 0.0032, `mean ${mean}, seed 11`);
  assert.ok(Math.abs(variance - 1 / 12) < 0.001, `variance ${variance}, seed 11`);
});

test('exponential and normal have their mean and variance', () => {
  const random = createRandom(12);
  const exponential = computeMoments(() => random.exponential(3));
  assert.ok(exponential.min >= 0);
  assert.ok(Math.abs(exponential.mean - 3) < 0.034, `mean ${exponential.mean}, seed 12`);
  assert.ok(Math.abs(exponential.variance - 9) < 0.3, `variance ${exponential.variance}, seed 12`);
  const normal = computeMoments(() => random.normal(-5, 2));
  assert.ok(Math.abs(normal.mean + 5) < 0.023, `mean ${normal.mean}, seed 12`);
  assert.ok(Math.abs(normal.variance - 4) < 0.065, `variance ${normal.variance}, seed 12`);
});

test('shuffle gives each of the six orders of three items equally often and leaves its input alone', () => {
  const random = createRandom(13);
  const items = [1, 2, 3];
  const seen = new Map<string, number>();
  for (let round = 0; round < 60_000; round += 1) {
    const order = random.shuffle(items).join('');
    seen.set(order, (seen.get(order) ?? 0) + 1);
  }
  assert.deepEqual(items, [1, 2, 3]);
  assert.equal(seen.size, 6);
  // 10,000 expected, standard deviation 91.
  for (const [order, count] of seen) assert.ok(Math.abs(count - 10_000) < 460, `${order}: ${count}, seed 13`);
});

function computeMoments(draw: () => number): { mean: number; variance: number; min: number; max: number } {
  let sum = 0;
  let squares = 0;
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < SAMPLES; i += 1) {
    const value = draw();
    sum += value;
    squares += value * value;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  const mean = sum / SAMPLES;
  return { mean, variance: squares / SAMPLES - mean * mean, min, max };
}
