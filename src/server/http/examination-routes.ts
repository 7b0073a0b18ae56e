// /api/v1/examinations: order one, look at it, follow it, cancel it. Shapes are schemas.ts, errors problem.ts.
import type { FastifyInstance, FastifyReply } from 'fastify';
import { DeviceError } from '../../model/errors.js';
import { computeDefaultBudget } from '../../model/examination.js';
import type { ExaminationDesk, ExaminationOrder, ExaminationRecord } from '../examination-desk.js';
import { streamExamination } from './event-stream.js';
import { createProblem } from './problem.js';
import { problemReplies } from './problem-replies.js';
import { sendMissing, sendProblem } from './refusals.js';
import {
  EVENT_STREAM_SCHEMA,
  EXAMINATION_SCHEMA,
  EXAMINATIONS_SCHEMA,
  ID_PARAMS_SCHEMA,
  ORDER_SCHEMA,
  REPORT_REPLY_SCHEMA,
  WAIT_QUERY_SCHEMA,
} from './schemas.js';
import type { ExaminationOrderBody } from './schemas.js';

const COLLECTION = '/api/v1/examinations';
const MAX_STREAMS = 32;
const TAGS = ['examinations'];

interface WithId {
  Params: { id: string };
}

export function addExaminationRoutes(app: FastifyInstance, desk: ExaminationDesk): void {
  addOrderRoute(app, desk);
  addEventsRoute(app, desk);
  const oneOfThem = { tags: TAGS, params: ID_PARAMS_SCHEMA };
  app.get(
    COLLECTION,
    {
      schema: {
        tags: TAGS,
        operationId: 'listExaminations',
        summary: 'Those that wait or work',
        response: { 200: EXAMINATIONS_SCHEMA, ...problemReplies(401) },
      },
    },
    () => ({ examinations: desk.listOpen() }),
  );
  app.get<WithId>(
    `${COLLECTION}/:id`,
    {
      schema: {
        ...oneOfThem,
        operationId: 'readExamination',
        summary: 'One examination, with its report when it has ended',
        response: { 200: EXAMINATION_SCHEMA, ...problemReplies(400, 401, 404) },
      },
    },
    (request, reply) => desk.find(request.params.id) ?? sendUnknown(reply, request.params.id),
  );
  app.delete<WithId>(
    `${COLLECTION}/:id`,
    {
      schema: {
        ...oneOfThem,
        operationId: 'cancelExamination',
        summary: 'Stop sending; what is known becomes the report',
        response: { 202: EXAMINATION_SCHEMA, ...problemReplies(400, 401, 403, 404) },
      },
    },
    (request, reply) => {
      if (!desk.find(request.params.id)) return sendUnknown(reply, request.params.id);
      return reply.code(202).send(desk.cancel(request.params.id));
    },
  );
}

function addOrderRoute(app: FastifyInstance, desk: ExaminationDesk): void {
  app.post<{ Body: ExaminationOrderBody; Querystring: { wait: boolean } }>(
    COLLECTION,
    {
      schema: {
        tags: TAGS,
        operationId: 'orderExamination',
        summary: 'Examine a path now: this sends packets to the target',
        body: ORDER_SCHEMA,
        querystring: WAIT_QUERY_SCHEMA,
        response: {
          200: REPORT_REPLY_SCHEMA,
          202: EXAMINATION_SCHEMA,
          ...problemReplies(400, 401, 403, 409, 413, 415, 502, 503),
        },
      },
    },
    async (request, reply) => {
      const record = desk.start(completeOrder(request.body));
      reply.header('location', `${COLLECTION}/${record.id}`);
      if (!request.query.wait) return reply.code(202).send(record);
      // Nobody else knows of it: when the one who waits hangs up, nothing more is sent to the target.
      const hangUp = () => desk.cancel(record.id);
      reply.raw.once('close', hangUp);
      const finished = await desk.waitFor(record.id);
      reply.raw.off('close', hangUp);
      return sendOutcome(reply, finished);
    },
  );
}

function addEventsRoute(app: FastifyInstance, desk: ExaminationDesk): void {
  let streams = 0;
  app.get<WithId>(
    `${COLLECTION}/:id/events`,
    {
      schema: {
        tags: TAGS,
        operationId: 'followExamination',
        summary: 'One examination as server-sent events, until it has ended',
        produces: ['text/event-stream'],
        params: ID_PARAMS_SCHEMA,
        response: { 200: EVENT_STREAM_SCHEMA, ...problemReplies(400, 401, 404, 503) },
      },
    },
    (request, reply) => {
      const { id } = request.params;
      if (!desk.find(id)) return sendUnknown(reply, id);
      if (streams >= MAX_STREAMS) throw new DeviceError('device.busy', `${streams} event streams are open already`);
      streams += 1;
      reply.hijack();
      streamExamination(desk, id, reply.raw, () => {
        streams -= 1;
      });
      return reply;
    },
  );
}

function completeOrder(body: ExaminationOrderBody): ExaminationOrder {
  const depth = body.depth ?? 'normal';
  const quantity = body.quantity ?? null;
  const budget = computeDefaultBudget(depth, quantity);
  return {
    target: body.target,
    via: body.via ?? 'auto',
    ...(body.port === undefined ? {} : { port: body.port }),
    depth,
    quantity,
    maxSeconds: body.maxSeconds ?? budget.maxSeconds,
    maxBytes: body.maxBytes ?? budget.maxBytes,
    ...(body.maxLinkShare === undefined ? {} : { maxLinkShare: body.maxLinkShare }),
  };
}

function sendOutcome(reply: FastifyReply, record: ExaminationRecord): FastifyReply {
  if (record.report) return reply.code(200).send(record.report);
  return sendProblem(
    reply,
    record.problem ?? createProblem(500, 'invariant', 'the examination ended without a report'),
  );
}

function sendUnknown(reply: FastifyReply, id: string): FastifyReply {
  return sendMissing(reply, `no examination ${id} is known here; the last ones are kept in memory only`);
}
