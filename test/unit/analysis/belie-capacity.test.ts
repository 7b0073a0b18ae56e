// A rate seen in a burst that a policer's bucket let through is no capacity, and the report must not claim it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { belieCapacity } from '../../../src/analysis/examination/report/belie-capacity.js';
import type { Estimate } from '../../../src/model/estimates.js';
import type { Finding } from '../../../src/model/report.js';
import { HEALTHY_REPORT } from '../cli/sample-reports.js';

const estimate = (value: number): Estimate => ({
  value,
  low: 0.99 * value,
  high: 1.01 * value,
  method: 'dispersion',
  samples: 100,
  quality: 'good',
  limitedBy: null,
});

const ESTIMATES = {
  ...HEALTHY_REPORT.estimates,
  capacity: { forward: estimate(1e9), reverse: estimate(1e9) },
  available: { forward: estimate(995e6), reverse: null },
};

const policer = (rateBitsPerSec: number, direction: Finding['direction']): Finding => ({
  condition: 'policer',
  probability: 0.99,
  severity: 'warning',
  where: { kind: 'path' },
  direction,
  evidence: [{ text: 'lost', metric: 'policer.rateBitsPerSec', value: rateBitsPerSec, expected: null }],
  advice: 'compare with the contract',
});

describe('a capacity seen in front of a policer', () => {
  it('is poor, holds the rate that lasts, and the limits say so', () => {
    const { estimates, limits } = belieCapacity(ESTIMATES, [policer(8.8e6, 'forward')]);
    for (const belied of [estimates.capacity.forward, estimates.available.forward]) {
      assert.equal(belied?.quality, 'poor');
      assert.ok(belied.low <= 8.8e6, `${belied.low}`);
    }
    assert.deepEqual(estimates.capacity.reverse, ESTIMATES.capacity.reverse);
    assert.match(limits.join(), /8\.8 Mb\/s|8\.80 Mb\/s/);
  });

  it('stands where the policer is of that rate, of the other direction, or not there', () => {
    for (const findings of [[policer(0.98e9, 'forward')], []]) {
      assert.deepEqual(belieCapacity(ESTIMATES, findings), { estimates: ESTIMATES, limits: [] });
    }
    const { estimates } = belieCapacity(ESTIMATES, [policer(8.8e6, 'reverse')]);
    assert.deepEqual(estimates.capacity.forward, ESTIMATES.capacity.forward);
    assert.equal(estimates.capacity.reverse?.quality, 'poor');
  });
});

describe('a capacity behind a machine that counts packets', () => {
  it('stands, and the limits say that it is of full packets', () => {
    const finding: Finding = {
      ...policer(1, 'forward'),
      condition: 'packet-rate-limit',
      evidence: [{ text: 'as long', metric: 'packetRateLimit.smallShare', value: 1, expected: 0.25 }],
    };
    const { estimates, limits } = belieCapacity(ESTIMATES, [finding]);
    assert.deepEqual(estimates, ESTIMATES);
    assert.match(limits.join(), /full packets/);
  });
});
