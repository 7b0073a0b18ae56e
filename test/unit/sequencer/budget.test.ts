// A budget cannot be exceeded: what it does not cover is refused before the first packet.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../../../src/model/errors.js';
import { checkBudget } from '../../../src/sequencer/budget.js';
import { planSchedule } from '../../../src/sequencer/schedule.js';
import { arbitraryPattern, HOSTILE_VALUES, sequenceOf, SMALL_VALUES, sumCost } from './sequence-arbitrary.js';

const TEN_PACKETS = sequenceOf({ kind: 'isochronous', count: 10, intervalNs: 1000, sizeBytes: 86 });

test('a budget that just covers the cost allows it; one packet or byte less is refused by name', () => {
  assert.deepEqual(checkBudget(TEN_PACKETS, { maxPackets: 10, maxBytes: 1000 }), { packets: 10, bytes: 1000 });
  assert.throws(() => checkBudget(TEN_PACKETS, { maxPackets: 9, maxBytes: 1000 }), /needs 10 packets, .* allows 9/);
  assert.throws(() => checkBudget(TEN_PACKETS, { maxPackets: 10, maxBytes: 999 }), /needs 1000 bytes, .* allows 999/);
});

test('a budget that is no number allows nothing', () => {
  assert.throws(() => checkBudget(TEN_PACKETS, { maxPackets: NaN, maxBytes: 1000 }), UsageError);
  assert.throws(() => checkBudget(TEN_PACKETS, { maxPackets: 10, maxBytes: NaN }), UsageError);
});

test('any pattern, any budget: refused with UsageError, or its schedule stays within', () => {
  const budgets = fc.record({
    maxPackets: fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.double()),
    maxBytes: fc.oneof(fc.integer({ min: 0, max: 20_000_000 }), fc.double()),
  });
  const patterns = fc.oneof(arbitraryPattern(SMALL_VALUES), arbitraryPattern(HOSTILE_VALUES));
  const outcomes = { allowed: 0, refused: 0 };
  fc.assert(
    fc.property(patterns, budgets, (pattern, budget) => {
      const sequence = sequenceOf(pattern);
      try {
        checkBudget(sequence, budget);
      } catch (error) {
        assert.ok(error instanceof UsageError, String(error));
        outcomes.refused += 1;
        return;
      }
      const limits = { maxPackets: budget.maxPackets, maxDurationNs: Infinity };
      const cost = sumCost(planSchedule(sequence, limits));
      assert.ok(cost.packets <= budget.maxPackets && cost.bytes <= budget.maxBytes);
      outcomes.allowed += 1;
    }),
    { numRuns: 2_000 },
  );
  assert.ok(outcomes.allowed > 50 && outcomes.refused > 50, JSON.stringify(outcomes));
});
