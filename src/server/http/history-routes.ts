// /api/v1/targets, incidents, diary and export: looking back. Nothing here changes anything.
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { computeDigestPercentile } from '../../analysis/statistics/delay-digest.js';
import { exportSummaries } from '../../history/export.js';
import type { ExportFormat } from '../../history/export.js';
import { DeviceError, UsageError } from '../../model/errors.js';
import type { Incident } from '../../model/incident.js';
import type { PeriodName, PeriodSummary } from '../../model/period-summary.js';
import {
  EVENTS_QUERY_SCHEMA,
  EVENTS_SCHEMA,
  EXPORT_QUERY_SCHEMA,
  INCIDENT_SCHEMA,
  INCIDENTS_QUERY_SCHEMA,
  INCIDENTS_SCHEMA,
  RANGE_QUERY_SCHEMA,
  RECORD_PARAMS_SCHEMA,
  SERIES_SCHEMA,
  TARGET_PARAMS_SCHEMA,
} from './history-schemas.js';
import { addKeptRoutes } from './kept-routes.js';
import { cutPage, planPage } from '../history-source.js';
import type { HistorySource } from '../history-source.js';
import { problemReplies } from './problem-replies.js';
import { sendMissing } from './refusals.js';

const TAGS = ['history'];
const REFUSALS = problemReplies(400, 401, 404, 503);

interface PageQuery {
  readonly limit: number;
  readonly cursor?: string;
  readonly target?: string;
}
interface Range {
  readonly from: number;
  readonly to: number;
}

/** `history` is null where the folder could not be opened: every question then says so. */
export function addHistoryRoutes(app: FastifyInstance, history: HistorySource | null): void {
  const open = () => {
    if (history) return history;
    throw new DeviceError('peer.unreachable', 'this server keeps no history: its folder could not be opened');
  };
  addTargetRoutes(app, open);
  addDiaryRoutes(app, open);
  addExportRoute(app, open);
  addKeptRoutes(app, open);
}

function addTargetRoutes(app: FastifyInstance, open: () => HistorySource): void {
  app.get<{ Params: { name: string }; Querystring: Range & { points: number } }>(
    '/api/v1/targets/:name/history',
    {
      schema: {
        tags: TAGS,
        operationId: 'readSeries',
        summary: 'One target over time, in periods that give about as many points',
        params: TARGET_PARAMS_SCHEMA,
        querystring: RANGE_QUERY_SCHEMA,
        response: { 200: SERIES_SCHEMA, ...REFUSALS },
      },
    },
    async (request) => {
      const { from: fromMs, to: toMs, points: leastPoints } = checkRange(request.query);
      const target = request.params.name;
      const { period, summaries } = await open().querySummaries({ target, fromMs, toMs, leastPoints });
      return { target, period, points: summaries.map(describePoint) };
    },
  );
}

function addDiaryRoutes(app: FastifyInstance, open: () => HistorySource): void {
  app.get<{ Querystring: PageQuery & { state?: Incident['state'] } }>(
    '/api/v1/incidents',
    {
      schema: {
        tags: TAGS,
        operationId: 'listIncidents',
        summary: 'Incidents, the newest first',
        querystring: INCIDENTS_QUERY_SCHEMA,
        response: { 200: INCIDENTS_SCHEMA, ...REFUSALS },
      },
    },
    async ({ query }) => {
      const state = query.state === undefined ? {} : { state: query.state };
      const { rows: incidents, next } = cutPage(
        await open().listIncidents({ ...planPage(query), ...state }),
        query.limit,
      );
      return { incidents, next };
    },
  );
  app.get<{ Params: { id: string } }>(
    '/api/v1/incidents/:id',
    {
      schema: {
        tags: TAGS,
        operationId: 'readIncident',
        summary: 'One incident',
        params: RECORD_PARAMS_SCHEMA,
        response: { 200: INCIDENT_SCHEMA, ...REFUSALS },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      return (await open().readIncident(id)) ?? sendMissing(reply, `no incident ${id} is kept here`);
    },
  );
  app.get<{ Querystring: PageQuery }>(
    '/api/v1/diary',
    {
      schema: {
        tags: TAGS,
        operationId: 'listEvents',
        summary: 'What happened, the newest first; /api/v1/events tells it live',
        querystring: EVENTS_QUERY_SCHEMA,
        response: { 200: EVENTS_SCHEMA, ...REFUSALS },
      },
    },
    async ({ query }) => {
      const { rows: events, next } = cutPage(await open().listEvents(planPage(query)), query.limit);
      return { events, next };
    },
  );
}

function addExportRoute(app: FastifyInstance, open: () => HistorySource): void {
  app.get<{ Querystring: Range & { period: PeriodName; format: ExportFormat; target?: string } }>(
    '/api/v1/export',
    {
      schema: {
        tags: TAGS,
        operationId: 'exportHistory',
        summary: 'The history as CSV or lines of JSON, as long as it is',
        querystring: EXPORT_QUERY_SCHEMA,
        response: {
          200: {
            description: 'one line a period',
            content: {
              'text/csv': { schema: { type: 'string' } },
              'application/jsonl': { schema: { type: 'string' } },
            },
          },
          ...REFUSALS,
        },
      },
    },
    (request, reply) => {
      const { from: fromMs, to: toMs } = checkRange(request.query);
      const { period, format, target } = request.query;
      const range = { fromMs, toMs, period, ...(target === undefined ? {} : { targets: [target] }) };
      const type = format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/jsonl';
      // The stream is read no faster than the reader takes it.
      return reply.type(type).send(Readable.from(exportSummaries(open(), range, format)));
    },
  );
}

export function checkRange<Asked extends Range>(asked: Asked): Asked {
  if (asked.from < asked.to) return asked;
  throw new UsageError('usage.argument', 'querystring/from must be before querystring/to');
}

/** One period of a chart. */
export function describePoint(summary: PeriodSummary): object {
  const { startMs, lengthMs, coverage, sent, lost, rtt, jitterNs, disturbed, problem } = summary;
  const readPercentile = (share: number) => rtt && computeDigestPercentile(rtt, share);
  return {
    startMs,
    lengthMs,
    coverage,
    sent,
    lost,
    lossRatio: sent > 0 ? lost / sent : null,
    rttMinNs: rtt?.minNs ?? null,
    rttP50Ns: readPercentile(0.5),
    rttP95Ns: readPercentile(0.95),
    rttP99Ns: readPercentile(0.99),
    rttMaxNs: rtt?.maxNs ?? null,
    jitterNs,
    disturbed,
    problem,
  };
}
