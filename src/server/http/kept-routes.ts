// /api/v1/history, summaries and week: the past as it is kept, for programs that go on reckoning with it. Charts are history-routes.ts.
import type { FastifyInstance } from 'fastify';
import { readWeekReport } from '../../history/week-report.js';
import { UsageError } from '../../model/errors.js';
import type { PeriodName } from '../../model/period-summary.js';
import { TARGET_PARAMS_SCHEMA } from './history-schemas.js';
import type { HistorySource } from '../history-source.js';
import {
  KEPT_TARGETS_SCHEMA,
  SUMMARIES_QUERY_SCHEMA,
  SUMMARIES_SCHEMA,
  WEEK_QUERY_SCHEMA,
  WEEK_SCHEMA,
} from './kept-schemas.js';
import { problemReplies } from './problem-replies.js';

interface SummariesQuery {
  readonly from: number;
  readonly to: number;
  readonly points: number;
  readonly period?: PeriodName;
}

/** `open` throws where there is no history. */
export function addKeptRoutes(app: FastifyInstance, open: () => HistorySource): void {
  const tags = ['history'];
  const refusals = problemReplies(400, 401, 404, 503);
  const targets = {
    tags,
    operationId: 'listKeptTargets',
    summary: 'Names of all targets that have a history',
    response: { 200: KEPT_TARGETS_SCHEMA, ...refusals },
  };
  app.get('/api/v1/history', { schema: targets }, async () => ({ targets: await open().listTargets() }));
  const summaries = {
    tags,
    operationId: 'readSummaries',
    summary: 'One target over time with the whole distribution of each period, which can be merged',
    params: TARGET_PARAMS_SCHEMA,
    querystring: SUMMARIES_QUERY_SCHEMA,
    response: { 200: SUMMARIES_SCHEMA, ...refusals },
  };
  app.get<{ Params: { name: string }; Querystring: SummariesQuery }>(
    '/api/v1/targets/:name/summaries',
    { schema: summaries },
    async ({ params, query }) => {
      const { from: fromMs, to: toMs, points: leastPoints, period } = query;
      if (fromMs >= toMs) throw new UsageError('usage.argument', 'querystring/from must be before querystring/to');
      const range = { target: params.name, fromMs, toMs, leastPoints };
      const [answer, firstMs] = await Promise.all([
        open().querySummaries(period === undefined ? range : { ...range, period }),
        open().findFirstMs(params.name),
      ]);
      return { firstMs, ...answer };
    },
  );
  const week = {
    tags,
    operationId: 'readWeek',
    summary: 'The seven days before a moment, beside the seven before these',
    querystring: WEEK_QUERY_SCHEMA,
    response: { 200: WEEK_SCHEMA, ...refusals },
  };
  app.get<{ Querystring: { to?: number } }>('/api/v1/week', { schema: week }, ({ query }) =>
    readWeekReport(open(), query.to ?? Date.now()),
  );
}
