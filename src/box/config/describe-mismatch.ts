// What is wrong with a configuration, in the words of whoever wrote it: the field and what it must be. Pure.
import type { ErrorObject } from 'ajv';
import { ConfigError } from '../../model/errors.js';
import { suggestWord } from './suggest-word.js';

/** Of the whole file. */
const ROOT = 'configuration';
const MOST_SHOWN = 60;

/** The first of Ajv's errors (made with `verbose`) as one sentence. */
export function describeMismatch(error: ErrorObject): ConfigError {
  const field = formatField(error.instancePath);
  const missing = error.params['missingProperty'] as unknown;
  if (typeof missing === 'string') return new ConfigError(joinField(field, missing), 'is missing');
  const extra = error.params['additionalProperty'] as unknown;
  if (typeof extra === 'string') return describeUnknown(field, extra, error.parentSchema);
  return new ConfigError(field, `${describeRule(error)}, not ${showValue(error.data)}`);
}

/** `/targets/2/address` as `targets[2].address`. */
function formatField(pointer: string): string {
  const steps = pointer.split('/').slice(1).map(unescapeStep);
  const path = steps.map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${step}`)).join('');
  return path === '' ? ROOT : path.replace(/^\./, '');
}

/** RFC 6901, 4. */
function unescapeStep(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}

function joinField(parent: string, key: string): string {
  return parent === ROOT ? key : `${parent}.${key}`;
}

function describeUnknown(parent: string, key: string, schema: ErrorObject['parentSchema']): ConfigError {
  const known = Object.keys((schema?.['properties'] ?? {}) as object);
  const meant = suggestWord(key, known);
  const advice = meant === null ? `there are ${known.join(', ')}` : `did you mean ${meant}?`;
  return new ConfigError(joinField(parent, key.slice(0, MOST_SHOWN)), `is no key; ${advice}`);
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of keys',
};

function describeRule({ keyword, params, parentSchema, message }: ErrorObject): string {
  const description = parentSchema?.['description'] as unknown;
  if (typeof description === 'string') return `must be ${description}`;
  const { allowedValues, allowedValue, type } = params as Readonly<Record<string, unknown>>;
  if (Array.isArray(allowedValues)) return `must be one of ${allowedValues.join(', ')}`;
  if (typeof allowedValue === 'string') return `must be ${allowedValue}`;
  if (keyword === 'type' && typeof type === 'string') return `must be ${TYPE_WORDS[type] ?? type}`;
  return describeCount(keyword, params) ?? message ?? 'is malformed';
}

/** Ajv says `must NOT have more than`. */
function describeCount(keyword: string, { limit, i, j }: Readonly<Record<string, unknown>>): string | null {
  switch (keyword) {
    case 'maxLength':
      return `must have ${String(limit)} characters at most`;
    case 'minLength':
      return 'must not be empty';
    case 'maxItems':
      return `must have ${String(limit)} entries at most`;
    case 'uniqueItems':
      return `must not have an entry twice (${String(j)} and ${String(i)})`;
    default:
      return null;
  }
}

function showValue(value: unknown): string {
  if (value === null) return 'empty';
  // JSON has no words for these.
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  const text = JSON.stringify(value);
  return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)}…`;
}
