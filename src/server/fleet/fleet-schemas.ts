// The shapes of what a console answers, as JSON Schema.
import { ATTENTIONS, PRESENCES } from '../../model/fleet.js';
import {
  closed,
  CURSOR,
  INCIDENT_SCHEMA,
  LIMIT,
  nullable,
  POINT_SCHEMA,
  TARGET_NAME,
} from '../http/history-schemas.js';
import { PERIODS_MS } from '../../model/period-summary.js';

const TEXT = { type: 'string' };
const COUNT = { type: 'integer' };
const MS = { type: 'integer', description: 'Unix ms' };
const MS_OR_NULL = { ...nullable('integer'), description: 'Unix ms' };
const FIGURE = nullable('number');
const VERDICT = { enum: ['ok', 'warning', 'critical', 'unknown'] };
const SEVERITY = { enum: ['info', 'warning', 'critical'] };
const BOX_ID = { type: 'string', pattern: '^[a-z0-9_-]{1,40}$', description: '1 to 40 of a-z, 0-9, "_" and "-"' };
const REPORT_ID = { type: 'string', pattern: '^[0-9A-Z]{4,12}$', description: '4 to 12 of 0-9 and A-Z' };
const orNull = (schema: object) => ({ anyOf: [{ type: 'null' }, schema] });

const FAULTS = closed({ count: COUNT, lastAtMs: MS, lastTopic: TEXT, lastText: TEXT });
const BOX = {
  id: TEXT,
  name: TEXT,
  version: nullable('string'),
  startedMs: MS_OR_NULL,
  presence: { enum: PRESENCES, description: 'unknown: the console itself has no broker' },
  lastSeenMs: MS_OR_NULL,
  attention: { enum: ATTENTIONS, description: 'what asks for a person; the list is sorted by it' },
  text: { ...TEXT, description: 'one sentence about it' },
  verdict: { ...VERDICT, description: 'as the box told it last' },
  openIncidents: COUNT,
  targets: COUNT,
  faults: { ...orNull(FAULTS), description: 'payloads of it that could not be read; null for none' },
};
const TARGET = closed({
  name: TEXT,
  atMs: MS_OR_NULL,
  reachable: nullable('boolean'),
  ...{ rttMs: FIGURE, rttP95Ms: FIGURE, jitterMs: FIGURE, lossPercent: FIGURE },
  problem: nullable('string'),
});
const PORT = closed({
  name: TEXT,
  up: nullable('boolean'),
  speedMbps: FIGURE,
  ...{ duplex: nullable('string'), neighbour: nullable('string') },
});
const REPORT = closed({ id: TEXT, target: TEXT, atMs: MS, verdict: VERDICT, summary: TEXT });

const MOST_LISTED = 2_000;
export const FLEET_QUERY_SCHEMA = closed({ limit: { ...LIMIT, maximum: MOST_LISTED, default: 200 } }, []);
export const FLEET_SCHEMA = {
  description: 'all boxes, the worst first',
  ...closed({
    broker: closed({ connected: { type: 'boolean' }, problem: nullable('string'), messages: COUNT, faults: COUNT }),
    counts: {
      ...closed({
        boxes: COUNT,
        presence: { type: 'object', additionalProperties: COUNT },
        attention: { type: 'object', additionalProperties: COUNT },
        openIncidents: COUNT,
      }),
      description: 'of all boxes, also those that are not listed',
    },
    boxes: { type: 'array', items: closed(BOX) },
  }),
};
export const BOX_PARAMS_SCHEMA = closed({ box: BOX_ID });
export const BOX_TARGET_PARAMS_SCHEMA = closed({ box: BOX_ID, name: TARGET_NAME });
export const BOX_REPORT_PARAMS_SCHEMA = closed({ box: BOX_ID, id: REPORT_ID });
export const BOX_SCHEMA = {
  description: 'one box with what it watches',
  ...closed({
    ...BOX,
    watched: { type: 'array', items: TARGET },
    ports: { type: 'array', items: PORT },
    concerns: { type: 'array', items: closed({ severity: SEVERITY, text: TEXT }) },
    lastReport: orNull(REPORT),
  }),
};
export const FLEET_SERIES_SCHEMA = {
  description: 'one target of one box over time; periods that were not heard are missing',
  ...closed({
    ...{ box: TEXT, target: TEXT },
    period: { enum: Object.keys(PERIODS_MS) },
    points: { type: 'array', items: POINT_SCHEMA },
  }),
};

/** The cursor of a page here names a box, too. */
const LONG_CURSOR = { ...CURSOR, pattern: '^[A-Za-z0-9_-]{1,256}$' };
const PAGE = { limit: LIMIT, cursor: LONG_CURSOR, box: BOX_ID };
export const FLEET_EVENTS_QUERY_SCHEMA = closed(PAGE, []);
export const FLEET_INCIDENTS_QUERY_SCHEMA = closed({ ...PAGE, state: { enum: ['open', 'closed'] } }, []);
const NEXT = { ...nullable('string'), description: 'the cursor of the next page; null on the last one' };
const EVENT = closed({
  ...{ id: TEXT, box: TEXT, atMs: MS },
  kind: {
    ...TEXT,
    description:
      "of the box's diary, or what the console noticed: box-new, box-here, box-gone, box-silent, box-shared-name",
  },
  severity: SEVERITY,
  ...{ target: nullable('string'), incidentId: nullable('string'), text: TEXT },
});
export const FLEET_INCIDENTS_SCHEMA = {
  description: 'incidents, the newest first; an id ends in @ and the box',
  ...closed({
    incidents: { type: 'array', items: closed({ ...INCIDENT_SCHEMA.properties, box: TEXT }) },
    next: NEXT,
  }),
};
export const FLEET_EVENTS_SCHEMA = {
  description: 'events, the newest first by the time at which they happened',
  ...closed({ events: { type: 'array', items: EVENT }, next: NEXT }),
};
export const CONSOLE_HEALTH_SCHEMA = {
  description: 'ok where the console has its broker',
  type: 'object',
  required: ['status', 'version', 'uptimeSec', 'parts'],
  properties: {
    status: { enum: ['ok', 'degraded'] },
    version: TEXT,
    uptimeSec: COUNT,
    parts: { type: 'array', items: closed({ name: TEXT, up: { type: 'boolean' } }) },
  },
};
