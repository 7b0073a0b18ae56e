// What one minute says of each kind of trouble: bad, fair or good, and whether enough has gathered to be sure. How many bad minutes make
// an incident is decided in kind-watch.ts.
import type { IncidentKind } from '../../model/incident.js';
import type { Thresholds } from '../../model/monitor.js';
import type { PeriodSummary } from '../../model/period-summary.js';
import { NS_PER_MS } from '../../model/units.js';
import { addDeviation, addLosses, computeDeviation, SURE_SUM } from './change-sums.js';
import type { ChangeSums } from './change-sums.js';
import type { Expectation, ExpectedNorm } from './expectation.js';

/** `fair` is neither: it opens nothing and ends nothing. `unknown`: the minute does not tell. */
export type Mark = 'bad' | 'fair' | 'good' | 'unknown';

export interface Reading {
  readonly mark: Mark;
  /** Whether what has gathered over the last minutes suffices to open an incident. */
  readonly isSure: boolean;
  readonly isCritical: boolean;
  /** In the unit of the kind's metric. */
  readonly value: number;
  readonly expected: number;
  /** Why nothing was measured, where that is the reading. */
  readonly problem?: string | null;
}

export interface Assessment {
  readonly readings: Readonly<Record<IncidentKind, Reading>>;
  readonly sums: ChangeSums;
}

export interface MinuteToAssess {
  readonly summary: PeriodSummary;
  /** Median of the minute's round trips, ns; null without one. */
  readonly medianRttNs: number | null;
  readonly expectation: Expectation;
  readonly thresholds: Thresholds | 'learn';
  readonly sums: ChangeSums;
}

/** Less of a minute than this is no measurement of it. */
const LEAST_COVERAGE = 0.5;
/** A heavier test that shares the port for longer is what the minute shows. */
const MOST_DISTURBED = 0.1;
const LEAST_PACKETS = 2;
/** An outage is over once this share of a minute's packets is answered. */
const ANSWERED_AGAIN = 0.5;
/** Bad is so many standard deviations above the expected, good is below the second. */
const DEVIATIONS = { bad: 2, good: 1 } as const;
/** Good, as a share of an explicit threshold or of the least excess that matters. */
const HYSTERESIS = { threshold: 0.9, excess: 0.5 } as const;

/** What people do not notice is no incident: the excess must reach this share of the expected, and so many ns. */
const MATTERS = { rttNs: { ratio: 0.1, leastNs: 0.5e6 }, jitterNs: { ratio: 0.5, leastNs: 2e6 } } as const;
/** As long as a target is being learnt: other hours may be that much slower. */
const MATTERS_UNLEARNT = { rttNs: { ratio: 1, leastNs: 20e6 }, jitterNs: { ratio: 2, leastNs: 20e6 } } as const;
/** Round trips that a conversation suffers from (ITU-T G.114 wants less than 150 ms one way), when they are a multiple of the usual. */
const CRITICAL_RTT = { ratio: 2, leastNs: 300e6 } as const;
const CRITICAL_LOSS = 0.1;
/** A change of loss that is looked for: to a multiple, and by so much at least. */
const LOSS_CHANGE = { ratio: 4, least: 0.02, most: 0.9 } as const;
/** One minute in twenty of the usual loss has more by chance. */
const CHANCE_DEVIATIONS = 1.65;
/** Loss that is taken for usual as long as a target is being learnt. */
const UNLEARNT_LOSS = 0.01;

const UNKNOWN: Reading = { mark: 'unknown', isSure: false, isCritical: false, value: 0, expected: 0 };

export function assessMinute(minute: MinuteToAssess): Assessment {
  const { summary, sums } = minute;
  const canMeasure = readCoverage(summary);
  if (canMeasure.mark === 'bad' || summary.disturbed > MOST_DISTURBED) {
    const readings = { outage: UNKNOWN, loss: UNKNOWN, delay: UNKNOWN, jitter: UNKNOWN, 'cannot-measure': canMeasure };
    return { readings, sums };
  }
  const outage = readOutage(summary);
  const isOut = outage.mark === 'bad';
  const loss = isOut ? { reading: readSilence(minute), sum: sums.loss } : readLoss(minute);
  const rtt = readDelay(minute, 'rttNs');
  const jitter = readDelay(minute, 'jitterNs');
  return {
    readings: {
      outage,
      loss: loss.reading,
      delay: rtt.reading,
      jitter: jitter.reading,
      'cannot-measure': canMeasure,
    },
    sums: { rttUp: rtt.up, rttDown: rtt.down, jitterUp: jitter.up, loss: loss.sum },
  };
}

function readCoverage({ problem, coverage }: PeriodSummary): Reading {
  const isBad = problem !== null || coverage < LEAST_COVERAGE;
  return { mark: isBad ? 'bad' : 'good', isSure: true, isCritical: false, value: coverage, expected: 1, problem };
}

function readOutage({ sent, lost }: PeriodSummary): Reading {
  if (sent < LEAST_PACKETS) return UNKNOWN;
  const value = lost / sent;
  const mark = lost === sent ? 'bad' : value <= 1 - ANSWERED_AGAIN ? 'good' : 'fair';
  return { mark, isSure: true, isCritical: true, value, expected: 0 };
}

/** A minute without any answer is an outage's; of losses it tells that the line is not well. */
function readSilence({ expectation }: MinuteToAssess): Reading {
  return { ...UNKNOWN, isCritical: true, value: 1, expected: expectation.lossRatio };
}

function readLoss({ summary, expectation, thresholds, sums }: MinuteToAssess): {
  readonly reading: Reading;
  readonly sum: number;
} {
  const { sent, lost } = summary;
  if (sent === 0) return { reading: UNKNOWN, sum: sums.loss };
  const usual = expectation.isLearning ? Math.max(UNLEARNT_LOSS, expectation.lossRatio) : expectation.lossRatio;
  const changed = Math.min(LOSS_CHANGE.most, Math.max(LOSS_CHANGE.ratio * usual, usual + LOSS_CHANGE.least));
  const sum = addLosses(sums.loss, { sent, lost }, { usual, changed, burstiness: expectation.burstiness });
  const value = lost / sent;
  const limit = readThreshold(thresholds, 'lossPercent');
  const bad = limit === null ? usual + (changed - usual) / 2 : limit / 100;
  const byChance = usual + CHANCE_DEVIATIONS * Math.sqrt((expectation.burstiness * usual * (1 - usual)) / sent);
  const good = limit === null ? Math.max(byChance, usual + (changed - usual) / 4) : HYSTERESIS.threshold * bad;
  const mark = value > bad ? 'bad' : value <= good ? 'good' : 'fair';
  const isSure = limit !== null || sum >= SURE_SUM;
  const expected = limit === null ? usual : limit / 100;
  return { reading: { mark, isSure, isCritical: value >= CRITICAL_LOSS, value, expected }, sum };
}

type DelayMetric = 'rttNs' | 'jitterNs';

interface DelayReading {
  readonly reading: Reading;
  readonly up: number;
  readonly down: number;
}

function readDelay(minute: MinuteToAssess, metric: DelayMetric): DelayReading {
  const { summary, expectation, sums, thresholds } = minute;
  const isRtt = metric === 'rttNs';
  const value = isRtt ? minute.medianRttNs : summary.jitterNs;
  const norm = isRtt ? expectation.rtt : expectation.jitter;
  const limitMs = readThreshold(thresholds, isRtt ? 'rttMs' : 'jitterMs');
  const before = { up: isRtt ? sums.rttUp : sums.jitterUp, down: isRtt ? sums.rttDown : 0 };
  if (value === null || !(value > 0)) return { reading: UNKNOWN, ...before };
  const deviation = norm === null ? 0 : computeDeviation(Math.log(value), norm);
  const up = addDeviation(before.up, deviation);
  const down = isRtt ? addDeviation(before.down, -deviation) : 0;
  if (limitMs !== null) return { reading: readAgainst(value, limitMs * NS_PER_MS, metric), up, down };
  if (norm === null) return { reading: UNKNOWN, up, down };
  return { reading: readAgainstNorm(metric, { value, norm, deviation, sum: up }, expectation.isLearning), up, down };
}

function readAgainst(value: number, limitNs: number, metric: DelayMetric): Reading {
  const mark = value > limitNs ? 'bad' : value <= HYSTERESIS.threshold * limitNs ? 'good' : 'fair';
  return { mark, isSure: true, isCritical: isCritical(metric, value, limitNs), value, expected: limitNs };
}

function readAgainstNorm(
  metric: DelayMetric,
  seen: { readonly value: number; readonly norm: ExpectedNorm; readonly deviation: number; readonly sum: number },
  isLearning: boolean,
): Reading {
  const { value, norm, deviation, sum } = seen;
  const expected = Math.exp(norm.median);
  const { ratio, leastNs } = (isLearning ? MATTERS_UNLEARNT : MATTERS)[metric];
  const share = (value - expected) / Math.max(ratio * expected, leastNs);
  const isBad = share >= 1 && deviation >= DEVIATIONS.bad;
  const isGood = share < HYSTERESIS.excess || deviation < DEVIATIONS.good;
  return {
    mark: isBad ? 'bad' : isGood ? 'good' : 'fair',
    isSure: sum >= SURE_SUM,
    isCritical: isCritical(metric, value, expected),
    value,
    expected,
  };
}

function isCritical(metric: DelayMetric, value: number, expected: number): boolean {
  return metric === 'rttNs' && value >= CRITICAL_RTT.ratio * expected && value >= CRITICAL_RTT.leastNs;
}

function readThreshold(thresholds: Thresholds | 'learn', name: keyof Thresholds): number | null {
  return thresholds === 'learn' ? null : (thresholds[name] ?? null);
}
