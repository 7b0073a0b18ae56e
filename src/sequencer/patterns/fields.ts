// Which fields each pattern kind has and what values they may take: the one source for the check of patterns made here
// and for the schema of patterns that come from outside.
import { UsageError } from '../../model/errors.js';
import { NS_PER_SEC } from '../../model/units.js';
import type { Pattern, PatternKind } from '../../model/sequence.js';
import type { PatternOf } from './expansion.js';

/** What a number in a pattern means. `sizes` is a list of `size`, `classes` one of `class`. A `gap` is a time above zero. */
export type FieldRule = 'count' | 'time' | 'size' | 'sizes' | 'seed' | 'factor' | 'gap' | 'class' | 'classes';

export interface NumberBounds {
  readonly whole: boolean;
  readonly minimum: number;
  readonly maximum: number;
}

/** Longest time a pattern may name, and longest schedule: ten minutes. */
export const MAX_DURATION_NS = 600 * NS_PER_SEC;
/** Rows a schedule may have; its trace then takes about 70 MB. */
export const MAX_PACKETS = 1_000_000;
/** Entries of a list of sizes or classes. */
export const MAX_LISTED = 1_000;

type ListRule = 'sizes' | 'classes';
type NumberRule = Exclude<FieldRule, ListRule>;

/** What each entry of a list is. */
export const LIST_ENTRIES: Readonly<Record<ListRule, NumberRule>> = { sizes: 'size', classes: 'class' };

export const isListRule = (rule: FieldRule): rule is ListRule => Object.hasOwn(LIST_ENTRIES, rule);

export const NUMBER_BOUNDS: Readonly<Record<NumberRule, NumberBounds>> = {
  count: { whole: true, minimum: 1, maximum: MAX_PACKETS },
  time: { whole: false, minimum: 0, maximum: MAX_DURATION_NS },
  gap: { whole: false, minimum: 1, maximum: MAX_DURATION_NS },
  // Of one octet: RFC 2474 and RFC 3168.
  class: { whole: true, minimum: 0, maximum: 255 },
  // From an IPv4 header alone to the largest length its field can hold (RFC 791).
  size: { whole: true, minimum: 20, maximum: 65_535 },
  seed: { whole: true, minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
  factor: { whole: false, minimum: 1.001, maximum: 1_000 },
};

type FieldsOf<K extends PatternKind> = { readonly [F in Exclude<keyof PatternOf<K>, 'kind'>]: FieldRule };

export const PATTERN_FIELDS: { readonly [K in PatternKind]: FieldsOf<K> } = {
  single: { sizeBytes: 'size' },
  isochronous: { count: 'count', intervalNs: 'time', sizeBytes: 'size' },
  poisson: { count: 'count', meanIntervalNs: 'time', sizeBytes: 'size', seed: 'seed' },
  train: { trains: 'count', packetsPerTrain: 'count', gapNs: 'time', spacingNs: 'time', sizeBytes: 'size' },
  'watched-train': {
    trains: 'count',
    packetsPerTrain: 'count',
    gapNs: 'time',
    spacingNs: 'gap',
    sizeBytes: 'size',
    watchPackets: 'count',
    watchSizeBytes: 'size',
  },
  pair: { pairs: 'count', spacingNs: 'time', sizeBytes: 'size' },
  chirp: {
    chirps: 'count',
    packetsPerChirp: 'count',
    firstGapNs: 'time',
    spreadFactor: 'factor',
    spacingNs: 'time',
    sizeBytes: 'size',
  },
  'size-sweep': { sizesBytes: 'sizes', repeats: 'count', intervalNs: 'time', seed: 'seed' },
  'mixed-burst': { bursts: 'count', sizesBytes: 'sizes', spacingNs: 'time' },
  'two-way-burst': { bursts: 'count', packetsPerBurst: 'count', gapNs: 'time', spacingNs: 'time', sizeBytes: 'size' },
  'class-sweep': {
    trafficClasses: 'classes',
    repeats: 'count',
    intervalNs: 'time',
    sizeBytes: 'size',
    seed: 'seed',
  },
  'probed-load': {
    durationNs: 'gap',
    loadGapNs: 'gap',
    loadSizeBytes: 'size',
    probeIntervalNs: 'gap',
    probeSizeBytes: 'size',
  },
};

/** @throws UsageError naming the first field outside its bounds. */
export function checkPattern(pattern: Pattern): void {
  const values: Readonly<Record<string, unknown>> = { ...pattern };
  for (const [field, rule] of Object.entries<FieldRule>(PATTERN_FIELDS[pattern.kind])) {
    const value = values[field];
    const problem = isListRule(rule) ? findListProblem(value, rule) : findNumberProblem(value, NUMBER_BOUNDS[rule]);
    if (problem !== null) throw new UsageError('usage.argument', `pattern ${pattern.kind}: ${field} ${problem}`);
  }
}

function findListProblem(value: unknown, rule: ListRule): string | null {
  if (!Array.isArray(value) || value.length < 1 || value.length > MAX_LISTED)
    return `must list 1 to ${MAX_LISTED} ${rule}`;
  const entry = LIST_ENTRIES[rule];
  for (const listed of value) {
    const problem = findNumberProblem(listed, NUMBER_BOUNDS[entry]);
    if (problem !== null) return `holds a ${entry} that ${problem}`;
  }
  return null;
}

function findNumberProblem(value: unknown, bounds: NumberBounds): string | null {
  const inside = typeof value === 'number' && value >= bounds.minimum && value <= bounds.maximum;
  if (inside && (!bounds.whole || Number.isInteger(value))) return null;
  return `must be a ${bounds.whole ? 'whole ' : ''}number from ${bounds.minimum} to ${bounds.maximum}`;
}
