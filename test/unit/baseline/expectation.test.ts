// What is expected of an hour that was met once or never, on a line with quiet nights and busy evenings.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { computeExpectation } from '../../../src/analysis/baseline/expectation.js';
import type { HourNorm } from '../../../src/model/hour-norm.js';
import { HOUR_MS, MONDAY_MS } from './watched-minutes.js';

const DAY_MS = 24 * HOUR_MS;
const EVENING = 20;
/** What load adds in the evening of each day of the first week, as a share of an empty line. */
const WORK_DAYS = [0.3, 0.4, 0.35, 0.25, 0.45];

/** 20 ms in the night, and more in the seven hours around 20 o'clock. */
function composeDay(day: number, load: number): HourNorm[] {
  return Array.from({ length: 24 }, (_, hour) => {
    const share = Math.abs(hour - EVENING) <= 3 ? load : 0;
    const rtt = { median: Math.log(20e6 * (1 + share)), spread: 0.01 };
    const startMs = MONDAY_MS + day * DAY_MS + hour * HOUR_MS;
    return { target: 'dns', startMs, minutes: 60, rtt, jitter: null, sent: 3600, lost: 0, burstiness: 1 };
  });
}

function expectAt(norms: readonly HourNorm[], day: number, hour: number) {
  const { rtt } = computeExpectation(norms, MONDAY_MS + day * DAY_MS + hour * HOUR_MS, 'UTC');
  assert.ok(rtt !== null);
  return rtt;
}

describe('what is expected of an hour', () => {
  const workDays = WORK_DAYS.flatMap((load, day) => composeDay(day, load));
  const untilSunday = [...workDays, ...composeDay(5, 0.6)];

  it('is what the only hour like it was, not what all the nights were', () => {
    const { median } = expectAt(untilSunday, 6, EVENING);
    assert.ok(median >= Math.log(20e6 * 1.45), `${Math.exp(median) / 1e6} ms`);
  });

  it('may differ as far as days do at that load', () => {
    const evening = expectAt(untilSunday, 6, EVENING);
    const night = expectAt(untilSunday, 6, 3);
    assert.ok(evening.daySpread > night.daySpread);
  });

  it('differs by no more where weekends are quiet: that is known', () => {
    const quiet = [...composeDay(5, 0.01), ...composeDay(6, 0.01)];
    const { daySpread } = expectAt([...workDays, ...quiet], 7, EVENING);
    assert.ok(daySpread <= expectAt(workDays, 7, EVENING).daySpread + 1e-9, `${daySpread}`);
  });
});
