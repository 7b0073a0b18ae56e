// Which traces are streams, and between which stamps they are watched.
import type { Trace } from '../../../model/trace.js';
import type { Leg } from '../../estimators/available/stream-packets.js';
import type { TracesByPhase } from '../knowledge.js';

export type ForwardLeg = Exclude<Leg, 'reverse' | 'far-train'>;

/** How the ids of streams begin, and of those long enough to show a bucket. */
const STREAM = 'stream';
export const LONG_STREAM = `${STREAM}-long`;

export function selectStreams(traces: TracesByPhase): readonly Trace[] {
  return traces.available.filter(({ sequenceId }) => sequenceId.startsWith(STREAM));
}

/** Forward where the far end stamps, else there and back. */
export function chooseLeg(traces: readonly Trace[]): ForwardLeg {
  return traces.some(({ stamps }) => stamps.far !== null) ? 'forward' : 'round-trip';
}
