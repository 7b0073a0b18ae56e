// How long packets took as time went by, and which were lost: a queue that fills, a route that changes, losses in runs.
import type { EvidencePattern } from '../../model/evidence-pattern.js';
import type { Trace } from '../../model/trace.js';
import { computeFates } from '../estimators/packet-fate.js';
import { computeRoundTrips } from '../estimators/round-trip-times.js';
import { buildSeries } from './pattern-series.js';
import type { Point } from './pattern-series.js';

/** Traces of one clock, in the order of sending. null where nothing was answered. */
export function composeDelayOverTime(traces: readonly Trace[], title: string): EvidencePattern | null {
  const [first] = traces;
  if (first === undefined) return null;
  const delays: Point[] = [];
  const losses: Point[] = [];
  for (const trace of traces) {
    const baseNs = Number(trace.baseNs - first.baseNs);
    const { rows, rttNs } = computeRoundTrips(trace);
    for (const [i, row] of rows.entries()) delays.push([baseNs + (trace.txOffsetNs[row] ?? NaN), rttNs[i] ?? NaN]);
    for (const [row, fate] of computeFates(trace).entries()) {
      if (fate === 'lost') losses.push([baseNs + (trace.txOffsetNs[row] ?? trace.plannedOffsetNs[row] ?? NaN), 0]);
    }
  }
  const delay = buildSeries('round trip', 'dots', delays);
  const lost = buildSeries('lost', 'losses', losses);
  if (delay === null) return null;
  return {
    title,
    x: { label: 'time', unit: 'ns' },
    y: { label: 'round trip', unit: 'ns' },
    series: lost === null ? [delay] : [delay, lost],
  };
}
