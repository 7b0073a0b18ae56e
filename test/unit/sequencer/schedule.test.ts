// Patterns against hand-computed rows, and the promises every schedule keeps whatever the pattern.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../../../src/model/errors.js';
import type { Pattern } from '../../../src/model/sequence.js';
import { planCost, planSchedule, SCHEDULE_LIMITS } from '../../../src/sequencer/schedule.js';
import { arbitraryPattern, HOSTILE_VALUES, sequenceOf, SMALL_VALUES, sumCost } from './sequence-arbitrary.js';

/** Rows as `offset size burst position`. */
function rowsOf(pattern: Pattern): string[] {
  const { count, offsetNs, sizeBytes, burst, position } = planSchedule(sequenceOf(pattern));
  return Array.from({ length: count }, (_, i) => [offsetNs[i], sizeBytes[i], burst[i], position[i]].join(' '));
}

describe('each pattern expands to the rows its description says', () => {
  const cases: readonly (readonly [Pattern, readonly string[]])[] = [
    [{ kind: 'single', sizeBytes: 84 }, ['0 84 0 0']],
    [{ kind: 'isochronous', count: 3, intervalNs: 1000, sizeBytes: 60 }, ['0 60 0 0', '1000 60 0 1', '2000 60 0 2']],
    [
      { kind: 'train', trains: 2, packetsPerTrain: 3, gapNs: 10, spacingNs: 500, sizeBytes: 1500 },
      ['0 1500 0 0', '10 1500 0 1', '20 1500 0 2', '520 1500 1 0', '530 1500 1 1', '540 1500 1 2'],
    ],
    [
      { kind: 'pair', pairs: 2, spacingNs: 700, sizeBytes: 1500 },
      ['0 1500 0 0', '0 1500 0 1', '700 1500 1 0', '700 1500 1 1'],
    ],
    [
      {
        kind: 'chirp',
        chirps: 2,
        packetsPerChirp: 4,
        firstGapNs: 800,
        spreadFactor: 2,
        spacingNs: 5000,
        sizeBytes: 1000,
      },
      [
        '0 1000 0 0',
        '800 1000 0 1',
        '1200 1000 0 2',
        '1400 1000 0 3',
        '6400 1000 1 0',
        '7200 1000 1 1',
        '7600 1000 1 2',
        '7800 1000 1 3',
      ],
    ],
    [
      {
        kind: 'watched-train',
        trains: 2,
        packetsPerTrain: 2,
        gapNs: 100,
        spacingNs: 400,
        sizeBytes: 1500,
        watchPackets: 2,
        watchSizeBytes: 92,
      },
      [
        '0 1500 0 0',
        '100 1500 0 1',
        '200 92 2 0',
        '400 92 2 1',
        '500 1500 1 0',
        '600 1500 1 1',
        '700 92 3 0',
        '900 92 3 1',
      ],
    ],
    [
      { kind: 'mixed-burst', bursts: 2, sizesBytes: [1500, 60], spacingNs: 900 },
      ['0 1500 0 0', '0 60 0 1', '900 1500 1 0', '900 60 1 1'],
    ],
    [
      { kind: 'two-way-burst', bursts: 1, packetsPerBurst: 3, gapNs: 0, spacingNs: 0, sizeBytes: 1400 },
      ['0 1400 0 0', '0 1400 0 1', '0 1400 0 2'],
    ],
  ];
  for (const [pattern, rows] of cases) test(pattern.kind, () => assert.deepEqual(rowsOf(pattern), rows));
});

test('a size sweep holds every size once a round, in an order that its seed decides', () => {
  const sweep = (seed: number): Pattern => ({
    kind: 'size-sweep',
    sizesBytes: [100, 200, 300, 400, 500, 600],
    repeats: 20,
    intervalNs: 50,
    seed,
  });
  const schedule = planSchedule(sequenceOf(sweep(5)));
  const orders = new Set<string>();
  for (let round = 0; round < 20; round += 1) {
    const sizes = [...schedule.sizeBytes.subarray(round * 6, round * 6 + 6)];
    orders.add(sizes.join());
    assert.deepEqual(
      sizes.toSorted((a, b) => a - b),
      [100, 200, 300, 400, 500, 600],
    );
    assert.deepEqual([...schedule.burst.subarray(round * 6, round * 6 + 6)], Array(6).fill(round));
  }
  assert.ok(orders.size >= 15, `${orders.size} different orders in 20 rounds, seed 5`);
  assert.equal(schedule.offsetNs[119], 119 * 50);
  assert.deepEqual(rowsOf(sweep(5)), rowsOf(sweep(5)));
  assert.notDeepEqual(rowsOf(sweep(5)), rowsOf(sweep(6)));
});

test('Poisson gaps have the mean and the spread of an exponential', () => {
  const count = 20_000;
  const { offsetNs } = planSchedule(
    sequenceOf({ kind: 'poisson', count, meanIntervalNs: 100_000, sizeBytes: 60, seed: 9 }),
  );
  const gaps = Array.from({ length: count - 1 }, (_, i) => (offsetNs[i + 1] ?? NaN) - (offsetNs[i] ?? NaN));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const aboveMean = gaps.filter((gap) => gap > 100_000).length / gaps.length;
  // Five standard errors: 100 us / sqrt(20000) · 5 = 3.5 us; share above the mean e^-1 ± 5 · 0.0034.
  assert.ok(Math.abs(mean - 100_000) < 3_540, `mean gap ${mean}, seed 9`);
  assert.ok(Math.abs(aboveMean - Math.exp(-1)) < 0.017, `share above the mean ${aboveMean}, seed 9`);
});

test('any pattern: whole offsets from 0 that never decrease, and the cost told beforehand is the cost of the rows', () => {
  fc.assert(
    fc.property(arbitraryPattern(SMALL_VALUES), (pattern) => {
      const sequence = sequenceOf(pattern);
      const schedule = planSchedule(sequence, { ...SCHEDULE_LIMITS, maxDurationNs: Infinity });
      assert.deepEqual(sumCost(schedule), planCost(sequence));
      for (const column of [schedule.offsetNs, schedule.sizeBytes, schedule.burst, schedule.position]) {
        assert.equal(column.length, schedule.count);
      }
      assert.equal(schedule.offsetNs[0], 0);
      for (let i = 1; i < schedule.count; i += 1) {
        const [before, after] = [schedule.offsetNs[i - 1] ?? NaN, schedule.offsetNs[i] ?? NaN];
        assert.ok(after >= before && Number.isInteger(after), `row ${i}: ${before} then ${after}`);
      }
    }),
  );
});

test('gaps whose products round the other way than their sums do not turn two packets round', () => {
  // burst · 2.1 + 3 · 0.7 and (burst + 1) · 2.1 differ in their last bit, some of them on either side of a half.
  for (let tenths = 1; tenths < 300; tenths += 1) {
    const gapNs = tenths / 10;
    const pattern: Pattern = { kind: 'train', trains: 40, packetsPerTrain: 4, gapNs, spacingNs: 0, sizeBytes: 60 };
    const { offsetNs } = planSchedule(sequenceOf(pattern));
    assert.ok(
      offsetNs.every((ns, i) => i === 0 || ns >= (offsetNs[i - 1] ?? NaN)),
      `gap ${gapNs}`,
    );
  }
});

test('whatever the numbers are, a schedule is within its limits or is refused with UsageError', () => {
  const limits = { maxPackets: 5_000, maxDurationNs: 1e10 };
  const outcomes = { planned: 0, refused: 0 };
  fc.assert(
    fc.property(arbitraryPattern(HOSTILE_VALUES), (pattern) => {
      try {
        const schedule = planSchedule(sequenceOf(pattern), limits);
        assert.ok(schedule.count >= 1 && schedule.count <= limits.maxPackets);
        assert.ok((schedule.offsetNs[schedule.count - 1] ?? NaN) <= limits.maxDurationNs);
        outcomes.planned += 1;
      } catch (error) {
        assert.ok(error instanceof UsageError, String(error));
        outcomes.refused += 1;
      }
    }),
    { numRuns: 2_000 },
  );
  assert.ok(outcomes.planned > 50 && outcomes.refused > 50, JSON.stringify(outcomes));
});

test('the refusal names the field, the packets or the seconds that are too many', () => {
  const plan = (pattern: Pattern) => () => planSchedule(sequenceOf(pattern));
  assert.throws(
    plan({ kind: 'isochronous', count: 1e9, intervalNs: 0, sizeBytes: 60 }),
    /count must be a whole number/,
  );
  assert.throws(
    plan({ kind: 'isochronous', count: 2.5, intervalNs: 0, sizeBytes: 60 }),
    /count must be a whole number/,
  );
  assert.throws(plan({ kind: 'single', sizeBytes: 19 }), /sizeBytes must be .* from 20 to 65535/);
  assert.throws(plan({ kind: 'mixed-burst', bursts: 1, sizesBytes: [], spacingNs: 0 }), /sizesBytes must list/);
  assert.throws(
    plan({ kind: 'train', trains: 1e6, packetsPerTrain: 1e6, gapNs: 0, spacingNs: 0, sizeBytes: 60 }),
    /1000000000000 packets, the limit is 1000000/,
  );
  assert.throws(
    plan({ kind: 'isochronous', count: 12, intervalNs: 6e10, sizeBytes: 60 }),
    /takes 660.0 s, the limit is 600.0 s/,
  );
});
