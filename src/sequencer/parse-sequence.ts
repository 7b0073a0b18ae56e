// Checks a sequence that came from outside (JSON from the control socket) before anything else looks at it.
// Bounds on fields only: whether it fits a budget is decided in budget.ts. By the table of fields and no schema library: one would
// be a third of what the sequencer has to load.
import { ProtocolError } from '../model/errors.js';
import type { Sequence } from '../model/sequence.js';
import {
  isListRule,
  LIST_ENTRIES,
  MAX_DURATION_NS,
  MAX_LISTED,
  NUMBER_BOUNDS,
  PATTERN_FIELDS,
} from './patterns/fields.js';
import type { FieldRule, NumberBounds } from './patterns/fields.js';

/** What is wrong, from the place on: `.dscp must be <= 63`; null for nothing. */
type Problem = string | null;
type Check = (value: unknown) => Problem;
type Fields = Readonly<Record<string, unknown>>;

const ID = /^[a-z0-9-]{1,32}$/;
const LINGER_BOUNDS: NumberBounds = { whole: false, minimum: 0, maximum: MAX_DURATION_NS };

const REQUIRED: Readonly<Record<string, Check>> = {
  id: (value) => (typeof value === 'string' && ID.test(value) ? null : ` must match pattern ${ID.source}`),
  pattern: findPatternProblem,
  dscp: (value) => findNumberProblem(value, { whole: true, minimum: 0, maximum: 63 }),
  dontFragment: (value) => (typeof value === 'boolean' ? null : ' must be boolean'),
  lingerNs: (value) => findNumberProblem(value, LINGER_BOUNDS),
};

const OPTIONAL: Readonly<Record<string, Check>> = {
  farPattern: findPatternProblem,
  yieldsProcessor: findFlagProblem,
  runsBeside: findFlagProblem,
  quietNs: (value) => (value === 0 ? ' must be > 0' : findNumberProblem(value, LINGER_BOUNDS)),
};

/** @throws ProtocolError naming the field. */
export function parseSequence(value: unknown): Sequence {
  const problem = isObject(value) ? findFieldProblem(value, REQUIRED, OPTIONAL) : ' must be object';
  if (problem !== null) throw new ProtocolError(`sequence${problem}`);
  return value as Sequence;
}

function findPatternProblem(value: unknown): Problem {
  if (!isObject(value)) return ' must be object';
  const { kind, ...fields } = value;
  if (typeof kind !== 'string' || !Object.hasOwn(PATTERN_FIELDS, kind))
    return `.kind must be one of ${Object.keys(PATTERN_FIELDS).join(', ')}`;
  const rules = Object.entries<FieldRule>(PATTERN_FIELDS[kind as keyof typeof PATTERN_FIELDS]);
  const checks = rules.map(([field, rule]) => [field, (inner: unknown) => findRuleProblem(inner, rule)] as const);
  return findFieldProblem(fields, Object.fromEntries(checks), {});
}

/** All required fields, and no other than the optional ones. */
function findFieldProblem(
  value: Fields,
  required: Readonly<Record<string, Check>>,
  optional: Readonly<Record<string, Check>>,
): Problem {
  const missing = Object.keys(required).find((field) => !Object.hasOwn(value, field));
  if (missing !== undefined) return ` must have required property '${missing}'`;
  for (const [field, inner] of Object.entries(value)) {
    const check = Object.hasOwn(required, field) ? required[field] : Object.hasOwn(optional, field) && optional[field];
    if (!check) return ` has an unknown field ${JSON.stringify(field).slice(0, 40)}`;
    const problem = check(inner);
    if (problem !== null) return `.${field}${problem}`;
  }
  return null;
}

function findRuleProblem(value: unknown, rule: FieldRule): Problem {
  if (!isListRule(rule)) return findNumberProblem(value, NUMBER_BOUNDS[rule]);
  if (!Array.isArray(value) || value.length < 1 || value.length > MAX_LISTED)
    return ` must be a list of 1 to ${MAX_LISTED}`;
  for (const [i, entry] of value.entries()) {
    const problem = findNumberProblem(entry, NUMBER_BOUNDS[LIST_ENTRIES[rule]]);
    if (problem !== null) return `.${i}${problem}`;
  }
  return null;
}

function findNumberProblem(value: unknown, { whole, minimum, maximum }: NumberBounds): Problem {
  if (typeof value !== 'number' || !Number.isFinite(value)) return ` must be ${whole ? 'integer' : 'number'}`;
  if (whole && !Number.isInteger(value)) return ' must be integer';
  if (value < minimum) return ` must be >= ${minimum}`;
  return value > maximum ? ` must be <= ${maximum}` : null;
}

/** Said only where it is so. */
function findFlagProblem(value: unknown): Problem {
  return value === true ? null : ' must be true';
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
