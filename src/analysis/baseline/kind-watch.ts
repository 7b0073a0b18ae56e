// When bad minutes of one kind become an incident and when it is over: M of N minutes open it, a stretch of good ones ends it, a longer
// one each time it comes back. What a bad minute is, is decided in assess-minute.ts.
import type { IncidentKind } from '../../model/incident.js';
import type { Reading } from './assess-minute.js';

interface KindRule {
  /** Bad minutes among the last `of` known ones that open an incident. */
  readonly bad: number;
  readonly of: number;
  /** Good minutes in a row that end it. */
  readonly calm: number;
  /** Whether what comes again and again for a minute opens one as well. */
  readonly isToldWhenOften?: true;
}

export const KIND_RULES: Readonly<Record<IncidentKind, KindRule>> = {
  outage: { bad: 2, of: 3, calm: 2 },
  loss: { bad: 3, of: 5, calm: 8, isToldWhenOften: true },
  delay: { bad: 4, of: 6, calm: 5 },
  jitter: { bad: 4, of: 6, calm: 5 },
  'cannot-measure': { bad: 3, of: 5, calm: 2 },
};

/** What comes back within this time goes up and down: its end is waited for twice as long as the last time, ms. */
const FLAPPING_MS = 7_200_000;
const MOST_CALM_FACTOR = 16;
/** Critical minutes, none of which lasts: so many within this time, ms, if their mean over it is this multiple of the usual. */
const OFTEN = { minutes: 6, withinMs: 1_800_000, ratio: 3 } as const;
/** Good minutes that end what comes again and again are as many times those of the rule. */
const OFTEN_CALM_FACTOR = 2;
const MINUTE_MS = 60_000;
/** Notably worse: the excess over the expected is so many times that which was told last. */
const NOTABLY_WORSE = 2;
/** Not told again before, ms. */
const UPDATE_PAUSE_MS = 900_000;

/** JSON as it stands. */
export interface KindWatch {
  /** Of the last known minutes: begin in Unix ms, and whether it was bad. The latest last. */
  readonly marks: readonly { readonly atMs: number; readonly isBad: boolean }[];
  /** Begin of the first of the good minutes in a row that end with the last known one, and how many they are. */
  readonly calmSinceMs: number | null;
  readonly calmMinutes: number;
  /** What `calm` of the rule is multiplied with. */
  readonly calmFactor: number;
  readonly closedMs: number | null;
  /** Id of the incident of another kind that it was last told as a part of. */
  readonly coveredBy: string | null;
  /** Whether what had gathered with the last known minute suffices to open an incident. */
  readonly isSure: boolean;
  /** The last critical minutes of half an hour, of kinds that are told when they come often; none where it is left out. */
  readonly critical?: readonly { readonly atMs: number; readonly value: number }[];
  /** null while no incident is open. */
  readonly open: OpenKind | null;
}

export interface OpenKind {
  readonly startedMs: number;
  readonly worst: number;
  readonly isCritical: boolean;
  /** What was told last, and when. */
  readonly toldWorst: number;
  readonly toldMs: number;
}

export const QUIET_KIND: KindWatch = {
  marks: [],
  calmSinceMs: null,
  calmMinutes: 0,
  calmFactor: 1,
  closedMs: null,
  coveredBy: null,
  isSure: false,
  open: null,
};

export type KindChange = 'none' | 'opened' | 'worse' | 'closed';

/**
 * One minute further, `atMs` being its begin. A minute that is unknown changes nothing, but for one that is critical nevertheless: it is
 * not calm, and counts for what comes often.
 */
export function stepKind(
  watch: KindWatch,
  reading: Reading,
  { kind, atMs }: { readonly kind: IncidentKind; readonly atMs: number },
): { readonly watch: KindWatch; readonly change: KindChange } {
  const rule = KIND_RULES[kind];
  const often: KindWatch = rule.isToldWhenOften ? { ...watch, critical: noteCritical(watch, reading, atMs) } : watch;
  if (reading.mark === 'unknown') {
    if (!reading.isCritical || !rule.isToldWhenOften) return { watch, change: 'none' };
    const silent = { ...often, calmSinceMs: null, calmMinutes: 0 };
    return silent.open === null ? openIfDue(silent, reading, { rule, atMs }) : { watch: silent, change: 'none' };
  }
  const isCalm = reading.mark === 'good';
  const noted: KindWatch = {
    ...often,
    marks: [...watch.marks, { atMs, isBad: reading.mark === 'bad' }].slice(-rule.of),
    calmSinceMs: isCalm ? (watch.calmSinceMs ?? atMs) : null,
    calmMinutes: isCalm ? watch.calmMinutes + 1 : 0,
    isSure: reading.isSure,
  };
  if (noted.open === null) return openIfDue(noted, reading, { rule, atMs });
  if (noted.calmMinutes >= rule.calm * noted.calmFactor) {
    return { watch: { ...noted, marks: [], critical: [], closedMs: atMs, open: null }, change: 'closed' };
  }
  return followOpen(noted, noted.open, reading, { kind, atMs });
}

/** Whether its last minutes would open an incident: on a line that loses a little anyway, bad ones come by chance. */
export function staysBad({ marks, isSure }: KindWatch, kind: IncidentKind): boolean {
  return isSure && marks.at(-1)?.isBad === true && marks.filter(({ isBad }) => isBad).length >= KIND_RULES[kind].bad;
}

/** Time that was not watched: what was counted before does not belong to what comes after. */
export function forgetMarks(watch: KindWatch): KindWatch {
  return { ...watch, marks: [], critical: [], calmSinceMs: null, calmMinutes: 0 };
}

function openIfDue(
  watch: KindWatch,
  reading: Reading,
  { rule, atMs }: { readonly rule: KindRule; readonly atMs: number },
): { readonly watch: KindWatch; readonly change: KindChange } {
  const bad = watch.marks.filter(({ isBad }) => isBad);
  const isLasting = bad.length >= rule.bad && reading.mark === 'bad' && reading.isSure;
  const isOften = !isLasting && reading.isCritical && comesOften(watch, reading, atMs);
  if (!isLasting && !isOften) return { watch, change: 'none' };
  const [first] = isOften ? (watch.critical ?? []) : bad;
  const cameBack = watch.closedMs !== null && Math.abs(atMs - watch.closedMs) < FLAPPING_MS;
  const { value, isCritical } = reading;
  const open = { startedMs: first?.atMs ?? atMs, worst: value, isCritical, toldWorst: value, toldMs: atMs };
  const least = isOften ? OFTEN_CALM_FACTOR : 1;
  const calmFactor = cameBack ? Math.min(MOST_CALM_FACTOR, 2 * Math.max(least, watch.calmFactor)) : least;
  return { watch: { ...watch, open, calmFactor }, change: 'opened' };
}

function noteCritical(
  { critical = [] }: KindWatch,
  { mark, isCritical, value }: Reading,
  atMs: number,
): NonNullable<KindWatch['critical']> {
  const recent = critical.filter((one) => one.atMs < atMs && one.atMs > atMs - OFTEN.withinMs);
  const isOne = isCritical && (mark === 'bad' || mark === 'unknown');
  return (isOne ? [...recent, { atMs, value }] : recent).slice(-OFTEN.minutes);
}

/** On a line that is so on usual days, bursts are nothing new: what counts is the mean. */
function comesOften({ critical = [] }: KindWatch, { expected }: Reading, atMs: number): boolean {
  const [first] = critical;
  if (first === undefined || critical.length < OFTEN.minutes) return false;
  const minutes = (atMs - first.atMs) / MINUTE_MS + 1;
  return critical.reduce((sum, { value }) => sum + value, 0) / minutes >= OFTEN.ratio * expected;
}

function followOpen(
  watch: KindWatch,
  open: OpenKind,
  reading: Reading,
  { kind, atMs }: { readonly kind: IncidentKind; readonly atMs: number },
): { readonly watch: KindWatch; readonly change: KindChange } {
  const sign = kind === 'cannot-measure' ? -1 : 1;
  const isWorst = sign * reading.value > sign * open.worst;
  const followed = { ...open, worst: isWorst ? reading.value : open.worst };
  const isNewlyCritical = reading.isCritical && !open.isCritical && reading.mark === 'bad';
  const excess = sign * (followed.worst - reading.expected);
  const isNotable = excess >= NOTABLY_WORSE * sign * (open.toldWorst - reading.expected);
  const isDue = Math.abs(atMs - open.toldMs) >= UPDATE_PAUSE_MS;
  if (!isNewlyCritical && !(isWorst && isNotable && isDue)) {
    return { watch: { ...watch, open: followed }, change: 'none' };
  }
  const isCritical = open.isCritical || reading.isCritical;
  return {
    watch: { ...watch, open: { ...followed, isCritical, toldWorst: followed.worst, toldMs: atMs } },
    change: 'worse',
  };
}
