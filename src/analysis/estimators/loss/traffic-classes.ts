// What became of each traffic class: how it arrived, how the reply came back, what was lost of it and how long it took.
import type { ClassTreatment } from '../../../model/estimates.js';
import type { Trace } from '../../../model/trace.js';
import { computeEcn } from '../../../model/traffic-class.js';
import { computeMedian } from '../../statistics/quantile.js';
import { computeFates } from '../packet-fate.js';
import { estimateRatio } from '../ratio.js';
import { computeRoundTrips } from '../round-trip-times.js';

const METHOD = 'packets of this class without a reply, Wilson interval (RFC 7680)';

interface ClassSamples {
  sent: number;
  lost: number;
  readonly forward: Map<number, number>;
  readonly reverse: Map<number, number>;
  readonly rttNs: number[];
}

/** In the order of the octets that were sent; null without a packet. Of several classes seen the most frequent stands. */
export function estimateClassTreatments(traces: readonly Trace[]): ClassTreatment[] | null {
  const byClass = new Map<number, ClassSamples>();
  for (const trace of traces) addTrace(byClass, trace);
  const treatments = [...byClass]
    .sort(([a], [b]) => a - b)
    .flatMap(([sent, samples]) => {
      const loss = estimateRatio(samples.lost, samples.sent, METHOD);
      if (loss === null) return [];
      const medianRttNs = samples.rttNs.length === 0 ? null : computeMedian(samples.rttNs);
      return [{ sent, forward: findMode(samples.forward), reverse: findMode(samples.reverse), loss, medianRttNs }];
    });
  return treatments.length === 0 ? null : treatments;
}

function addTrace(byClass: Map<number, ClassSamples>, trace: Trace): void {
  for (const [row, fate] of computeFates(trace).entries()) {
    if (fate === 'excluded') continue;
    const samples = findSamples(byClass, trace.trafficClass[row] ?? 0);
    samples.sent += 1;
    if (fate === 'lost') samples.lost += 1;
    else addReply(samples, trace, row);
  }
  const { rows, rttNs } = computeRoundTrips(trace);
  for (const [i, row] of rows.entries()) {
    findSamples(byClass, trace.trafficClass[row] ?? 0).rttNs.push(rttNs[i] ?? Number.NaN);
  }
}

function findSamples(byClass: Map<number, ClassSamples>, trafficClass: number): ClassSamples {
  const known = byClass.get(trafficClass);
  if (known !== undefined) return known;
  const samples = { sent: 0, lost: 0, forward: new Map(), reverse: new Map(), rttNs: [] };
  byClass.set(trafficClass, samples);
  return samples;
}

function addReply(samples: ClassSamples, trace: Trace, row: number): void {
  const forward = trace.farTrafficClass[row] ?? -1;
  const reverse = trace.replyTrafficClass[row] ?? -1;
  if (forward >= 0) countOne(samples.forward, forward);
  if (reverse >= 0 && tellsWayBack(trace, row, reverse)) countOne(samples.reverse, reverse);
}

/**
 * A reflector sends its replies without ECN capability, whatever it received (RFC 8972 4.4 lets the sender choose their DSCP only),
 * so that an ECN field of 0 is no word on the way back. An echo carries the whole octet.
 */
function tellsWayBack(trace: Trace, row: number, reverse: number): boolean {
  // Of the trace and not of the row: the last reply of a run has no stamps, since nothing follows it up.
  const isReflected = trace.stamps.far !== null;
  return !isReflected || computeEcn(trace.trafficClass[row] ?? 0) === 0 || computeEcn(reverse) !== 0;
}

function countOne(counts: Map<number, number>, value: number): void {
  counts.set(value, (counts.get(value) ?? 0) + 1);
}

function findMode(counts: ReadonlyMap<number, number>): number | null {
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  return most?.[0] ?? null;
}
