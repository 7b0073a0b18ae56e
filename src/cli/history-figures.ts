// What a stretch of a history comes to: figures of all of it, and of each column of a chart. Pure.
import { computeDigestPercentile, mergeDigests } from '../analysis/statistics/delay-digest.js';
import type { PeriodSummary } from '../model/period-summary.js';
import type { HistorySpan } from './history-span.js';

export interface SpanFigures {
  readonly sent: number;
  readonly lost: number;
  /** Share (0-1) of the time that was measured. */
  readonly coverage: number;
  /** Null where nothing came back. */
  readonly rtt: {
    readonly minNs: number;
    readonly p50Ns: number;
    readonly p95Ns: number;
    readonly maxNs: number;
  } | null;
  /** Largest of any period; null where none has it. */
  readonly worstJitterNs: number | null;
}

/** `summaries` of one target that begin inside the span, in any order. */
export function computeSpanFigures(summaries: readonly PeriodSummary[], { fromMs, toMs }: HistorySpan): SpanFigures {
  const digest = mergeDigests(summaries.flatMap(({ rtt }) => (rtt === null ? [] : [rtt])));
  const measuredMs = summaries.reduce((sum, { coverage, lengthMs }) => sum + coverage * lengthMs, 0);
  const jitters = summaries.flatMap(({ jitterNs }) => (jitterNs === null ? [] : [jitterNs]));
  return {
    sent: summaries.reduce((sum, { sent }) => sum + sent, 0),
    lost: summaries.reduce((sum, { lost }) => sum + lost, 0),
    coverage: Math.min(1, measuredMs / (toMs - fromMs)),
    rtt:
      digest === null
        ? null
        : {
            minNs: digest.minNs,
            p50Ns: computeDigestPercentile(digest, 0.5),
            p95Ns: computeDigestPercentile(digest, 0.95),
            maxNs: digest.maxNs,
          },
    worstJitterNs: jitters.length === 0 ? null : jitters.reduce((a, b) => Math.max(a, b), 0),
  };
}

/** Figures of `count` equal parts of the span; null for parts in which no period begins. */
export function computeColumns(
  summaries: readonly PeriodSummary[],
  span: HistorySpan,
  count: number,
): readonly (SpanFigures | null)[] {
  const widthMs = (span.toMs - span.fromMs) / count;
  const parts = Array.from({ length: count }, (): PeriodSummary[] => []);
  for (const summary of summaries) parts[Math.floor((summary.startMs - span.fromMs) / widthMs)]?.push(summary);
  return parts.map((part, i) => {
    const fromMs = span.fromMs + i * widthMs;
    return part.length === 0 ? null : computeSpanFigures(part, { fromMs, toMs: fromMs + widthMs });
  });
}
