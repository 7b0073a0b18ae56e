// The shapes of the past as it is kept, as JSON Schema: summaries with their distributions, and the report of a week.
import { INCIDENT_KINDS } from '../../model/incident.js';
import { closed, MOMENT, nullable, PERIOD, RANGE_QUERY_SCHEMA } from './history-schemas.js';

const COUNT = { type: 'integer' };
const FIGURE = { type: 'number' };
const SHARE = { type: 'number', description: '0-1' };
const orNull = (schema: object, description: string) => ({ anyOf: [{ type: 'null' }, schema], description });

const DIGEST = closed({
  count: COUNT,
  minNs: FIGURE,
  maxNs: FIGURE,
  sumNs: FIGURE,
  collapses: { ...COUNT, description: 'how often neighbouring bins were merged in pairs' },
  bins: { type: 'array', items: { type: 'number' }, description: 'index, count, index, count …, indices ascending' },
});
const STAMPS = closed({ tx: { type: 'string' }, rx: { type: 'string' }, far: nullable('string') });
const SUMMARY = closed({
  target: { type: 'string' },
  startMs: COUNT,
  lengthMs: COUNT,
  coverage: { ...SHARE, description: 'share of the period that was measured' },
  sent: COUNT,
  lost: COUNT,
  lostForward: nullable('integer'),
  lostReverse: nullable('integer'),
  duplicated: COUNT,
  reordered: COUNT,
  rtt: orNull(DIGEST, 'null where nothing came back'),
  forwardQueueing: orNull(DIGEST, 'where the far end stamps'),
  reverseQueueing: orNull(DIGEST, 'where the far end stamps'),
  jitterNs: nullable('number'),
  stamps: orNull(STAMPS, 'null in periods without an answer'),
  disturbed: { ...SHARE, description: 'share of the period with a heavier test on the same port' },
  problem: nullable('string'),
});

export const KEPT_TARGETS_SCHEMA = {
  description: 'names, sorted',
  ...closed({ targets: { type: 'array', items: { type: 'string' } } }),
};
export const SUMMARIES_QUERY_SCHEMA = closed({ ...RANGE_QUERY_SCHEMA.properties, period: PERIOD }, ['from', 'to']);
export const SUMMARIES_SCHEMA = {
  description: 'periods in the order of time; those without a measurement are missing',
  ...closed({
    period: PERIOD,
    firstMs: { ...nullable('integer'), description: 'begin of all that is kept of the target, Unix ms' },
    summaries: { type: 'array', items: SUMMARY },
  }),
};

const WEEK_FIGURES = closed({
  coverage: { ...SHARE, description: 'that was measured of the week, or since the target was added' },
  availability: { ...nullable('number'), description: 'share of the week without an outage' },
  lossRatio: nullable('number'),
  p50Ns: nullable('number'),
  p95Ns: nullable('number'),
});
const WEEK_INCIDENT = closed({
  id: { type: 'string' },
  kind: { enum: INCIDENT_KINDS },
  severity: { enum: ['warning', 'critical'] },
  startedMs: COUNT,
  endedMs: nullable('integer'),
  lastedMs: { type: 'number', description: 'within the week' },
  summary: { type: 'string' },
});
const WEEK_TARGET = closed({
  target: { type: 'string' },
  thisWeek: WEEK_FIGURES,
  weekBefore: WEEK_FIGURES,
  incidents: { type: 'array', items: WEEK_INCIDENT },
});
export const WEEK_QUERY_SCHEMA = closed({ to: { ...MOMENT, description: 'Unix ms; now without it' } }, []);
export const WEEK_SCHEMA = {
  description: 'what the last seven days were like',
  ...closed({
    schema: { enum: ['apparenet.week/1'] },
    fromMs: COUNT,
    toMs: COUNT,
    targets: { type: 'array', items: WEEK_TARGET },
    examinations: closed({
      count: COUNT,
      bytes: FIGURE,
      targets: { type: 'array', items: closed({ target: { type: 'string' }, count: COUNT, bytes: FIGURE }) },
    }),
  }),
};
