// Columns and summaries in them: what any numbers become and back, to the last bit.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeAlike, decodeNumbers, encodeAlike, encodeNumbers } from '../../../src/history/columns.js';
import { decodeSummaries, encodeSummaries } from '../../../src/history/summary-columns.js';
import type { SummaryColumns } from '../../../src/history/summary-columns.js';
import { InvariantError } from '../../../src/model/errors.js';
import type { PeriodSummary } from '../../../src/model/period-summary.js';
import { createRandom } from '../../../src/model/random.js';
import { drawMinute, drawTargets } from './drawn-summaries.js';

const viaJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const whole = fc.oneof(
  fc.integer({ min: -200, max: 200 }),
  fc.integer(),
  fc.maxSafeInteger().map((n) => Math.trunc(n / 8) + 0),
);

test('whole numbers of any size come back from text', () => {
  fc.assert(
    fc.property(fc.array(whole), (values) => assert.deepEqual(decodeAlike(viaJson(encodeAlike(values))), values)),
  );
});

test('text that is none of ours is refused, never read as other numbers', () => {
  for (const text of ['~12', '{a', '"', 'é', '~~', '~1.5~', '~-3~'])
    assert.throws(() => decodeAlike(text), InvariantError);
});

test('columns with gaps, fractions and of one value come back', () => {
  const values = fc.array(fc.oneof(whole, fc.constant(null), fc.double({ noNaN: true, noDefaultInfinity: true })));
  fc.assert(
    fc.property(values, (column) => {
      const tidy = column.map((value) => (Object.is(value, -0) ? 0 : value));
      assert.deepEqual(decodeNumbers(viaJson(encodeNumbers(tidy)), tidy.length), tidy);
    }),
  );
});

test('summaries come back as they were, with any digests and without', () => {
  for (let seed = 1; seed <= 30; seed += 1) {
    const random = createRandom(seed);
    const [target] = drawTargets(random, 1, 0.5);
    assert.ok(target !== undefined);
    const rows = Array.from({ length: Math.floor(random.uniform() * 40) }, (_, i) => {
      const row = drawMinute(random, target, i * 60_000, 50);
      const odd = { ...row, rtt: row.rtt && { ...row.rtt, minNs: 0.1, maxNs: row.rtt.maxNs + 0.7 }, jitterNs: 1 / 3 };
      return seed % 5 === 0 ? odd : row;
    });
    assert.deepEqual(decodeSummaries(viaJson(encodeSummaries(target.name, rows))), rows, `seed ${seed}`);
  }
});

test('a field that an older version did not know is null', () => {
  const [target] = drawTargets(createRandom(1), 1, 0);
  assert.ok(target !== undefined);
  const row = drawMinute(createRandom(2), target, 0, 50);
  const columns = encodeSummaries(target.name, [row]) as SummaryColumns & { fields: Record<string, unknown> };
  const older = Object.fromEntries(Object.entries(columns.fields).filter(([field]) => field !== 'jitterNs'));
  const expected: PeriodSummary = { ...row, jitterNs: null };
  assert.deepEqual(decodeSummaries({ ...columns, fields: older }), [expected]);
});
