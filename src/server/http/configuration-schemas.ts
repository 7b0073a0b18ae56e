// The shapes of targets, jobs and the whole configuration, as JSON Schema: those of the file, and for answers with every key there.
import { CONFIG_SCHEMA } from '../../box/config/schema.js';

const { targets, schedule, quietHours, budget, retention, server, mqtt } = CONFIG_SCHEMA.properties;
const NAME = { type: 'string', pattern: '^[a-z0-9_-]{1,32}$', description: '1 to 32 of a-z, 0-9, "_" and "-"' };

export const NAMED_PARAMS_SCHEMA = {
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  properties: { name: NAME },
};

/** What may be left out is the default. */
export const TARGET_BODY_SCHEMA = targets.items;
export const JOB_BODY_SCHEMA = schedule.items;
/** PUT knows the name from the path. */
export const NAMED_TARGET_BODY_SCHEMA = { ...targets.items, required: ['address'] };
export const NAMED_JOB_BODY_SCHEMA = { ...schedule.items, required: ['at'] };

const whole = <Shape extends { readonly properties: object }>(schema: Shape, optional: readonly string[] = []) => ({
  ...schema,
  required: Object.keys(schema.properties).filter((key) => !optional.includes(key)),
});
export const TARGET_SCHEMA = { description: 'a target', ...whole(targets.items, ['port']) };
export const JOB_SCHEMA = { description: 'a job', ...whole(schedule.items) };

const TIME_ZONE = { type: ['string', 'null'], description: 'an IANA name; null: that of the machine' };
export const SCHEDULE_SCHEMA = {
  description: 'all jobs, and whose hours they speak of',
  ...whole({
    type: 'object',
    additionalProperties: false,
    properties: { timeZone: TIME_ZONE, schedule: { type: 'array', items: JOB_SCHEMA } },
  }),
};

export const CONFIGURATION_SCHEMA = {
  description: 'the configuration, with every default',
  ...whole({
    type: 'object',
    additionalProperties: false,
    properties: {
      timeZone: TIME_ZONE,
      targets: { type: 'array', items: TARGET_SCHEMA },
      schedule: { type: 'array', items: JOB_SCHEMA },
      quietHours: { type: 'array', items: whole(quietHours.items) },
      budget: whole(budget),
      retention: whole(retention),
      server: whole(server, ['tlsCertificate', 'tlsKey']),
      mqtt: {
        ...whole(mqtt, listOptional(mqtt.properties)),
        properties: {
          ...mqtt.properties,
          spool: whole(mqtt.properties.spool),
          requests: whole(mqtt.properties.requests),
        },
      },
    },
  }),
};

/** Keys without a default may be left out of an answer. */
function listOptional(properties: Readonly<Record<string, object>>): string[] {
  return Object.keys(properties).filter((key) => !('default' in (properties[key] ?? {})));
}

interface KeyShape {
  readonly type: string;
  readonly default?: unknown;
}

/** Any of these keys, or null for all. */
function patchOf(properties: Readonly<Record<string, KeyShape>>): object {
  // Without the defaults: what is not named stays as it is.
  const keys = Object.entries(properties).map(([key, shape]): [string, object] => [
    key,
    { ...shape, type: [shape.type, 'null'], default: undefined },
  ]);
  return { type: ['object', 'null'], additionalProperties: false, properties: Object.fromEntries(keys) };
}

/** RFC 7396 over the file: null takes a key out. */
export const PATCH_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: {
    timeZone: { type: ['string', 'null'] },
    targets: { type: ['array', 'null'], items: targets.items },
    schedule: { type: ['array', 'null'], items: schedule.items },
    quietHours: { type: ['array', 'null'], items: quietHours.items },
    budget: patchOf(budget.properties),
    retention: patchOf(retention.properties),
    server: patchOf(server.properties),
    mqtt: {
      type: ['object', 'null'],
      additionalProperties: false,
      properties: Object.fromEntries(
        Object.entries(mqtt.properties).map(([key, shape]) => [key, { anyOf: [{ type: 'null' }, shape] }]),
      ),
    },
  },
};

export const LISTED_TARGETS_SCHEMA = {
  description: 'all targets of the configuration, and those that only have a history',
  type: 'object',
  required: ['targets'],
  additionalProperties: false,
  properties: {
    targets: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'watched'],
        additionalProperties: false,
        properties: {
          name: { type: 'string' },
          watched: { anyOf: [{ type: 'null' }, TARGET_SCHEMA], description: 'null: not in the configuration any more' },
        },
      },
    },
  },
};
