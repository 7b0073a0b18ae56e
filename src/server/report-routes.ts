// /api/v1/reports and /health: what was found last, and which parts this server can reach.
import type { FastifyInstance } from 'fastify';
import { VERSION } from '../model/parts.js';
import { readStatus } from '../prober/remote/read-status.js';
import type { ExaminationDesk } from './examination-desk.js';
import { MAX_KEPT } from './examination-desk.js';
import { createProblem, describeProblem, PROBLEM_TYPE } from './problem.js';
import {
  HEALTH_SCHEMA,
  ID_PARAMS_SCHEMA,
  LIMIT_QUERY_SCHEMA,
  PROBLEM_SCHEMA,
  REPORT_REPLY_SCHEMA,
  REPORTS_SCHEMA,
} from './schemas.js';

const COLLECTION = '/api/v1/reports';
/** How long the sequencer may take to say how it is, ms. */
const STATUS_MS = 2_000;

export function addReportRoutes(app: FastifyInstance, desk: ExaminationDesk): void {
  app.get<{ Querystring: { limit: number } }>(
    COLLECTION,
    { schema: { querystring: LIMIT_QUERY_SCHEMA, response: { 200: REPORTS_SCHEMA, '4xx': PROBLEM_SCHEMA } } },
    (request) => ({ reports: desk.listReports(request.query.limit) }),
  );
  app.get<{ Params: { id: string } }>(
    `${COLLECTION}/:id`,
    { schema: { params: ID_PARAMS_SCHEMA, response: { 200: REPORT_REPLY_SCHEMA, '4xx': PROBLEM_SCHEMA } } },
    (request, reply) => {
      const report = desk.find(request.params.id)?.report;
      if (report) return reply.send(report);
      const detail = `no report ${request.params.id} is kept here; the last ${MAX_KEPT} are, in memory only`;
      return reply
        .code(404)
        .type(PROBLEM_TYPE)
        .send(createProblem(404, 'usage.argument', detail));
    },
  );
}

export function addHealthRoute(app: FastifyInstance, desk: ExaminationDesk, socketPath: string): void {
  const startedAtMs = performance.now();
  const answer = async () => {
    const sequencer = await readSequencerPart(socketPath);
    return {
      status: sequencer.up ? 'ok' : 'degraded',
      version: VERSION,
      uptimeSec: Math.round((performance.now() - startedAtMs) / 1000),
      parts: [{ name: 'as', up: true }, sequencer],
      kept: { reports: desk.listReports(MAX_KEPT).length, where: 'memory' },
    };
  };
  // The first is where every part that speaks HTTP says how it is; the page's server has its own there.
  for (const path of ['/health', '/api/v1/health']) {
    app.get(path, { schema: { response: { 200: HEALTH_SCHEMA } } }, answer);
  }
}

async function readSequencerPart(socketPath: string) {
  try {
    return { name: 'tps', up: true, status: await readStatus(socketPath, AbortSignal.timeout(STATUS_MS)) };
  } catch (error) {
    return { name: 'tps', up: false, problem: describeProblem(error) };
  }
}
