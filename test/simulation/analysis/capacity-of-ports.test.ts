// Capacity where the probe's own port is near its end: what it sends at most.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PathModel } from '../../../src/simulator/path-model.js';
import { assertValidReport } from '../../unit/analysis/report-schema.js';
import { buildNarrowPath, examine } from './examined-path.js';

/** A calibrated probe that sends so much; the way there carries `linkBitsPerSec`. */
function buildCalibrated(linkBitsPerSec: number, sendBitsPerSec: number): PathModel {
  const path = buildNarrowPath({ narrow: { rateBitsPerSec: linkBitsPerSec, queueBytes: 200e3 } });
  const abilities = {
    stampNoiseNs: 1_500,
    sendPacketsPerSec: 2e6,
    sendBitsPerSec,
    receivePacketsPerSec: 2e6,
    receiveBitsPerSec: 5e9,
    coalescingNs: 0,
    measuredAt: '2026-01-01T00:00:00Z',
  };
  const sendCeiling = { packetsPerSec: 2e6, bitsPerSec: sendBitsPerSec };
  return { ...path, probe: { ...path.probe, sendCeiling, abilities } };
}

describe("a capacity near what the probe's own port sends", () => {
  for (const { name, link, sends, isBound } of [
    { name: 'present: the link is faster than the port', link: 1e9, sends: 200e6, isBound: true },
    { name: 'present: the link is hardly slower than the port', link: 190e6, sends: 200e6, isBound: true },
    { name: 'near miss: the port is a third faster than the link', link: 150e6, sends: 200e6, isBound: false },
    { name: 'absent: the port is far faster', link: 150e6, sends: 2e9, isBound: false },
  ]) {
    it(`${isBound ? 'is called a lower bound' : 'stands as it is'}, ${name}`, () => {
      for (const seed of [1, 2, 3]) {
        const { report } = examine(buildCalibrated(link, sends), { seed });
        assertValidReport(report, `seed ${seed}`);
        const capacity = report.estimates.capacity.forward;
        const text = `seed ${seed}: ${JSON.stringify(capacity)} ${report.limits.join('; ')}`;
        assert.ok(capacity !== null && capacity.low <= link && link <= capacity.high, text);
        assert.equal(capacity.limitedBy === 'probe', isBound, text);
        assert.equal(/own port sends no more than 200 Mb\/s: .* lower bound/.test(report.limits.join()), isBound, text);
        assert.equal(capacity.quality === 'poor', isBound, text);
      }
    });
  }
});
