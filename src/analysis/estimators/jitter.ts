// Jitter of the round trip in the three ways people ask for it.
import type { JitterEstimate } from '../../model/report.js';
import type { Trace } from '../../model/trace.js';
import { takePercentile } from '../statistics/quantile.js';
import { computeRoundTrips } from './round-trip-times.js';

/** RFC 3550 section 6.4.1: gain of the running mean. */
const RFC3550_GAIN = 1 / 16;

/**
 * - rfc3550: J += (|D| − J)/16 over replies in the order of arrival, D the difference of their round-trip times; the last J of
 *   the longest trace.
 * - IPDV (RFC 5481 section 4.1): 99th percentile of |difference| between packets sent one after the other, both answered.
 * - PDV (RFC 5481 section 4.2): 99th percentile of delay − smallest delay of its trace.
 * null without two neighbours.
 */
export function estimateJitter(traces: readonly Trace[]): JitterEstimate | null {
  const ipdv: number[] = [];
  const pdv: number[] = [];
  let longest = 0;
  let rfc3550Ns = 0;
  for (const trace of traces) {
    const { rows, rttNs } = computeRoundTrips(trace);
    const smallest = rttNs.reduce((least, value) => Math.min(least, value), Infinity);
    for (const [i, value] of rttNs.entries()) {
      pdv.push(value - smallest);
      if (i > 0 && rows[i] === (rows[i - 1] ?? 0) + 1) ipdv.push(Math.abs(value - (rttNs[i - 1] ?? 0)));
    }
    if (rttNs.length > longest) {
      longest = rttNs.length;
      rfc3550Ns = computeRfc3550Jitter(trace, rows, rttNs);
    }
  }
  if (ipdv.length === 0) return null;
  return {
    rfc3550Ns,
    ipdvP99Ns: takePercentile(Float64Array.from(ipdv), 0.99),
    pdvP99Ns: takePercentile(Float64Array.from(pdv), 0.99),
  };
}

function computeRfc3550Jitter(trace: Trace, rows: readonly number[], rttNs: Float64Array): number {
  const byArrival = rows
    .map((row, i) => ({ arrival: trace.arrival[row] ?? 0, rtt: rttNs[i] ?? 0 }))
    .sort((a, b) => a.arrival - b.arrival);
  let jitterNs = 0;
  let previous: number | null = null;
  for (const { rtt } of byArrival) {
    if (previous !== null) jitterNs += (Math.abs(rtt - previous) - jitterNs) * RFC3550_GAIN;
    previous = rtt;
  }
  return jitterNs;
}
