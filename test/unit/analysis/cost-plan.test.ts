// What an examination says that it will cost, against what it was allowed.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planExamination } from '../../../src/analysis/examination/plans/cost-plan.js';
import { DEPTHS, QUANTITIES, computeDefaultBudget } from '../../../src/model/examination.js';
import { composePlan } from '../../../src/cli/progress.js';
import { PATH, REQUEST } from './asked.js';

describe('the plan of costs', () => {
  it('is never above what was allowed, and never nothing', () => {
    for (const depth of DEPTHS) {
      for (const quantity of [null, ...QUANTITIES]) {
        const bounds = computeDefaultBudget(depth, quantity);
        const { most, likely } = planExamination({ ...REQUEST, depth, quantity, ...bounds }, PATH);
        assert.deepEqual([most.bytes, most.seconds], [bounds.maxBytes, bounds.maxSeconds]);
        assert.ok(likely.packets > 0 && likely.packets <= most.packets, `${quantity}`);
        assert.ok(likely.bytes > 0 && likely.bytes <= most.bytes && likely.seconds <= most.seconds, `${quantity}`);
      }
    }
  });

  it('costs less for one quantity than for all, and keeps to a share of the port', () => {
    const whole = planExamination({ ...REQUEST, quantity: null }, PATH).likely.bytes;
    assert.ok(planExamination({ ...REQUEST, quantity: 'loss' }, PATH).likely.bytes < 0.1 * whole);
    const path = { ...PATH, port: { ...PATH.port, speedBitsPerSec: 10e6 } };
    const shared = planExamination({ ...REQUEST, maxSeconds: 10, maxBytes: 5e6, maxLinkShare: 0.02 }, path);
    assert.equal(shared.most.bytes, 250_000);
    assert.ok(shared.likely.bytes <= 250_000);
  });

  it('reads as a sentence', () => {
    const plan = {
      most: { packets: 4e5, bytes: 5e6, seconds: 15 },
      likely: { packets: 1900, bytes: 1.9e6, seconds: 6.2 },
    };
    assert.equal(composePlan(plan), 'plan: at most 5 MB and 15 s; likely 1.9 MB in 1900 packets and 6.2 s');
    assert.equal(composePlan({ most: plan.most, likely: plan.most }), 'plan: at most 5 MB and 15 s');
  });
});
