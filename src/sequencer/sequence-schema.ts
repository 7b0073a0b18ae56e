// Checks a sequence that came from outside (JSON from the control socket) before anything else looks at it.
// Bounds on fields only: whether it fits a budget is decided in budget.ts.
import { Ajv } from 'ajv';
import type { ErrorObject } from 'ajv';
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
import type { FieldRule } from './patterns/fields.js';

const PATTERN_SCHEMA = {
  type: 'object',
  required: ['kind'],
  discriminator: { propertyName: 'kind' },
  oneOf: Object.entries(PATTERN_FIELDS).map(([kind, fields]) => buildPatternSchema(kind, fields)),
} as const;

/** JSON Schema of model/sequence.ts. */
export const SEQUENCE_SCHEMA = {
  type: 'object',
  required: ['id', 'pattern', 'dscp', 'dontFragment', 'lingerNs'],
  additionalProperties: false,
  properties: {
    id: { type: 'string', pattern: '^[a-z0-9-]{1,32}$' },
    pattern: PATTERN_SCHEMA,
    farPattern: PATTERN_SCHEMA,
    dscp: { type: 'integer', minimum: 0, maximum: 63 },
    dontFragment: { type: 'boolean' },
    yieldsProcessor: { const: true },
    lingerNs: { type: 'number', minimum: 0, maximum: MAX_DURATION_NS },
  },
} as const;

const validate = new Ajv({ discriminator: true }).compile<Sequence>(SEQUENCE_SCHEMA);

/** @throws ProtocolError naming the field. */
export function parseSequence(value: unknown): Sequence {
  if (validate(value)) return value;
  const [error] = validate.errors ?? [];
  throw new ProtocolError(`sequence${error ? describeError(error) : ' is malformed'}`);
}

function buildPatternSchema(kind: string, fields: Readonly<Record<string, FieldRule>>): object {
  const rules = Object.entries(fields).map(([field, rule]) => [field, buildRuleSchema(rule)]);
  return {
    required: ['kind', ...Object.keys(fields)],
    additionalProperties: false,
    properties: { kind: { const: kind }, ...(Object.fromEntries(rules) as object) },
  };
}

function buildRuleSchema(rule: FieldRule): object {
  if (isListRule(rule))
    return { type: 'array', minItems: 1, maxItems: MAX_LISTED, items: buildRuleSchema(LIST_ENTRIES[rule]) };
  const { whole, minimum, maximum } = NUMBER_BOUNDS[rule];
  return { type: whole ? 'integer' : 'number', minimum, maximum };
}

/** `/pattern/count` and "must be integer" → `.pattern.count must be integer`. */
function describeError(error: ErrorObject): string {
  const place = error.instancePath.replaceAll('/', '.');
  const extra: unknown = error.params['additionalProperty'];
  if (typeof extra === 'string') return `${place} has an unknown field ${JSON.stringify(extra).slice(0, 40)}`;
  if (error.keyword === 'discriminator')
    return `${place}.kind must be one of ${Object.keys(PATTERN_FIELDS).join(', ')}`;
  return `${place} ${error.message ?? 'is malformed'}`;
}
