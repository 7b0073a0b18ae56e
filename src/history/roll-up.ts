// Longer periods from shorter ones. Counts and digests of a longer period are those of its parts, whichever way they are put together;
// only minutes are measured. Pure.
import { mergeDigests } from '../analysis/statistics/delay-digest.js';
import type { DelayDigest, PeriodSummary } from '../model/period-summary.js';
import type { StampSource, StampSources } from '../model/trace.js';

const FROM_BEST_STAMPS: readonly StampSource[] = ['hardware', 'kernel', 'user'];

/** One summary for each period of `lengthMs` in which any of these (of one target, in any order) begins; ascending. */
export function rollUp(summaries: readonly PeriodSummary[], lengthMs: number): PeriodSummary[] {
  const periods = new Map<number, PeriodSummary[]>();
  for (const summary of summaries) {
    const startMs = Math.floor(summary.startMs / lengthMs) * lengthMs;
    const parts = periods.get(startMs);
    if (parts === undefined) periods.set(startMs, [summary]);
    else parts.push(summary);
  }
  return [...periods]
    .sort(([a], [b]) => a - b)
    .map(([startMs, parts]) =>
      mergeSummaries(
        parts.sort((a, b) => a.startMs - b.startMs),
        startMs,
        lengthMs,
      ),
    );
}

/** `parts` ascend and do not overlap; what no part covers was not measured. */
function mergeSummaries(parts: readonly PeriodSummary[], startMs: number, lengthMs: number): PeriodSummary {
  const sum = (count: (part: PeriodSummary) => number): number => parts.reduce((total, part) => total + count(part), 0);
  // Of one direction only where every part that sent anything tells it.
  const sumKnown = (count: (part: PeriodSummary) => number | null): number | null =>
    parts.some((part) => part.sent > 0 && count(part) === null) || parts.every((part) => count(part) === null)
      ? null
      : sum((part) => count(part) ?? 0);
  const merge = (digest: (part: PeriodSummary) => DelayDigest | null): DelayDigest | null =>
    mergeDigests(parts.map(digest).filter((one) => one !== null));
  const share = (of: (part: PeriodSummary) => number): number =>
    Math.min(1, sum((part) => of(part) * part.lengthMs) / lengthMs);
  return {
    target: parts[0]?.target ?? '',
    startMs,
    lengthMs,
    coverage: share(({ coverage }) => coverage),
    sent: sum(({ sent }) => sent),
    lost: sum(({ lost }) => lost),
    lostForward: sumKnown(({ lostForward }) => lostForward),
    lostReverse: sumKnown(({ lostReverse }) => lostReverse),
    duplicated: sum(({ duplicated }) => duplicated),
    reordered: sum(({ reordered }) => reordered),
    rtt: merge(({ rtt }) => rtt),
    forwardQueueing: merge(({ forwardQueueing }) => forwardQueueing),
    reverseQueueing: merge(({ reverseQueueing }) => reverseQueueing),
    jitterNs: parts.reduce<number | null>((last, { jitterNs }) => jitterNs ?? last, null),
    stamps: parts.reduce<StampSources | null>((worst, { stamps }) => takeWorse(worst, stamps), null),
    disturbed: share(({ disturbed }) => disturbed),
    problem: parts.some(({ sent }) => sent > 0)
      ? null
      : parts.reduce<string | null>((last, { problem }) => problem ?? last, null),
  };
}

function takeWorse(a: StampSources | null, b: StampSources | null): StampSources | null {
  if (a === null || b === null) return a ?? b;
  const worse = (one: StampSource, other: StampSource): StampSource =>
    FROM_BEST_STAMPS.indexOf(one) > FROM_BEST_STAMPS.indexOf(other) ? one : other;
  return {
    tx: worse(a.tx, b.tx),
    rx: worse(a.rx, b.rx),
    far: a.far === null || b.far === null ? null : worse(a.far, b.far),
  };
}
