// /api/v1/reports: what was found.
import type { FastifyInstance } from 'fastify';
import { cutPage, planPage } from '../history-source.js';
import { problemReplies } from './problem-replies.js';
import { sendMissing } from './refusals.js';
import type { ReportShelf } from '../report-shelf.js';
import { REPORTS_QUERY_SCHEMA, REPORTS_SCHEMA } from './history-schemas.js';
import { ID_PARAMS_SCHEMA, REPORT_REPLY_SCHEMA } from './schemas.js';

const COLLECTION = '/api/v1/reports';
const TAGS = ['reports'];

export function addReportRoutes(app: FastifyInstance, shelf: ReportShelf): void {
  app.get<{ Querystring: { limit: number; cursor?: string } }>(
    COLLECTION,
    {
      schema: {
        tags: TAGS,
        operationId: 'listReports',
        summary: 'Reports, the newest first',
        querystring: REPORTS_QUERY_SCHEMA,
        response: { 200: REPORTS_SCHEMA, ...problemReplies(400, 401) },
      },
    },
    async ({ query }) => {
      const { rows, next } = cutPage(await shelf.list(planPage(query)), query.limit);
      return { reports: rows, next };
    },
  );
  app.get<{ Params: { id: string } }>(
    `${COLLECTION}/:id`,
    {
      schema: {
        tags: TAGS,
        operationId: 'readReport',
        summary: 'One report',
        params: ID_PARAMS_SCHEMA,
        response: { 200: REPORT_REPLY_SCHEMA, ...problemReplies(400, 401, 404) },
      },
    },
    async (request, reply) => {
      const report = await shelf.find(request.params.id);
      if (report) return reply.send(report);
      return sendMissing(reply, `no report ${request.params.id} is kept here; GET ${COLLECTION} lists those that are`);
    },
  );
}
