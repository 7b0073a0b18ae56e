// What was sent of a load and what came of it, summed up over time: a policer's line bends when its bucket is empty, a shaper's
// when it begins to hold back, a wireless link's goes in steps.
import type { EvidencePattern } from '../../model/evidence-pattern.js';
import type { Trace } from '../../model/trace.js';
import { computeForwardCurve } from '../estimators/load/arrival-curve.js';
import { computeFates } from '../estimators/packet-fate.js';
import { buildSeries } from './pattern-series.js';
import type { Point } from './pattern-series.js';

/** null where too little came back to draw a line. */
export function composeBytesOverTime(trace: Trace): EvidencePattern | null {
  const fates = computeFates(trace);
  const sent: Point[] = [];
  const losses: Point[] = [];
  let bytes = 0;
  for (const [row, fate] of fates.entries()) {
    const atNs = trace.txOffsetNs[row] ?? Number.NaN;
    if (fate === 'excluded' || !Number.isFinite(atNs)) continue;
    bytes += trace.sizeBytes[row] ?? 0;
    sent.push([atNs, bytes]);
    if (fate === 'lost') losses.push([atNs, 0]);
  }
  const curve = computeForwardCurve(trace);
  const startNs = curve.timeNs[0] ?? Number.NaN;
  // The first arrival is set upon the first departure: a way has a length, but here the pace is what tells.
  const came = Array.from(curve.timeNs, (ns, i): Point => [
    (sent[0]?.[0] ?? 0) + ns - startNs,
    ((curve.packets[i] ?? 0) + 1) * curve.sizeBytes,
  ]);
  const series = [
    buildSeries('sent', 'line', sent),
    buildSeries('came', 'line', came),
    buildSeries('lost', 'losses', losses),
  ].filter((one) => one !== null);
  if (came.length < 2) return null;
  return {
    title: 'Bytes sent and bytes that came, over time',
    x: { label: 'time', unit: 'ns' },
    y: { label: 'bytes', unit: 'bytes' },
    series,
  };
}
