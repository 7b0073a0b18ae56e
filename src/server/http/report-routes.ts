// /api/v1/reports: what was found, here or by a command that examined by itself.
import type { FastifyInstance } from 'fastify';
import { UsageError } from '../../model/errors.js';
import type { Report } from '../../model/report.js';
import { cutPage, planPage } from '../history-source.js';
import { problemReplies } from './problem-replies.js';
import { sendMissing } from './refusals.js';
import { checkPlausible, checkReportBody, REPORT_LIMIT_BYTES } from './report-body.js';
import type { ReportShelf } from '../report-shelf.js';
import { REPORTS_QUERY_SCHEMA, REPORTS_SCHEMA } from './history-schemas.js';
import { ID_PARAMS_SCHEMA, REPORT_BODY_SCHEMA, REPORT_REPLY_SCHEMA } from './schemas.js';

const COLLECTION = '/api/v1/reports';
const TAGS = ['reports'];

/** `keep` puts one where those of this server go. */
export function addReportRoutes(
  app: FastifyInstance,
  shelf: ReportShelf,
  keep: (report: Report) => Promise<void>,
): void {
  addReadingRoutes(app, shelf);
  app.post<{ Body: Report }>(
    COLLECTION,
    {
      bodyLimit: REPORT_LIMIT_BYTES,
      validatorCompiler: checkReportBody(app),
      schema: {
        tags: TAGS,
        operationId: 'addReport',
        summary: 'Keep the report of an examination that was made here by somebody else, such as the command line',
        body: REPORT_BODY_SCHEMA,
        response: { 201: REPORT_REPLY_SCHEMA, ...problemReplies(400, 401, 403, 413, 415) },
      },
    },
    async ({ body }, reply) => {
      checkPlausible(body, Date.now());
      if (await shelf.find(body.id))
        throw new UsageError('usage.argument', `body/id must be new: a report ${body.id} is kept already`);
      await keep(body);
      return reply.code(201).header('location', `${COLLECTION}/${body.id}`).send(body);
    },
  );
}

function addReadingRoutes(app: FastifyInstance, shelf: ReportShelf): void {
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
