// A message on a request topic becomes a request, or one sentence that says what is wrong with it. What is done with it is decided
// elsewhere. Pure.
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject } from 'ajv';
import { UsageError } from '../../model/errors.js';
import { DEPTHS, QUANTITIES } from '../../model/examination.js';
import { REQUEST_VERBS } from '../../model/mqtt-request.js';
import type { MqttRequest, RequestVerb } from '../../model/mqtt-request.js';

/** Of a payload. */
export const MOST_REQUEST_BYTES = 4096;

/** Descriptions complete the sentence that refuses what does not match: "… must be …". */
const TARGET = {
  type: 'string',
  maxLength: 255,
  pattern: '^[^\\s\\u0000-\\u001f\\u007f]+$',
  description: 'the name of a target',
} as const;
const BOUNDS = {
  maxSeconds: { type: 'integer', minimum: 1, maximum: 3600, description: '1 to 3600' },
  maxBytes: { type: 'integer', minimum: 1, maximum: 10_000_000_000, description: '1 to 10000000000' },
} as const;
const WORDS = (words: readonly string[]) => ({ enum: words, description: `one of ${words.join(', ')}` });

const FIELDS: Readonly<Record<RequestVerb, { readonly required: readonly string[]; readonly properties: object }>> = {
  diagnose: { required: ['target'], properties: { target: TARGET, depth: WORDS(DEPTHS), ...BOUNDS } },
  measure: {
    required: ['target', 'quantity'],
    properties: { target: TARGET, quantity: WORDS(QUANTITIES), ...BOUNDS },
  },
  calibrate: { required: [], properties: { target: TARGET } },
  bundle: { required: [], properties: {} },
  profile: { required: ['target', 'profile'], properties: { target: TARGET, profile: WORDS(DEPTHS) } },
};

/** Of every request. */
const FRAME = {
  transaction: {
    type: 'string',
    pattern: '^[^\\u0000-\\u001f\\u007f]{1,128}$',
    description: 'a text of 1 to 128 characters that no other request has',
  },
  expires: { type: 'string', maxLength: 64, description: 'a time such as 2026-11-23T17:06:16Z' },
} as const;

const ajv = new Ajv2020({ verbose: true, strictTypes: false, meta: false, validateSchema: false });
const CHECKS = new Map(
  REQUEST_VERBS.map((verb) => {
    const { required, properties } = FIELDS[verb];
    const schema = {
      type: 'object',
      additionalProperties: false,
      required: ['transaction', ...required],
      properties: { ...FRAME, ...properties },
    };
    return [verb, ajv.compile(schema)] as const;
  }),
);

/** Who asked, as far as it can be told, and what. */
export interface ParsedRequest {
  readonly transaction: string;
  readonly request: MqttRequest;
  /** Unix ms: not to be begun later; null for whenever it comes. */
  readonly expiresMs: number | null;
}

export function isVerb(word: string): word is RequestVerb {
  return (REQUEST_VERBS as readonly string[]).includes(word);
}

/** @throws UsageError in words for whoever sent it */
export function parseRequest(verb: RequestVerb, payload: Buffer): ParsedRequest {
  const value = parseObject(payload);
  const check = CHECKS.get(verb);
  if (!check?.(value)) throw new UsageError('usage.argument', describe(check?.errors?.[0]));
  const { transaction, expires, ...fields } = value as { transaction: string; expires?: string };
  const expiresMs = expires === undefined ? null : Date.parse(expires);
  if (Number.isNaN(expiresMs)) throw new UsageError('usage.argument', `expires must be ${FRAME.expires.description}`);
  return { transaction, expiresMs, request: { verb, ...fields } as MqttRequest };
}

/** Of a payload that may be no request: so that its sender knows the answer. null where there is none. */
export function readTransaction(payload: Buffer): string | null {
  try {
    const { transaction } = parseObject(payload);
    return typeof transaction === 'string' && new RegExp(FRAME.transaction.pattern).test(transaction)
      ? transaction
      : null;
  } catch {
    return null;
  }
}

function parseObject(payload: Buffer): Readonly<Record<string, unknown>> {
  if (payload.length > MOST_REQUEST_BYTES)
    throw new UsageError('usage.argument', `a request has ${MOST_REQUEST_BYTES} bytes at most`);
  let value: unknown;
  try {
    value = JSON.parse(payload.toString('utf8'));
  } catch {
    throw new UsageError('usage.argument', 'a request is a JSON object such as {"transaction":"1"}');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError('usage.argument', 'a request is a JSON object such as {"transaction":"1"}');
  return value as Readonly<Record<string, unknown>>;
}

function describe(error: ErrorObject | undefined): string {
  const params = (error?.params ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof params['missingProperty'] === 'string') return `${params['missingProperty']} is missing`;
  if (typeof params['additionalProperty'] === 'string')
    return `there is no ${JSON.stringify(params['additionalProperty'].slice(0, 40))} in this request`;
  const field = error?.instancePath.slice(1) ?? 'the request';
  const { description } = (error?.parentSchema ?? {}) as { description?: string };
  return `${field} must be ${description ?? 'otherwise'}`;
}
