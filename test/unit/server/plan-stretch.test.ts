import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { computePhase, computeShare, planStretch } from '../../../src/server/monitors/plan-stretch.js';

const positions = fc
  .record({
    nowMs: fc.integer({ min: 0, max: 4e12 }),
    lengthMs: fc.constantFrom(5_000, 60_000),
    intervalMs: fc.integer({ min: 100, max: 60_000 }),
    ordinal: fc.integer({ min: 0, max: 1_000 }),
    mostMs: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 60_000 })),
  })
  .filter(({ intervalMs, lengthMs }) => intervalMs <= lengthMs)
  .map(({ ordinal, ...position }) => ({
    ...position,
    phaseMs: computePhase(computeShare(ordinal), position.intervalMs),
  }));

test('a stretch begins in the future, at a slot, and ends within its period', () => {
  fc.assert(
    fc.property(positions, (position) => {
      const { nowMs, lengthMs, intervalMs, phaseMs, mostMs } = position;
      const { startMs, count } = planStretch(position);
      const beginMs = Math.floor(startMs / lengthMs) * lengthMs;
      assert.ok(startMs >= nowMs && startMs - nowMs < intervalMs + lengthMs - (lengthMs % intervalMs));
      assert.equal((startMs - beginMs - phaseMs) % intervalMs, 0);
      assert.ok(count >= 1);
      assert.ok(startMs + (count - 1) * intervalMs < beginMs + lengthMs);
      assert.ok(count === 1 || (count - 1) * intervalMs < mostMs);
    }),
  );
});

test('stretch after stretch no slot of a period is left out and none comes twice', () => {
  fc.assert(
    fc.property(positions, (position) => {
      const { lengthMs, intervalMs, phaseMs } = position;
      const sentMs: number[] = [];
      let nowMs = Math.floor(position.nowMs / lengthMs) * lengthMs;
      const endMs = nowMs + lengthMs;
      while (nowMs < endMs) {
        const { startMs, count } = planStretch({ ...position, nowMs });
        for (let i = 0; i < count && startMs < endMs; i += 1) sentMs.push(startMs + i * intervalMs);
        nowMs = startMs + (count - 0.5) * intervalMs;
      }
      assert.equal(sentMs.length, Math.ceil((lengthMs - phaseMs) / intervalMs));
      assert.ok(sentMs.every((ms, i) => i === 0 || ms - (sentMs[i - 1] ?? 0) === intervalMs));
    }),
  );
});

test('twenty targets leave at instants of their own', () => {
  const phases = Array.from({ length: 20 }, (_, i) => computePhase(computeShare(i + 1), 500)).sort((a, b) => a - b);
  assert.ok(phases.every((ms) => ms >= 20 && ms < 500));
  assert.ok(phases.every((ms, i) => i === 0 || ms - (phases[i - 1] ?? 0) >= 8));
});
