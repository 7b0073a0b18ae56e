// Jitter of the round trip in the three ways people ask for it.
import type { JitterEstimate, OpenInterval } from '../../../model/estimates.js';
import type { Trace } from '../../../model/trace.js';
import { computeDelayDistribution, computeVariationDistribution } from './delay-distribution.js';
import { computePace, computeRoundTrips } from '../round-trip-times.js';

/** RFC 3550 section 6.4.1: gain of the running mean. */
const RFC3550_GAIN = 1 / 16;

/**
 * Only of packets sent at the pace of the first trace: neighbours that lie further apart differ more.
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
  for (const trace of selectOnePace(traces)) {
    const { rows, rttNs } = computeRoundTrips(trace);
    const smallest = rttNs.reduce((least, value) => Math.min(least, value), Infinity);
    for (const [i, value] of rttNs.entries()) {
      pdv.push(value - smallest);
      if (i > 0 && rows[i] === (rows[i - 1] ?? 0) + 1) ipdv.push(Math.abs(value - (rttNs[i - 1] ?? 0)));
    }
    if (rttNs.length > longest) {
      longest = rttNs.length;
      rfc3550Ns = computeRfc3550Jitter(trace, { rows, rttNs, fromNs: 0 });
    }
  }
  const variation = computeVariationDistribution(pdv);
  if (variation === null) return null;
  // What lasts, such as a queue in use, shows in the delays more than in their differences.
  const differences = computeDelayDistribution(ipdv, variation.intervals.independentSamples);
  if (differences === null) return null;
  return {
    rfc3550Ns,
    ipdvP99Ns: differences.p99Ns,
    pdvP99Ns: variation.p99Ns,
    intervals: {
      rfc3550Ns: extendTo(differences.intervals.meanNs, rfc3550Ns),
      ipdvP99Ns: differences.intervals.p99Ns,
      pdvP99Ns: variation.intervals.p99Ns,
    },
  };
}

/** The running mean looks back on some 16 packets only, so that it may end outside the interval of the mean of all. */
function extendTo({ low, high }: OpenInterval, value: number): OpenInterval {
  return { low: low && Math.min(low, value), high: high && Math.max(high, value) };
}

function selectOnePace(traces: readonly Trace[]): readonly Trace[] {
  const [first] = traces;
  return first === undefined ? [] : traces.filter((trace) => computePace(trace) === computePace(first));
}

/** The running mean after the last of these round trips, ns; `fromNs` is what it was before the first. RFC 3550 section 6.4.1. */
export function computeRfc3550Jitter(
  trace: Trace,
  { rows, rttNs, fromNs }: { readonly rows: readonly number[]; readonly rttNs: Float64Array; readonly fromNs: number },
): number {
  const byArrival = rows
    .map((row, i) => ({ arrival: trace.arrival[row] ?? 0, rtt: rttNs[i] ?? 0 }))
    .sort((a, b) => a.arrival - b.arrival);
  let jitterNs = fromNs;
  let previous: number | null = null;
  for (const { rtt } of byArrival) {
    if (previous !== null) jitterNs += (Math.abs(rtt - previous) - jitterNs) * RFC3550_GAIN;
    previous = rtt;
  }
  return jitterNs;
}
