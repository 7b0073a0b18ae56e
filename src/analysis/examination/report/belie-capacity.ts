// A policer lets its bucket through at the link's speed: where one is told whose rate is far below what trains seemed to show, the trains
// passed on tokens, and the figure is that of a burst. The estimate is kept and no longer claims more than that. Behind a machine that takes
// a time for each packet, the figure is that of full packets.
import { formatFigure, RATE } from '../../../model/figures.js';
import type { Directional, Estimate, Estimates } from '../../../model/estimates.js';
import type { Finding } from '../../../model/report.js';

/** Rates within this share of each other are one. */
const SAME_RATE_SHARE = 0.1;

export interface BeliedEstimates {
  readonly estimates: Estimates;
  /** One sentence for each figure that is of a burst. */
  readonly limits: readonly string[];
}

export function belieCapacity(estimates: Estimates, findings: readonly Finding[]): BeliedEstimates {
  const belied = belieByPolicer(estimates, findings);
  const isCounted = findings.some(({ evidence }) => evidence.some(({ metric }) => metric === SMALL_SHARE_METRIC));
  return isCounted ? { ...belied, limits: [...belied.limits, OF_FULL_PACKETS] } : belied;
}

/** Told only of a machine that takes as long for small packets as for large ones. */
const SMALL_SHARE_METRIC = 'packetRateLimit.smallShare';
const OF_FULL_PACKETS =
  'Something on the path takes a time for each packet: the capacity is that of full packets, smaller ones carry fewer bits';

function belieByPolicer(estimates: Estimates, findings: readonly Finding[]): BeliedEstimates {
  const policer = findings.find(({ condition }) => condition === 'policer');
  const rate = policer?.evidence.find(({ metric }) => metric === 'policer.rateBitsPerSec')?.value;
  if (policer === undefined || typeof rate !== 'number') return { estimates, limits: [] };
  const way = policer.direction === 'reverse' ? 'reverse' : 'forward';
  const isBelied = (estimate: Estimate | null): boolean =>
    estimate !== null && estimate.low > rate * (1 + SAME_RATE_SHARE);
  const belie = (both: Directional<Estimate>): Directional<Estimate> => {
    const estimate = both[way];
    if (estimate === null || !isBelied(estimate)) return both;
    return { ...both, [way]: { ...estimate, low: rate * (1 - SAME_RATE_SHARE), quality: 'poor' } };
  };
  if (!isBelied(estimates.capacity[way]) && !isBelied(estimates.available[way])) return { estimates, limits: [] };
  return {
    estimates: { ...estimates, capacity: belie(estimates.capacity), available: belie(estimates.available) },
    limits: [`Trains passed on the tokens of the policer: what lasts is its rate, ${formatFigure(rate, RATE)}`],
  };
}
