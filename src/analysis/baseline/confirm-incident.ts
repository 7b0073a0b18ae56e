// Open incidents of delay and jitter looked at once an hour over a longer time: did the level change at all, and is the changed one
// the normal by now? What opens them is decided minute by minute, in judge-minute.ts.
import type { IncidentKind } from '../../model/incident.js';
import type { MonitorTarget } from '../../model/monitor.js';
import { computeChangePenalty, findChangePoints } from '../statistics/change-points.js';
import { computeMedian } from '../statistics/quantile.js';
import type { Decision } from './decision.js';
import { closeIncident, findOpen, replaceIncident } from './incident-record.js';
import type { TargetWatch } from './target-watch.js';

const DELAY_KINDS = [
  { kind: 'delay', column: 'rtt', threshold: 'rttMs' },
  { kind: 'jitter', column: 'jitter', threshold: 'jitterMs' },
] as const satisfies readonly { kind: IncidentKind; column: string; threshold: string }[];
type DelayKind = (typeof DELAY_KINDS)[number];

export interface HourlyLook {
  readonly atMs: number;
  readonly thresholds: MonitorTarget['thresholds'];
  /** What follows is added. */
  readonly decisions: Decision[];
}

/** Only what would be found with so much to spare is missed where it is not found. */
const TO_SPARE = 2;
/** The change may have begun so much earlier than the first bad minute, ms. */
const EARLIER_MS = 3_600_000;
/** Of neighbouring minutes; more is taken for the change that is looked for. */
const MOST_LIKENESS = 0.6;
/** Hours after which a level that stayed is the normal one. */
const NEW_NORMAL_HOURS = 24;
/** The same without an incident: a level that neither the sums nor an hour of the week ever brought back. */
const DRIFTED_MS = 7 * 86_400_000;

/** Where the last hours show no change to the worse, the incident was a mistake and is closed; where they do, its begin is theirs. */
export function refuteIncidents(watch: TargetWatch, look: HourlyLook): TargetWatch {
  return DELAY_KINDS.filter((known) => isLearnt(known, look)).reduce((next, known) => refute(next, known, look), watch);
}

/** An explicit limit stays a limit, whatever is usual. */
function isLearnt({ threshold }: DelayKind, { thresholds }: HourlyLook): boolean {
  return thresholds === 'learn' || thresholds[threshold] === undefined;
}

function refute(watch: TargetWatch, { kind, column }: DelayKind, { atMs, decisions }: HourlyLook): TargetWatch {
  const incident = findOpen(watch, kind);
  if (incident === undefined) return watch;
  const { startedMs } = incident;
  const minutes = watch.recent.flatMap((minute) => {
    const value = minute[column];
    return value === null ? [] : [{ atMs: minute.atMs, value }];
  });
  const before = minutes.filter((minute) => minute.atMs < startedMs).length;
  const values = minutes.map(({ value }) => value);
  const noiseTime = computeNoiseTime(values);
  if (!wouldShow(before, values.length, noiseTime)) return watch;
  const changes = findChangePoints(values, noiseTime);
  const rises = changes.filter((change, i) => {
    const from = changes[i - 1] ?? 0;
    const to = changes[i + 1] ?? values.length;
    return computeMedian(values.slice(change, to)) > computeMedian(values.slice(from, change));
  });
  if (rises.length === 0) {
    const because = 'Closed: over the last hours no lasting change shows.';
    return closeIncident(watch, kind, { atMs, endedMs: atMs, because }, decisions);
  }
  const near = rises.map((index) => minutes[index]?.atMs ?? NaN).filter((ms) => ms >= startedMs - EARLIER_MS);
  const dated = { ...incident, startedMs: Math.min(startedMs, ...near) };
  if (dated.startedMs === startedMs) return watch;
  decisions.push({ kind: 'incident', incident: dated, event: null });
  return replaceIncident(watch, dated);
}

/** Of `count` minutes the first `before` are all lower than the others: the gain of a change there is 3 · n₀ · n₁ / n by their ranks. */
function wouldShow(before: number, count: number, noiseTime: number): boolean {
  return (3 * before * (count - before)) / count >= TO_SPARE * computeChangePenalty(count, noiseTime);
}

/**
 * Correlation time (1 + φ) / (1 − φ) of minutes that are a first-order autoregression but for some steps, which medians do not see:
 * differences of values two apart are √(1 + φ) times those of neighbours.
 */
function computeNoiseTime(values: readonly number[]): number {
  const differ = (lag: number): number =>
    computeMedian(values.slice(lag).map((value, i) => Math.abs(value - (values[i] ?? 0))));
  const ratio = (differ(2) / differ(1)) ** 2;
  const phi = Math.min(MOST_LIKENESS, Math.max(0, ratio - 1));
  return Number.isFinite(phi) ? (1 + phi) / (1 - phi) : 1;
}

/** What lasted for a day is the normal, and is said to be. */
export function settleIncidents(watch: TargetWatch, look: HourlyLook): TargetWatch {
  const { atMs, decisions } = look;
  const settled = DELAY_KINDS.filter((known) => findOpen(watch, known.kind) !== undefined && isLearnt(known, look));
  const [first] = watch.shifted;
  if (settled.length > 0 && first !== undefined && watch.shifted.length >= NEW_NORMAL_HOURS) {
    decisions.push({ kind: 'forget', target: watch.target, sinceMs: first.startMs });
    for (const norm of watch.shifted) decisions.push({ kind: 'learn', norm });
    const because = 'It has stayed so for a day and is taken as usual from now on.';
    const closed = settled.reduce(
      (next, { kind }) => closeIncident(next, kind, { atMs, endedMs: atMs, because }, decisions),
      watch,
    );
    return { ...closed, shifted: [], expectation: null };
  }
  if (watch.offSinceMs === null || atMs - watch.offSinceMs < DRIFTED_MS) return watch;
  decisions.push({ kind: 'forget', target: watch.target, sinceMs: watch.offSinceMs });
  return { ...watch, offSinceMs: null };
}
