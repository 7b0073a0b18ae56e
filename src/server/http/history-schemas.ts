// The shapes of what is looked back at, as JSON Schema: points of a chart, incidents, events, pages of reports.
import { EVENT_KINDS, INCIDENT_KINDS } from '../../model/incident.js';
import { SEGMENTS } from '../../model/monitor.js';
import { PERIODS_MS } from '../../model/period-summary.js';
import { REPORT_REPLY_SCHEMA } from './schemas.js';

export const nullable = (type: string) => ({ type: [type, 'null'] });
const MS = { type: 'integer', description: 'Unix ms' };
/** The last moment that a Date can hold. */
const MOST_MS = 8_640_000_000_000_000;
export const TARGET_NAME = {
  type: 'string',
  pattern: '^[a-z0-9_-]{1,32}$',
  description: '1 to 32 of a-z, 0-9, "_" and "-"',
};
export const PERIOD = { enum: Object.keys(PERIODS_MS) };
export const MOMENT = { type: 'integer', minimum: 0, maximum: MOST_MS, description: 'Unix ms' };
export const CURSOR = {
  type: 'string',
  pattern: '^[A-Za-z0-9_-]{1,128}$',
  description: 'the `next` of the page before',
};
export const LIMIT = { type: 'integer', minimum: 1, maximum: 200, default: 50 };

export const closed = (
  properties: Readonly<Record<string, object>>,
  required: readonly string[] = Object.keys(properties),
) => ({
  type: 'object',
  required,
  additionalProperties: false,
  properties,
});

export const TARGET_PARAMS_SCHEMA = closed({ name: TARGET_NAME });
export const RECORD_PARAMS_SCHEMA = closed({
  id: { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,64}$', description: '1 to 64 of A-Z, a-z, 0-9 and ". _ : -"' },
});
export const RANGE_QUERY_SCHEMA = closed(
  { from: MOMENT, to: MOMENT, points: { type: 'integer', minimum: 1, maximum: 5000, default: 300 } },
  ['from', 'to'],
);
export const EXPORT_QUERY_SCHEMA = closed(
  { from: MOMENT, to: MOMENT, period: PERIOD, format: { enum: ['csv', 'jsonl'] }, target: TARGET_NAME },
  ['from', 'to', 'period', 'format'],
);
const PAGE_QUERY = { limit: LIMIT, cursor: CURSOR, target: TARGET_NAME };
export const EVENTS_QUERY_SCHEMA = closed(PAGE_QUERY, []);
export const INCIDENTS_QUERY_SCHEMA = closed({ ...PAGE_QUERY, state: { enum: ['open', 'closed'] } }, []);

/** A report is long. */
const REPORTS_LIMIT = { ...LIMIT, maximum: 100, default: 20 };
export const REPORTS_QUERY_SCHEMA = closed({ limit: REPORTS_LIMIT, cursor: CURSOR }, []);

export const POINT_SCHEMA = closed({
  startMs: MS,
  lengthMs: { type: 'integer' },
  coverage: { type: 'number', description: 'share of the period that was measured' },
  sent: { type: 'integer' },
  lost: { type: 'integer' },
  lossRatio: { ...nullable('number'), description: 'null where nothing was sent' },
  rttMinNs: nullable('number'),
  rttP50Ns: nullable('number'),
  rttP95Ns: nullable('number'),
  rttP99Ns: nullable('number'),
  rttMaxNs: nullable('number'),
  jitterNs: nullable('number'),
  disturbed: { type: 'number', description: 'share of the period with a heavier test on the same port' },
  problem: nullable('string'),
});
export const SERIES_SCHEMA = {
  description: 'one target over time; periods without a measurement are missing',
  ...closed({ target: { type: 'string' }, period: PERIOD, points: { type: 'array', items: POINT_SCHEMA } }),
};

export const INCIDENT_SCHEMA = {
  description: 'an incident',
  ...closed({
    id: { type: 'string' },
    target: { type: 'string' },
    kind: { enum: INCIDENT_KINDS },
    severity: { enum: ['warning', 'critical'] },
    state: { enum: ['open', 'closed'] },
    startedMs: MS,
    openedMs: MS,
    endedMs: { type: ['integer', 'null'] },
    metric: { enum: ['rttNs', 'lossRatio', 'jitterNs', 'coverage'] },
    expected: { type: 'number' },
    worst: { type: 'number' },
    segment: { enum: [...SEGMENTS, 'probe', null] },
    partOf: { ...nullable('string'), description: 'id of the incident of another target that it has its cause with' },
    alsoAffected: { type: 'array', items: { type: 'string' } },
    reportId: nullable('string'),
    finding: { type: ['object', 'null'], additionalProperties: true },
    verdict: { enum: ['ok', 'warning', 'critical', 'unknown', null] },
    summary: { type: 'string' },
  }),
};
const EVENT_SCHEMA = closed({
  id: { type: 'string' },
  atMs: MS,
  kind: { enum: EVENT_KINDS },
  severity: { enum: ['info', 'warning', 'critical'] },
  target: nullable('string'),
  incidentId: nullable('string'),
  text: { type: 'string' },
});
const NEXT = { ...nullable('string'), description: 'the cursor of the next page; null on the last one' };
export const INCIDENTS_SCHEMA = {
  description: 'incidents, the newest first',
  ...closed({ incidents: { type: 'array', items: INCIDENT_SCHEMA }, next: NEXT }),
};
export const EVENTS_SCHEMA = {
  description: 'events, the newest first',
  ...closed({ events: { type: 'array', items: EVENT_SCHEMA }, next: NEXT }),
};
export const REPORTS_SCHEMA = {
  description: 'reports, the newest first',
  ...closed({ reports: { type: 'array', items: REPORT_REPLY_SCHEMA }, next: NEXT }),
};
