// One minute of one target further: is it as expected, does an incident open, get worse or end, what is learnt from it. Pure: the
// watch that comes out goes in with the next minute. Where a fault lies is told by comparing targets, in locate-fault.ts.
import type { HourNorm } from '../../model/hour-norm.js';
import { INCIDENT_KINDS } from '../../model/incident.js';
import type { IncidentKind } from '../../model/incident.js';
import type { MonitorTarget } from '../../model/monitor.js';
import type { PeriodSummary } from '../../model/period-summary.js';
import { computeDigestPercentile } from '../statistics/delay-digest.js';
import { assessMinute } from './assess-minute.js';
import type { Reading } from './assess-minute.js';
import { NO_CHANGE } from './change-sums.js';
import { refuteIncidents, settleIncidents } from './confirm-incident.js';
import { applyLearning } from './decision.js';
import type { Decision } from './decision.js';
import { computeExpectation } from './expectation.js';
import type { Expectation, ExpectedNorm } from './expectation.js';
import { addMinute, computeHourNorm, computeNorm, isOfHour, startHour } from './gather-hour.js';
import { forgetMarks } from './kind-watch.js';
import type { KindWatch } from './kind-watch.js';
import { stepIncidents } from './step-incidents.js';
import type { TargetWatch } from './target-watch.js';

export interface MinuteToJudge {
  readonly summary: PeriodSummary;
  readonly target: Pick<MonitorTarget, 'name' | 'thresholds'>;
  /** Hours learnt of this target so far: what `applyLearning` gives. */
  readonly norms: readonly HourNorm[];
  /** IANA name; hours of the week are those of this zone. */
  readonly timeZone: string;
}

export interface Judged {
  readonly watch: TargetWatch;
  readonly decisions: readonly Decision[];
}

/** After a longer silence, in either direction of time, what was counted before no longer belongs to now. */
const LONGEST_GAP_MS = 600_000;
const RECENT_MINUTES = 180;

export function judgeMinute(before: TargetWatch, minute: MinuteToJudge): Judged {
  const { summary } = minute;
  const atMs = summary.startMs;
  const decisions: Decision[] = [];
  const turned = turnHour(skipGap(before, atMs), minute, decisions);
  const norms = applyLearning(minute.norms, decisions);
  const learnt = turned.expectation ?? computeExpectation(norms, atMs, minute.timeZone);
  const expectation = completeExpectation(learnt, turned);
  const median = summary.rtt === null ? NaN : computeDigestPercentile(summary.rtt, 0.5);
  const medianRttNs = median > 0 ? median : null;
  const { thresholds } = minute.target;
  const assessed = assessMinute({ summary, medianRttNs, expectation, thresholds, sums: turned.sums });
  const stepped = stepIncidents(turned, assessed, {
    atMs,
    endMs: atMs + summary.lengthMs,
    expectation,
    decisions,
    thresholds,
  });
  const watch = gather(stepped, { summary, medianRttNs, expectation, readings: assessed.readings });
  return { watch: { ...watch, lastMs: atMs, expectation: learnt }, decisions };
}

function skipGap(watch: TargetWatch, atMs: number): TargetWatch {
  if (watch.lastMs === null || Math.abs(atMs - watch.lastMs) <= LONGEST_GAP_MS) return watch;
  const kinds = Object.fromEntries(INCIDENT_KINDS.map((kind) => [kind, forgetMarks(watch.kinds[kind])]));
  return {
    ...watch,
    kinds: kinds as Record<IncidentKind, KindWatch>,
    sums: NO_CHANGE,
    recent: [],
    offSinceMs: null,
  };
}

/** With the first minute of an hour the one before becomes a norm, and open incidents are looked at over a longer time. */
function turnHour(watch: TargetWatch, minute: MinuteToJudge, decisions: Decision[]): TargetWatch {
  const atMs = minute.summary.startMs;
  const { quiet, all } = watch;
  if (quiet !== null && isOfHour(quiet, atMs)) return watch;
  const norm = quiet === null ? null : computeHourNorm(watch.target, quiet);
  if (norm !== null) decisions.push({ kind: 'learn', norm });
  const shifted = all === null ? null : computeHourNorm(watch.target, all);
  const turned = {
    ...watch,
    quiet: startHour(atMs),
    all: startHour(atMs),
    shifted: hasShift(watch) && shifted !== null ? [...watch.shifted, shifted] : [],
    expectation: null,
  };
  const look = { atMs, thresholds: minute.target.thresholds, decisions };
  return settleIncidents(refuteIncidents(turned, look), look);
}

function hasShift({ incidents }: TargetWatch): boolean {
  return incidents.some(({ kind }) => kind === 'delay' || kind === 'jitter');
}

/** Of a target that was never seen, what the hour showed so far has to do. */
function completeExpectation(learnt: Expectation, { quiet }: TargetWatch): Expectation {
  if (quiet === null || (learnt.rtt !== null && learnt.jitter !== null)) return learnt;
  const complete = (known: ExpectedNorm | null, values: readonly (number | null)[]): ExpectedNorm | null => {
    const norm = known === null ? computeNorm(values) : null;
    return norm === null ? known : { ...norm, daySpread: 0 };
  };
  return { ...learnt, rtt: complete(learnt.rtt, quiet.rtt), jitter: complete(learnt.jitter, quiet.jitter) };
}

interface GatherFrame {
  readonly summary: PeriodSummary;
  readonly medianRttNs: number | null;
  readonly expectation: Expectation;
  readonly readings: Readonly<Record<IncidentKind, Reading>>;
}

/** Only minutes without an incident teach what is normal; what an unmeasured one would teach is nothing. */
function gather(watch: TargetWatch, { summary, medianRttNs, expectation, readings }: GatherFrame): TargetWatch {
  const { sums } = watch;
  const isOff = sums.rttUp > 0 || sums.rttDown > 0;
  const atMs = summary.startMs;
  const followed = { ...watch, offSinceMs: isOff ? (watch.offSinceMs ?? atMs) : null };
  if (readings.outage.mark === 'unknown' || readings.outage.mark === 'bad') return followed;
  const lnRtt = medianRttNs === null ? null : Math.log(medianRttNs);
  const lnJitter = summary.jitterNs !== null && summary.jitterNs > 0 ? Math.log(summary.jitterNs) : null;
  const seen = { startMs: atMs, lnRtt, lnJitter, sent: summary.sent, lost: summary.lost };
  const recent = { atMs, rtt: subtract(lnRtt, expectation.rtt), jitter: subtract(lnJitter, expectation.jitter) };
  const isQuiet = watch.incidents.length === 0;
  return {
    ...followed,
    recent: [...watch.recent, recent].slice(-RECENT_MINUTES),
    quiet: isQuiet ? addMinute(watch.quiet ?? startHour(atMs), seen) : watch.quiet,
    all: addMinute(watch.all ?? startHour(atMs), seen),
  };
}

const DIGITS = 1e3;

function subtract(value: number | null, norm: { readonly median: number } | null): number | null {
  return value === null || norm === null ? null : Math.round((value - norm.median) * DIGITS) / DIGITS;
}
