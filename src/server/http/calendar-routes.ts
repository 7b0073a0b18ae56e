// /api/v1/calendar and spending: what runs by itself when next, how it ended last, what it cost. Nothing here changes anything.
import type { FastifyInstance } from 'fastify';
import { CONFIG_SCHEMA } from '../../box/config/schema.js';
import type { CalendarStanding } from '../../model/calendar.js';
import { DeviceError } from '../../model/errors.js';
import { DEPTHS } from '../../model/examination.js';
import { closed } from './history-schemas.js';
import { problemReplies } from './problem-replies.js';

export type ReadStanding = () => CalendarStanding;

const MS = { type: 'integer', description: 'Unix ms' };

const SPENT_SCHEMA = closed({
  startedMs: { type: 'integer', description: 'Unix ms' },
  bytes: { type: 'number', description: 'Ethernet frames sent' },
  mostBytes: { type: 'number', description: 'what the budget allows' },
});
const SPENDING_SCHEMA = {
  description: 'what examinations have cost that nobody ordered by hand, this day and this month',
  ...closed({ day: SPENT_SCHEMA, month: SPENT_SCHEMA }),
};
const RESULT_SCHEMA = closed({
  atMs: MS,
  outcome: { enum: ['done', 'partly', 'not-run'] },
  text: { type: 'string', description: 'one sentence; for what was put off with the reason' },
});
const JOB_SCHEMA = closed({
  name: { type: 'string' },
  at: { type: 'string', description: 'five fields of cron' },
  enabled: { type: 'boolean' },
  own: { type: 'boolean', description: 'what the box does for itself; nothing in the configuration changes it' },
  nextMs: { type: ['integer', 'null'], description: 'Unix ms; null where it is off' },
  last: { anyOf: [{ type: 'null' }, RESULT_SCHEMA], description: 'null where it never ran' },
});
const QUEUED = {
  target: { type: ['string', 'null'], description: "its name in the configuration; null for a job of the box's own" },
  depth: { enum: [...DEPTHS, null] },
  askedBy: {
    type: 'array',
    items: closed({
      kind: { enum: ['job', 'incident'] },
      name: { type: 'string', description: 'of an incident its id' },
    }),
  },
  sinceMs: { ...MS, description: 'when it was asked for, Unix ms' },
};
const WORKING_SCHEMA = closed({ ...QUEUED, startedMs: MS });
const WAITING_SCHEMA = closed({ ...QUEUED, waitsFor: { type: 'string', description: 'what comes before it' } });
const { quietHours } = CONFIG_SCHEMA.properties;
const CALENDAR_SCHEMA = {
  description: 'how the calendar stands',
  ...closed({
    timeZone: { type: 'string', description: 'an IANA name' },
    jobs: { type: 'array', items: JOB_SCHEMA },
    working: {
      anyOf: [{ type: 'null' }, WORKING_SCHEMA],
      description: 'what is under way by itself; null where nothing is, or where it waits for others on its port',
    },
    waiting: {
      type: 'array',
      items: WAITING_SCHEMA,
      description: 'what starts by itself and has to wait, in the order of their turns',
    },
    quietHours: {
      type: 'array',
      items: { ...quietHours.items, required: Object.keys(quietHours.items.properties) },
    },
    spent: SPENDING_SCHEMA,
  }),
};

/** `readStanding` is null where nothing starts by itself. */
export function addCalendarRoutes(app: FastifyInstance, readStanding: ReadStanding | null): void {
  const read: ReadStanding = () => {
    if (readStanding) return readStanding();
    throw new DeviceError('peer.unreachable', 'nothing starts by itself on this server, so that nothing is counted');
  };
  const tags = ['schedule'];
  const refusals = problemReplies(401, 503);
  const standing = {
    tags,
    operationId: 'readCalendar',
    summary: 'When each job is due, how it ended last, what waits for its turn, quiet hours and what was spent',
    response: { 200: CALENDAR_SCHEMA, ...refusals },
  };
  app.get('/api/v1/calendar', { schema: standing }, () => read());
  const spending = {
    tags,
    operationId: 'readSpending',
    summary: 'What examinations have cost that nobody ordered by hand',
    response: { 200: SPENDING_SCHEMA, ...refusals },
  };
  app.get('/api/v1/spending', { schema: spending }, () => read().spent);
}
