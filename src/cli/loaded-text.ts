// Delay under load in words and a small table: at rest, and with each load; what that is in buffer.
import type { DelayEstimate, LoadedDelay, LoadedEstimate } from '../model/estimates.js';
import {
  formatEstimate,
  formatFigure,
  formatPercent,
  formatRanged,
  RATIO,
  TIME,
  VOLUME,
  type UnitFamily,
} from '../model/figures.js';
import { alignRows } from './layout.js';

const HEADER = ['load', 'median', 'p95', "another flow's p95"] as const;
const LOADS = ['up', 'down', 'both'] as const;

/** Below this share of the delay at rest, or this time, a load changed nothing worth a sentence on buffers. */
const LITTLE_SHARE = 0.2;
const LITTLE_NS = 2e6;

/** A row at rest and one for those loads that were measured, then a sentence for each load. */
export function renderLoaded(loaded: LoadedEstimate): string[] {
  const measured = LOADS.flatMap((name) => {
    const delay = loaded[name];
    return delay === null ? [] : [{ name, delay }];
  });
  const rows = measured.map(({ name, delay }) => [
    name,
    ...describeFlow(delay.ownFlow),
    describeOther(delay.otherFlow),
  ]);
  const sentences = measured.flatMap(({ name, delay }) => [
    `${name}  ${describeIncrease(delay, loaded.idle)}`,
    `${name}  95 % intervals: ${describeIntervals(delay)}`,
  ]);
  return [...alignRows([HEADER, ['none', ...describeFlow(loaded.idle)], ...rows]), ...sentences];
}

/** `82 ms more than idle: about 1.02 MB of buffer; 588 round trips a minute; 12 % lost` */
export function describeIncrease(delay: LoadedDelay, idle: DelayEstimate): string {
  const { increaseNs, bufferBytes, roundTripsPerMinute, lossRatio } = delay;
  const isLittle = increaseNs < Math.max(LITTLE_NS, LITTLE_SHARE * idle.p50Ns);
  const more = `${formatFigure(increaseNs, TIME)} more than idle`;
  const buffer = isLittle ? more : `${more}: about ${formatFigure(bufferBytes, VOLUME)} of buffer`;
  const trips = `${Number(roundTripsPerMinute.toPrecision(3))} round trips a minute`;
  return [buffer, trips, ...(lossRatio > 0 ? [`${formatPercent(lossRatio)} lost`] : [])].join('; ');
}

const TRIPS: UnitFamily = [{ name: 'round trips a minute', size: 1 }];

/** `82 ms (above 80.1) more than idle; 1.03 MB (above 1.01) of buffer; 588 round trips a minute ± 12; 12 % (8 to 18) lost` */
function describeIntervals({ intervals, ...delay }: LoadedDelay): string {
  return [
    `${formatRanged(delay.increaseNs, intervals.increaseNs, TIME)} more than idle`,
    `${formatRanged(delay.bufferBytes, intervals.bufferBytes, VOLUME)} of buffer`,
    formatRanged(delay.roundTripsPerMinute, intervals.roundTripsPerMinute, TRIPS),
    `${formatEstimate({ value: delay.lossRatio, ...intervals.lossRatio }, RATIO)} lost`,
  ].join('; ');
}

function describeFlow(delay: DelayEstimate | null): string[] {
  return delay === null ? ['none came', ''] : [formatFigure(delay.p50Ns, TIME), formatFigure(delay.p95Ns, TIME)];
}

function describeOther(delay: DelayEstimate | null): string {
  return delay === null ? 'none came' : formatFigure(delay.p95Ns, TIME);
}
