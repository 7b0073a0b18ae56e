// /api/v1/fleet: many boxes at once, one of them, and what happened to them. Nothing here changes anything.
import type { FastifyInstance } from 'fastify';
import type { FleetBox, FleetIncident } from '../../model/fleet.js';
import { VERSION } from '../../model/parts.js';
import { checkRange, describePoint } from '../http/history-routes.js';
import { RANGE_QUERY_SCHEMA } from '../http/history-schemas.js';
import { problemReplies } from '../http/problem-replies.js';
import { sendMissing } from '../http/refusals.js';
import { REPORT_REPLY_SCHEMA } from '../http/schemas.js';
import { cutPage, planPage } from '../history-source.js';
import {
  BOX_PARAMS_SCHEMA,
  BOX_REPORT_PARAMS_SCHEMA,
  BOX_SCHEMA,
  BOX_TARGET_PARAMS_SCHEMA,
  CONSOLE_HEALTH_SCHEMA,
  FLEET_EVENTS_QUERY_SCHEMA,
  FLEET_EVENTS_SCHEMA,
  FLEET_INCIDENTS_QUERY_SCHEMA,
  FLEET_INCIDENTS_SCHEMA,
  FLEET_QUERY_SCHEMA,
  FLEET_SCHEMA,
  FLEET_SERIES_SCHEMA,
} from './fleet-schemas.js';
import type { FleetPage, FleetSource } from './fleet-source.js';

const TAGS = ['fleet'];
const REFUSALS = problemReplies(400, 401, 404);

interface PageQuery {
  readonly limit: number;
  readonly cursor?: string;
  readonly box?: string;
}
interface BoxParams {
  readonly box: string;
}

export function addFleetRoutes(app: FastifyInstance, fleet: FleetSource): void {
  addHealthRoutes(app, fleet);
  addBoxRoutes(app, fleet);
  addPastRoutes(app, fleet);
}

function addHealthRoutes(app: FastifyInstance, fleet: FleetSource): void {
  const startedAtMs = performance.now();
  const answer = () => ({
    status: fleet.readStanding().connected ? 'ok' : 'degraded',
    version: VERSION,
    uptimeSec: Math.round((performance.now() - startedAtMs) / 1000),
    parts: [{ name: 'as', up: true }],
  });
  const config = { need: 'nothing' } as const;
  for (const [path, operationId] of [
    ['/health', 'readPartHealth'],
    ['/api/v1/health', 'readHealth'],
  ] as const) {
    const response = { 200: CONSOLE_HEALTH_SCHEMA, ...problemReplies() };
    const schema = { tags: ['health'], operationId, summary: 'Whether the console has its broker', response };
    app.get(path, { config, schema }, answer);
  }
}

function addBoxRoutes(app: FastifyInstance, fleet: FleetSource): void {
  const list = { tags: TAGS, operationId: 'listBoxes', summary: 'All boxes, the worst first' };
  app.get<{ Querystring: { limit: number } }>(
    '/api/v1/fleet',
    { schema: { ...list, querystring: FLEET_QUERY_SCHEMA, response: { 200: FLEET_SCHEMA, ...REFUSALS } } },
    ({ query }, reply) => {
      const boxes = fleet.listBoxes();
      return reply.send({
        broker: fleet.readStanding(),
        counts: { ...countBoxes(boxes), openIncidents: fleet.countOpenIncidents() },
        boxes: boxes.slice(0, query.limit),
      });
    },
  );
  const one = {
    tags: TAGS,
    operationId: 'readBox',
    summary: 'One box with what it watches',
    params: BOX_PARAMS_SCHEMA,
  };
  app.get<{ Params: BoxParams }>(
    '/api/v1/fleet/boxes/:box',
    { schema: { ...one, response: { 200: BOX_SCHEMA, ...REFUSALS } } },
    ({ params: { box } }, reply) => {
      const found = fleet.readBox(box);
      return found ? reply.send(found) : sendMissing(reply, `no box that calls itself ${box} has been heard`);
    },
  );
  const series = { tags: TAGS, operationId: 'readBoxSeries', summary: 'One target of one box over time' };
  const seriesOf = { params: BOX_TARGET_PARAMS_SCHEMA, querystring: RANGE_QUERY_SCHEMA };
  app.get<{ Params: BoxParams & { name: string }; Querystring: { from: number; to: number; points: number } }>(
    '/api/v1/fleet/boxes/:box/targets/:name/history',
    { schema: { ...series, ...seriesOf, response: { 200: FLEET_SERIES_SCHEMA, ...REFUSALS } } },
    async ({ params: { box, name: target }, query }) => {
      const { from: fromMs, to: toMs, points: leastPoints } = checkRange(query);
      const { period, summaries } = await fleet.querySummaries(box, { target, fromMs, toMs, leastPoints });
      return { box, target, period, points: summaries.map(describePoint) };
    },
  );
  const report = { tags: TAGS, operationId: 'readBoxReport', summary: 'A report of one box, as it sent it' };
  app.get<{ Params: BoxParams & { id: string } }>(
    '/api/v1/fleet/boxes/:box/reports/:id',
    { schema: { ...report, params: BOX_REPORT_PARAMS_SCHEMA, response: { 200: REPORT_REPLY_SCHEMA, ...REFUSALS } } },
    async ({ params: { box, id } }, reply) =>
      (await fleet.readReport(box, id)) ?? sendMissing(reply, `no report ${id} of ${box} is kept`),
  );
}

function addPastRoutes(app: FastifyInstance, fleet: FleetSource): void {
  const incidents = { tags: TAGS, operationId: 'listFleetIncidents', summary: 'Incidents of all boxes, or of one' };
  app.get<{ Querystring: PageQuery & { state?: FleetIncident['state'] } }>(
    '/api/v1/fleet/incidents',
    {
      schema: {
        ...incidents,
        querystring: FLEET_INCIDENTS_QUERY_SCHEMA,
        response: { 200: FLEET_INCIDENTS_SCHEMA, ...REFUSALS },
      },
    },
    async ({ query }) => {
      const { state, limit } = query;
      const found = await fleet.listIncidents({ ...planFleetPage(query), ...(state === undefined ? {} : { state }) });
      const { rows, next } = cutPage(found, limit);
      return { incidents: rows, next };
    },
  );
  const diary = { tags: TAGS, operationId: 'listFleetEvents', summary: 'What happened to all boxes, or to one' };
  app.get<{ Querystring: PageQuery }>(
    '/api/v1/fleet/diary',
    {
      schema: { ...diary, querystring: FLEET_EVENTS_QUERY_SCHEMA, response: { 200: FLEET_EVENTS_SCHEMA, ...REFUSALS } },
    },
    async ({ query }) => {
      const { rows, next } = cutPage(await fleet.listEvents(planFleetPage(query)), query.limit);
      return { events: rows, next };
    },
  );
}

function planFleetPage({ limit, cursor, box }: PageQuery): FleetPage {
  const page = planPage({ limit, ...(cursor === undefined ? {} : { cursor }) });
  return { ...page, ...(box === undefined ? {} : { box }) };
}

function countBoxes(boxes: readonly FleetBox[]) {
  const count = (words: readonly string[]): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
    return counts;
  };
  return {
    boxes: boxes.length,
    presence: count(boxes.map(({ presence }) => presence)),
    attention: count(boxes.map(({ attention }) => attention)),
  };
}
