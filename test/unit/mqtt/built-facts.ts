// A port and a minute as the box finds them, for tests that only carry them on.
import type { PortFacts } from '../../../src/model/path.js';
import type { PeriodSummary } from '../../../src/model/period-summary.js';

export function buildPort(name: string): PortFacts {
  return {
    name,
    mtuBytes: 1500,
    linkUp: true,
    speedBitsPerSec: 1e9,
    duplex: 'full',
    autoNegotiation: true,
    ...{ supportedModes: [], advertisedModes: [], partnerModes: null },
  };
}

/** Of a target that never answered, unless something else is said. */
export function buildMinute(target: string, said: Partial<PeriodSummary> = {}): PeriodSummary {
  return {
    target,
    startMs: 1_780_000_020_000,
    lengthMs: 60_000,
    coverage: 1,
    sent: 120,
    lost: 120,
    ...{ lostForward: null, lostReverse: null, duplicated: 0, reordered: 0 },
    ...{ rtt: null, forwardQueueing: null, reverseQueueing: null, jitterNs: null, stamps: null },
    disturbed: 0,
    problem: null,
    ...said,
  };
}
