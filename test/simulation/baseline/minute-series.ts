// The minutes of a drawn line, one summary after the other, as monitoring would have measured them.
import { createDigest } from '../../../src/analysis/statistics/delay-digest.js';
import type { PeriodSummary } from '../../../src/model/period-summary.js';
import { createRandom } from '../../../src/model/random.js';
import type { Random } from '../../../src/model/random.js';
import { DAY_MINUTES, LEAST_SWING, MOST_SWING } from './drawn-line.js';
import type { DrawnLine, Trouble } from './drawn-line.js';

/** Monday, 2 January 2023, 00:00 UTC. */
export const SERIES_START_MS = 1_672_617_600_000;
export const MINUTE_MS = 60_000;

/** ln of a packet's delay beside the minute's median, at evenly spread shares: a minute's distribution in few samples. */
const PACKET_QUANTILES = [-1.5, -0.9, -0.5, -0.2, 0, 0.2, 0.6, 1.2, 2.5];
const RAMP_MINUTES = 5;

export function* listMinutes(line: DrawnLine, days: number, target = 'line'): Generator<PeriodSummary> {
  const random = createRandom(line.seed ^ 0x5eed);
  let slow = 0;
  let dayLoad = 1;
  let next = 0;
  for (let minute = 0; minute < days * DAY_MINUTES; minute += 1) {
    if (minute % DAY_MINUTES === 0) dayLoad = Math.exp(random.normal(0, line.daySpread));
    const innovation = random.normal(0, line.slowSpread * Math.sqrt(1 - line.likeness ** 2));
    slow = line.likeness * slow + innovation;
    while ((line.troubles[next]?.to ?? Infinity) <= minute) next += 1;
    const trouble = line.troubles[next];
    const now = trouble !== undefined && trouble.from <= minute ? trouble : null;
    const usualNs = line.baseNs * (1 + line.peakShare * dayLoad * computeLoad(line, minute));
    const spike = random.uniform() < line.spikesPerDay / DAY_MINUTES ? 1.5 + random.exponential(3) : 1;
    const noise = Math.exp(slow + random.normal(0, line.minuteSpread));
    const medianNs = usualNs * noise * spike + addDelay(now, minute, random);
    yield composeMinute(line, { target, minute, medianNs, lost: drawLost(line, now, random), random });
  }
}

/** 0 in the night, 1 in the busiest hour of a working day. */
function computeLoad({ peakHour, peakHours, weekendLoad }: DrawnLine, minute: number): number {
  const hour = (minute % DAY_MINUTES) / 60;
  const apart = Math.min(Math.abs(hour - peakHour), 24 - Math.abs(hour - peakHour));
  const isWeekend = Math.floor(minute / DAY_MINUTES) % 7 >= 5;
  return Math.exp(-((apart / peakHours) ** 2)) * (isWeekend ? weekendLoad : 1);
}

function addDelay(trouble: Trouble | null, minute: number, random: Random): number {
  if (trouble === null) return 0;
  const { kind, from, to, size } = trouble;
  if (kind === 'shift') return size;
  if (kind === 'drift') return (size * (minute - from + 1)) / (to - from);
  if (kind !== 'congestion') return 0;
  return (
    size *
    Math.min(1, (minute - from + 1) / RAMP_MINUTES) *
    (LEAST_SWING + (MOST_SWING - LEAST_SWING) * random.uniform())
  );
}

function drawLost({ lossRatio, packetsPerMinute }: DrawnLine, trouble: Trouble | null, random: Random): number {
  if (trouble?.kind === 'outage') return packetsPerMinute;
  const ratio = lossRatio + (trouble?.kind === 'loss' ? trouble.size : 0);
  let lost = 0;
  for (let i = 0; i < packetsPerMinute; i += 1) if (random.uniform() < ratio) lost += 1;
  return lost;
}

interface Drawn {
  readonly target: string;
  readonly minute: number;
  readonly medianNs: number;
  readonly lost: number;
  readonly random: Random;
}

function composeMinute(line: DrawnLine, { target, minute, medianNs, lost, random }: Drawn): PeriodSummary {
  const sent = line.packetsPerMinute;
  const isOut = lost === sent;
  const spread = Math.max(0.01, line.minuteSpread);
  const samples = PACKET_QUANTILES.map((quantile) => medianNs * Math.exp(spread * quantile));
  return {
    target,
    startMs: SERIES_START_MS + minute * MINUTE_MS,
    lengthMs: MINUTE_MS,
    coverage: 1,
    sent,
    lost,
    lostForward: null,
    lostReverse: null,
    duplicated: 0,
    reordered: 0,
    rtt: isOut ? null : createDigest(samples),
    forwardQueueing: null,
    reverseQueueing: null,
    jitterNs: isOut ? null : medianNs * spread * Math.exp(random.normal(0, 0.15)),
    stamps: isOut ? null : { tx: 'kernel', rx: 'kernel', far: null },
    disturbed: 0,
    problem: null,
  };
}
