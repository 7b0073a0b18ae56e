// The shapes of the API, as JSON Schema: what comes in is checked against them, what goes out is written by them.
import { DEPTHS, QUANTITIES } from '../../model/examination.js';
import type { Depth, Quantity } from '../../model/examination.js';
import { VIA_CHOICES } from '../../model/path.js';
import type { ViaChoice } from '../../model/path.js';

export interface ExaminationOrderBody {
  readonly target: string;
  readonly via?: ViaChoice;
  readonly port?: string;
  readonly depth?: Depth;
  readonly quantity?: Quantity;
  readonly maxSeconds?: number;
  readonly maxBytes?: number;
  readonly maxLinkShare?: number;
}

/** An address, a name, a port. Descriptions complete the sentence that refuses what does not match: "… must be …". */
const WORD = {
  type: 'string',
  minLength: 1,
  pattern: '^[^\\s\\u0000-\\u001f\\u007f]+$',
  description: 'one word, without white space',
} as const;

export const ORDER_SCHEMA = {
  type: 'object',
  required: ['target'],
  additionalProperties: false,
  properties: {
    target: { ...WORD, maxLength: 255 },
    via: { enum: VIA_CHOICES },
    port: { ...WORD, maxLength: 64 },
    depth: { enum: DEPTHS },
    quantity: { enum: QUANTITIES },
    maxSeconds: { type: 'integer', minimum: 1, maximum: 3600 },
    maxBytes: { type: 'integer', minimum: 1, maximum: 10_000_000_000 },
    /** Of the narrow link, on average over the examination. */
    maxLinkShare: { type: 'number', minimum: 0.01, maximum: 1 },
  },
} as const;

export const ID_PARAMS_SCHEMA = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string', pattern: '^[0-9A-Z]{4,12}$', description: 'four to twelve of 0-9 and A-Z' } },
} as const;

export const WAIT_QUERY_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: { wait: { type: 'boolean', default: false } },
} as const;

/** docs/report.schema.json has the whole shape. */
export const REPORT_REPLY_SCHEMA = {
  type: 'object',
  required: ['schema', 'id', 'target', 'verdict', 'summary'],
  additionalProperties: true,
} as const;

/** The same, with what a program that makes one has to know first. */
export const REPORT_BODY_SCHEMA = {
  ...REPORT_REPLY_SCHEMA,
  description: 'docs/report.schema.json is the whole shape, and a body is held to it',
  properties: {
    schema: { enum: ['apparenet.report/1'] },
    id: { type: 'string', description: 'four to twelve of 0-9 and A-Z, not kept yet' },
    target: { type: 'object' },
    verdict: { type: 'string' },
    summary: { type: 'string' },
  },
} as const;

export const PROBLEM_SCHEMA = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
    remedy: { type: 'string' },
    field: { type: 'string' },
  },
} as const;

const nullable = (schema: object) => ({ anyOf: [{ type: 'null' }, schema] });

const PLANNED_COST_SCHEMA = {
  type: 'object',
  required: ['packets', 'bytes', 'seconds'],
  properties: { packets: { type: 'number' }, bytes: { type: 'number' }, seconds: { type: 'number' } },
} as const;

export const EXAMINATION_SCHEMA = {
  type: 'object',
  required: ['id', 'state', 'order', 'createdAt', 'phase', 'progress', 'plan', 'spent', 'ahead', 'report', 'problem'],
  properties: {
    id: { type: 'string' },
    state: { enum: ['queued', 'running', 'done', 'failed', 'canceled'] },
    order: { type: 'object', additionalProperties: true },
    createdAt: { type: 'string' },
    /** What is being measured, in the examination's own words. */
    phase: nullable({ type: 'string' }),
    progress: nullable({
      type: 'object',
      properties: { sent: { type: 'integer' }, total: { type: 'integer' } },
    }),
    /** Told before the first packet of the examination. */
    plan: nullable({
      type: 'object',
      required: ['most', 'likely'],
      properties: { most: PLANNED_COST_SCHEMA, likely: PLANNED_COST_SCHEMA },
    }),
    /** By the runs that have ended. */
    spent: { type: 'object', properties: { packets: { type: 'integer' }, bytes: { type: 'integer' } } },
    /** How many come before this one on the same network port. */
    ahead: { type: 'integer' },
    report: nullable(REPORT_REPLY_SCHEMA),
    problem: nullable(PROBLEM_SCHEMA),
  },
} as const;

/** Those that wait or work, the oldest first. */
export const EXAMINATIONS_SCHEMA = {
  type: 'object',
  required: ['examinations'],
  properties: { examinations: { type: 'array', items: EXAMINATION_SCHEMA } },
} as const;

export const HEALTH_SCHEMA = {
  type: 'object',
  required: ['status', 'version', 'uptimeSec', 'parts'],
  properties: {
    status: { enum: ['ok', 'degraded'] },
    version: { type: 'string' },
    uptimeSec: { type: 'integer' },
    parts: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'up'],
        properties: {
          name: { type: 'string' },
          up: { type: 'boolean' },
          problem: PROBLEM_SCHEMA,
          status: { type: 'object', additionalProperties: true },
        },
      },
    },
    /** Reports, and where the next one will be; those in memory are gone when the server stops. */
    kept: {
      type: 'object',
      properties: { reports: { type: 'integer' }, where: { enum: ['history', 'memory'] } },
    },
    /** Temperatures, memory, storage, load, clock, and what somebody should do something about. */
    box: { type: 'object', required: ['concerns'], additionalProperties: true },
    /** null without TLS. */
    certificate: nullable({
      type: 'object',
      required: ['expiresMs', 'isOwn'],
      properties: { expiresMs: { type: 'integer', description: 'Unix ms' }, isOwn: { type: 'boolean' } },
    }),
    /** Of the newest reports: the last verdict, and how many the box itself limited. */
    results: nullable({
      type: 'object',
      required: ['last', 'reports', 'limitedByProbe', 'ports'],
      properties: {
        last: { type: 'object', additionalProperties: true },
        reports: { type: 'integer' },
        limitedByProbe: { type: 'integer' },
        /** The same of each local port. */
        ports: {
          type: 'array',
          items: {
            type: 'object',
            required: ['port', 'reports', 'limitedByProbe'],
            properties: {
              port: { type: 'string' },
              reports: { type: 'integer' },
              limitedByProbe: { type: 'integer' },
            },
          },
        },
      },
    }),
    openIncidents: { type: 'array', items: { type: 'object', additionalProperties: true } },
    /** How publishing goes; null where it is switched off. */
    mqtt: nullable({
      type: 'object',
      required: ['connected', 'problem', 'messages', 'bytes', 'dropped'],
      properties: {
        connected: { type: 'boolean' },
        problem: { type: ['string', 'null'] },
        messages: { type: 'integer' },
        bytes: { type: 'integer' },
        dropped: { type: 'integer' },
      },
    }),
  },
} as const;

/** Written by hand, event by event: nothing of it is held to a schema. */
export const EVENT_STREAM_SCHEMA = {
  description: 'server-sent events',
  content: { 'text/event-stream': { schema: { type: 'string' } } },
} as const;
