// What small packets between streams tell of the time that others took.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findEmptyQueue } from '../../../src/analysis/estimators/available/empty-queue.js';
import { measureWatchedTime } from '../../../src/analysis/estimators/available/watched-time.js';
import { createRandom } from '../../../src/model/random.js';
import { buildTrace } from './built-trace.js';

describe('time watched by small packets', () => {
  it('is the share of them that waited, where nothing else was sent', () => {
    const trace = buildTrace(Array.from({ length: 200 }, (_, i) => ({ plannedNs: i * 1e6, rxNs: i * 1e6 + 1e5 })));
    const rows = Array.from({ length: 200 }, (_, i) => i);
    const { spanNs, othersNs, errorNs } = measureWatchedTime(
      { trace, rows, waited: rows.map((i) => (i % 4 === 0 ? 1 : 0)), waitNs: new Float64Array(200), unbroken: [] },
      1e7,
    );
    assert.equal(spanNs, 200e6);
    assert.ok(Math.abs(othersNs / spanNs - 0.25) < 0.01 && errorNs > 0.01 * spanNs && errorNs < 0.05 * spanNs);
  });

  it('leaves out what trains of our own took', () => {
    // A train of 10 packets of 1,514 bytes at 100 Mb/s is 1.21 ms of the link, and 92 bytes of IP are 8.5 us.
    const period = [
      ...Array.from({ length: 10 }, (_, i) => ({ atNs: i * 1e5, sizeBytes: 1500 })),
      ...Array.from({ length: 40 }, (_, i) => ({ atNs: 0.9e6 + (i + 0.5) * 0.25e6, sizeBytes: 92 })),
    ];
    const rows = [0, 1, 2, 3].flatMap((train) =>
      period.map(({ atNs, sizeBytes }) => ({
        plannedNs: train * 10.9e6 + atNs,
        rxNs: train * 10.9e6 + atNs + 1e6,
        sizeBytes,
        burst: sizeBytes === 1500 ? train : 4 + train,
      })),
    );
    const trace = buildTrace(rows);
    const small = rows.flatMap(({ sizeBytes }, row) => (sizeBytes === 92 ? [row] : []));
    // Our queue and others' keep the link busy for half of each pause.
    const waited = small.map((_, i) => (i % 40 < 20 ? 1 : 0));
    const { spanNs, othersNs } = measureWatchedTime(
      { trace, rows: small, waited, waitNs: new Float64Array(small.length), unbroken: small.map(() => 1) },
      100e6,
    );
    // All that waited kept the link busy for the next one: what they took is left out, too, the first of each row of them included.
    const ownNs = 4 * 10 * 1514 * 80 + (small.length + 1) * 106 * 80;
    const passedNs = Math.max(0.9e6, 10 * 1514 * 80);
    assert.ok(Math.abs(spanNs - 43.6e6) < 1e3, `${spanNs}`);
    assert.ok(Math.abs(othersNs - (4 * (passedNs + 5e6 - (passedNs - 0.9e6)) - ownNs)) < 1e3, `${othersNs}`);
  });
});

describe('an empty queue', () => {
  it('is found with its noise whatever share of the packets met it', () => {
    const random = createRandom(11);
    for (const share of [0.1, 0.5, 1]) {
      const delays = Array.from({ length: 1000 }, () => {
        const noise = random.normal(0, 10_000);
        return 5e6 + noise + (random.uniform() < share ? 0 : 1e6 * (0.1 + random.uniform()));
      });
      const { floorNs, noiseNs } = findEmptyQueue(delays);
      assert.ok(Math.abs(floorNs - 5e6) < 10_000, `${share}: ${floorNs}`);
      assert.ok(noiseNs > 4_000 && noiseNs < 16_000, `${share}: ${noiseNs}`);
    }
  });
});
