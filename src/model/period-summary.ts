// What one target showed during a minute, and during any longer period that minutes are rolled up into. Figures only; how samples
// become a digest is analysis/, how summaries are kept history/.
import type { StampSources } from './trace.js';

/** Lengths of the periods that a history keeps, ms. A period begins at a multiple of its length in Unix time. */
export const PERIODS_MS = { minute: 60_000, fiveMinutes: 300_000, hour: 3_600_000, day: 86_400_000 } as const;
export type PeriodName = keyof typeof PERIODS_MS;

/** A distribution that can be merged with others of its kind and asked for percentiles; JSON as it stands. */
export interface DelayDigest {
  readonly count: number;
  readonly minNs: number;
  readonly maxNs: number;
  readonly sumNs: number;
  /** How often neighbouring bins were merged in pairs, so that there are few: 0 is the finest resolution. */
  readonly collapses: number;
  /** Non-empty bins as index, count, index, count ..., indices ascending; what an index means the digest's module says. */
  readonly bins: readonly number[];
}

export interface PeriodSummary {
  /** Name of the monitored target. */
  readonly target: string;
  /** Begin of the period, Unix ms. */
  readonly startMs: number;
  readonly lengthMs: number;
  /** Share (0-1) of the period that was measured: less where the probe started, stopped or could not send. */
  readonly coverage: number;
  readonly sent: number;
  /** Of `sent`; those neither answered nor lost are in neither. */
  readonly lost: number;
  /** Losses each side, where the far end counts; null elsewhere. */
  readonly lostForward: number | null;
  readonly lostReverse: number | null;
  readonly duplicated: number;
  readonly reordered: number;
  /** Null where nothing came back. */
  readonly rtt: DelayDigest | null;
  /** One-way delay above its smallest of the last ten minutes, where the far end stamps. */
  readonly forwardQueueing: DelayDigest | null;
  readonly reverseQueueing: DelayDigest | null;
  /** RFC 3550 interarrival jitter at the end of the period; null with fewer than two answers. */
  readonly jitterNs: number | null;
  /** The worst sources of the period; null in periods without an answer. */
  readonly stamps: StampSources | null;
  /** Share (0-1) of the period during which a heavier test of this box loaded the same port: not judged. */
  readonly disturbed: number;
  /** Why nothing could be measured, in words; null where something was. */
  readonly problem: string | null;
}
