// A box with many lines, drawn at random, and a day of troubles after days without any: those of each line by itself, jitter on some,
// and faults of a segment, which all that lies behind it has at the same time.
import { createRandom } from '../../../src/model/random.js';
import type { Random } from '../../../src/model/random.js';
import { SEGMENTS } from '../../../src/model/monitor.js';
import type { Segment } from '../../../src/model/monitor.js';
import { computeNoticed, DAY_MINUTES, drawLine, LEAST_APART } from './drawn-line.js';
import type { DrawnLine, Trouble } from './drawn-line.js';

/** Jitter is added to that of each minute, ns; the median stays. */
export type Injected = Omit<Trouble, 'kind'> & { readonly kind: Trouble['kind'] | 'jitter' };

export interface WatchedLine {
  readonly name: string;
  readonly segment: Segment;
  /** With the faults of its segments among its troubles. */
  readonly line: DrawnLine;
  readonly jitter: Injected | null;
}

/** Of a segment: every line in it and behind it has it. Which of them, by their names. */
export interface SharedFault extends Pick<Trouble, 'kind' | 'from' | 'to'> {
  readonly segment: Segment;
  readonly names: readonly string[];
}

export interface DrawnDay {
  readonly lines: readonly WatchedLine[];
  readonly shared: readonly SharedFault[];
}

export interface DayPlan {
  readonly targets: number;
  /** Before the day. */
  readonly learntDays: number;
  readonly troublesPerDay: number;
  /** Least size of a slowness, in multiples of what people notice. */
  readonly leastSize: number;
}

/** Parts of the day in which a shared fault begins. */
const SHARED_AT = [
  [0.08, 0.4],
  [0.55, 0.85],
] as const;
/** Nearer ones have nothing before them that could be seen to be sound. */
const SHARED_SEGMENTS = SEGMENTS.slice(1);
const SHARED_KINDS = ['outage', 'loss', 'shift'] as const;
/** Jitter that people notice: as much again, and ns. */
const NOTICED_JITTER = { ratio: 0.5, leastNs: 2e6 } as const;
const JITTER_ATTEMPTS = 20;

export function drawDay(seed: number, { targets, learntDays, troublesPerDay, leastSize }: DayPlan): DrawnDay {
  const random = createRandom(seed ^ 0x0da1);
  const quietUntil = learntDays * DAY_MINUTES;
  const drawn = Array.from({ length: targets }, (_, i) => {
    const plan = { days: learntDays + 1, perDay: troublesPerDay, quietUntil, leastSize };
    return { name: `target-${i}`, segment: SEGMENTS[i % SEGMENTS.length] ?? 'beyond', line: drawLine(seed + i, plan) };
  });
  const shared = SHARED_AT.map(([earliest, latest]): SharedFault => {
    const segment = draw(SHARED_SEGMENTS, random);
    const kind = draw(SHARED_KINDS, random);
    const from = quietUntil + Math.floor(DAY_MINUTES * (earliest + (latest - earliest) * random.uniform()));
    const to = from + Math.round(between(random, kind === 'outage' ? 4 : 15, 90));
    const isBehind = (one: Segment): boolean => SEGMENTS.indexOf(one) >= SEGMENTS.indexOf(segment);
    return { kind, from, to, segment, names: drawn.filter((one) => isBehind(one.segment)).map(({ name }) => name) };
  });
  const lines = drawn.map((one): WatchedLine => {
    const line = addShared(
      one.line,
      shared.filter(({ names }) => names.includes(one.name)),
      { all: shared, leastSize, random },
    );
    return {
      ...one,
      line,
      jitter: random.uniform() < 0.5 ? drawJitter(line, random, { quietUntil, leastSize, shared }) : null,
    };
  });
  return { lines, shared };
}

interface Place {
  readonly from: number;
  readonly to: number;
}

function liesApart(one: Place, others: readonly Place[]): boolean {
  return others.every(({ from, to }) => one.to + LEAST_APART <= from || to + LEAST_APART <= one.from);
}

function addShared(
  line: DrawnLine,
  own: readonly SharedFault[],
  {
    all,
    leastSize,
    random,
  }: { readonly all: readonly SharedFault[]; readonly leastSize: number; readonly random: Random },
): DrawnLine {
  const kept = line.troubles.filter((trouble) => liesApart(trouble, all));
  const added = own.map(({ kind, from, to }): Trouble => {
    const slowness = computeNoticed(line) * between(random, leastSize, 30);
    const size = kind === 'outage' ? 1 : kind === 'loss' ? between(random, 0.05, 0.5) : slowness;
    return { kind, from, to, size, isHarmless: false };
  });
  return { ...line, troubles: [...kept, ...added].sort((a, b) => a.from - b.from) };
}

interface JitterPlan {
  readonly quietUntil: number;
  readonly leastSize: number;
  readonly shared: readonly SharedFault[];
}

/** Null where no place is found that is far enough from all else. */
function drawJitter(line: DrawnLine, random: Random, { quietUntil, leastSize, shared }: JitterPlan): Injected | null {
  const usualNs = line.baseNs * Math.max(0.01, line.minuteSpread);
  const size = Math.max(NOTICED_JITTER.leastNs, NOTICED_JITTER.ratio * usualNs) * between(random, leastSize, 30);
  for (let attempt = 0; attempt < JITTER_ATTEMPTS; attempt += 1) {
    const from = quietUntil + LEAST_APART + Math.floor(random.uniform() * (DAY_MINUTES - 3 * LEAST_APART));
    const to = Math.min(quietUntil + DAY_MINUTES - LEAST_APART, from + Math.round(between(random, 10, 180)));
    if (liesApart({ from, to }, [...line.troubles, ...shared]))
      return { kind: 'jitter', from, to, size, isHarmless: false };
  }
  return null;
}

function between(random: Random, low: number, high: number): number {
  return low * (high / low) ** random.uniform();
}

function draw<T>(values: readonly T[], random: Random): T {
  return values[Math.floor(random.uniform() * values.length)] as T;
}
