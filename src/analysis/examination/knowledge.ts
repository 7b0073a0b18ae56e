// What an examination knows at one moment: the request, the path, every trace so far. Phases plan from it and keep no state.
import type { ExaminationRequest } from '../../model/examination.js';
import type { PathDescription } from '../../model/path.js';
import type { Trace } from '../../model/trace.js';
import { NS_PER_MS, NS_PER_SEC } from '../../model/units.js';
import { takePercentile } from '../statistics/quantile.js';
import { computeRoundTrips } from '../estimators/round-trip-times.js';
import type { Allowance } from './plans/allowance.js';

/**
 * In this order. `reach`, `delay` and `sizes` are paced and light: they alone are judged for loss. `rate` is one short train for a
 * first idea of the capacity, so that `sizes` can keep its distance; `look` waits for a busy line;
 * `mixture` asks whether packets or their bytes load the path; from `capacity` on it is loaded; `meet` and `separate` are
 * paced below what the path carries: do packets of both directions harm each other, and where some were lost, why?
 */
export const PHASES = [
  'reach',
  'delay',
  'mtu',
  'rate',
  'sizes',
  'classes',
  'spacing',
  'look',
  'meet',
  'mixture',
  'capacity',
  'separate',
  'available',
  'fill',
  'loaded',
  'maximum',
] as const;
export type PhaseName = (typeof PHASES)[number];

export type TracesByPhase = Readonly<Record<PhaseName, readonly Trace[]>>;

/** To be filled phase by phase. */
export function createNoTraces(): Record<PhaseName, Trace[]> {
  const entries = PHASES.map((phase): [PhaseName, Trace[]] => [phase, []]);
  return Object.fromEntries(entries) as Record<PhaseName, Trace[]>;
}

export interface Knowledge {
  readonly request: ExaminationRequest;
  readonly path: PathDescription;
  readonly traces: TracesByPhase;
  readonly allowance: Allowance;
}

export function selectLightTraces(traces: TracesByPhase): readonly Trace[] {
  return [...traces.reach, ...traces.delay, ...traces.sizes];
}

export function selectTrainTraces(traces: TracesByPhase): readonly Trace[] {
  return [...traces.rate, ...traces.capacity];
}

/** The slowest probes are this far apart, so that a limited target is not blamed for losing what it refuses to answer. */
export function computeLeastIntervalNs(path: PathDescription): number {
  return path.maxProbesPerSec !== null && path.maxProbesPerSec > 0 ? (1.1 * NS_PER_SEC) / path.maxProbesPerSec : 0;
}

const LEAST_LINGER_NS = 150 * NS_PER_MS;
const MOST_LINGER_NS = 1.5 * NS_PER_SEC;

/** Time to wait for late replies (Tmax of RFC 7680): four times the 99th percentile seen, 0.15-1.5 s. */
export function computeLingerNs(traces: TracesByPhase): number {
  const parts = selectLightTraces(traces).map((trace) => computeRoundTrips(trace).rttNs);
  const rttNs = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  if (rttNs.length === 0) return NS_PER_SEC;
  let filled = 0;
  for (const part of parts) {
    rttNs.set(part, filled);
    filled += part.length;
  }
  const slow = takePercentile(rttNs, 0.99);
  return Math.min(MOST_LINGER_NS, Math.max(LEAST_LINGER_NS, 4 * slow + 50 * NS_PER_MS));
}

/** Silence after which a run is over, ns: longer than any program between here and there is kept from its work. */
export const QUIET_NS = 150 * NS_PER_MS;

/** IP length of the light packets: room for a STAMP test packet, and never below what this kind of probe can send. */
export function computeLightSize(path: PathDescription): number {
  return Math.min(path.mtuBytes, Math.max(path.minSizeBytes, 92));
}
