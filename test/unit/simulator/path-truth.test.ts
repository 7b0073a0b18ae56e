// The told truth against what noiseless packets find on the same path.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { describeTruth } from '../../../src/simulator/path-truth.js';
import type { HopModel } from '../../../src/simulator/path-model.js';
import { buildBarePath, INSTANT_HOP, simulate, trainOf } from './bare-path.js';

describe('the truth of a path', () => {
  const hop = fc.record({
    rateBitsPerSec: fc.integer({ min: 1e6, max: 10e9 }),
    propagationNs: fc.integer({ min: 0, max: 50e6 }),
    queueBytes: fc.constant(1e9),
    overheadBytes: fc.integer({ min: 0, max: 60 }),
  });
  const hops = fc.array(hop, { minLength: 1, maxLength: 5 });

  test('has the capacity at which a train leaves, in frames of 1514 bytes', () => {
    fc.assert(
      fc.property(hops, (forward) => {
        const { farRxOffsetNs } = simulate(buildBarePath([INSTANT_HOP, ...forward]), trainOf(41, 1500));
        const rate = (40 * 1514 * 8e9) / ((farRxOffsetNs[40] ?? NaN) - (farRxOffsetNs[0] ?? NaN));
        const { capacityBitsPerSec } = describeTruth(buildBarePath([INSTANT_HOP, ...forward])).forward;
        assert.ok(Math.abs(rate / capacityBitsPerSec - 1) < 1e-4, `${rate} b/s, told ${capacityBitsPerSec}`);
      }),
    );
  });

  test('has the line of delay over the size of frames of 14 bytes more than their packets', () => {
    fc.assert(
      fc.property(hops, fc.integer({ min: 20, max: 9_000 }), (forward, sizeBytes) => {
        const path = buildBarePath(forward);
        const { fixedDelayNs, serialisationNsPerByte } = describeTruth(path).forward;
        const delayNs = simulate(path, { kind: 'single', sizeBytes }).farRxOffsetNs[0] ?? NaN;
        assert.ok(Math.abs(delayNs - fixedDelayNs - (sizeBytes + 14) * serialisationNsPerByte) < 1e-3);
      }),
    );
  });

  test('finds the tight link, which need not be the narrow one', () => {
    const narrow: HopModel = { ...INSTANT_HOP, rateBitsPerSec: 50e6 };
    const tight = { ...INSTANT_HOP, rateBitsPerSec: 100e6, crossTraffic: { share: 0.8, sizeBytes: 1500 } };
    const { forward } = describeTruth(buildBarePath([INSTANT_HOP, narrow, tight]));
    assert.equal(forward.capacityBitsPerSec, 50e6);
    assert.ok(Math.abs(forward.availableBitsPerSec - 20e6) < 1);
    assert.equal(forward.utilization, 0.8);
  });

  test('names the lasting rate of a bucket and of slots', () => {
    const bucket = { kind: 'policer', rateBitsPerSec: 5e6, burstBytes: 1e5 } as const;
    const shaped = describeTruth(buildBarePath([{ ...INSTANT_HOP, tokenBucket: bucket }])).forward;
    assert.deepEqual([shaped.capacityBitsPerSec, shaped.narrowLimit], [5e6, 'token-bucket']);
    const slots = { periodNs: 5e6, grantBytes: 12_500 };
    const slotted = describeTruth(buildBarePath([{ ...INSTANT_HOP, rateBitsPerSec: 1e9, slots }])).forward;
    assert.deepEqual([slotted.capacityBitsPerSec, slotted.narrowLimit], [20e6, 'slots']);
    assert.equal(slotted.fixedDelayNs, 100_000);
  });

  test('joins losses of all hops and takes the smallest MTU', () => {
    const lossy: HopModel = { ...INSTANT_HOP, loss: { kind: 'bernoulli', lossRatio: 0.1 } };
    const loss = { kind: 'gilbert', goodToBad: 0.01, badToGood: 0.09, goodLossRatio: 0, badLossRatio: 0.5 } as const;
    const mtu = { bytes: 1400, sendsMessage: true };
    const { forward, reverse } = describeTruth(buildBarePath([lossy, { ...INSTANT_HOP, loss, mtu }]));
    assert.ok(Math.abs(forward.lossRatio - (1 - 0.9 * 0.95)) < 1e-12);
    assert.equal(forward.mtuBytes, 1400);
    assert.deepEqual([reverse.lossRatio, reverse.mtuBytes], [0, null]);
  });
});
