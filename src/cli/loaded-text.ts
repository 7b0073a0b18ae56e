// Delay under load in words and a small table: at rest, and with each load; what that is in buffer.
import type { DelayEstimate, LoadedDelay, LoadedEstimate } from '../model/report.js';
import { formatFigure, formatPercent, TIME, VOLUME } from '../model/figures.js';
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
  const sentences = measured.map(({ name, delay }) => `${name}  ${describeIncrease(delay, loaded.idle)}`);
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

function describeFlow(delay: DelayEstimate | null): string[] {
  return delay === null ? ['none came', ''] : [formatFigure(delay.p50Ns, TIME), formatFigure(delay.p95Ns, TIME)];
}

function describeOther(delay: DelayEstimate | null): string {
  return delay === null ? 'none came' : formatFigure(delay.p95Ns, TIME);
}
