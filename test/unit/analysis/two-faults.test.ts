// Two faults at once: in which cells they are weighed, and how surely their ratios are known together.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Partition } from '../../../src/analysis/signatures/load/load-hypothesis.js';
import { joinFirmness } from '../../../src/analysis/signatures/load/weighing/cross-partitions.js';
import { refineTogether } from '../../../src/analysis/signatures/load/refine-together.js';

const build = (classOf: readonly number[], ratios: readonly number[]): Partition => ({
  classOf: Uint8Array.from(classOf),
  classes: ratios.length,
  firmness: Infinity,
  readings: [{ lossRatios: ratios, logWeight: 0, direction: 'unknown', parameters: { first: ratios[0] ?? 0 } }],
});

describe('classes of several partitions', () => {
  const bySize = build([0, 1, 2, 0, 1, 2], [0.1, 0.2, 0.3]);
  const byWay = build([0, 0, 0, 1, 1, 1], [0.5, 0.6]);
  const [sizes, ways] = refineTogether([bySize, byWay]);

  test('are the same for all, and keep each packet its ratio', () => {
    assert.ok(sizes !== undefined && ways !== undefined);
    assert.deepEqual(sizes.classOf, ways.classOf);
    assert.equal(sizes.classes, 6);
    for (const [refined, plain] of [
      [sizes, bySize],
      [ways, byWay],
    ] as const) {
      const [before] = plain.readings;
      const [after] = refined.readings;
      for (let row = 0; row < plain.classOf.length; row += 1) {
        assert.equal(after?.lossRatios[refined.classOf[row] ?? -1], before?.lossRatios[plain.classOf[row] ?? -1]);
      }
      assert.equal(after?.parameters, before?.parameters);
    }
  });

  test('are no more than occur', () => {
    const [alike] = refineTogether([bySize, bySize]);
    assert.equal(alike?.classes, 3);
  });
});

describe('how surely two ratios are known together', () => {
  test('as surely as the second where the first loses next to nothing', () => {
    assert.ok(joinFirmness({ ratio: 0.02, firmness: 40 }, { ratio: 1e-9, firmness: 3 }) > 39);
    assert.equal(joinFirmness({ ratio: 0.02, firmness: Infinity }, { ratio: 0.01, firmness: Infinity }), Infinity);
  });

  test('as vaguely as the first where that loses half of all', () => {
    const firmness = joinFirmness({ ratio: 1e-4, firmness: Infinity }, { ratio: 0.5, firmness: 3 });
    assert.ok(Math.abs(firmness - 3) < 0.01, String(firmness));
  });
});
