// apparenet-as: the analysis server on loopback. What it answers is in the routes; here are the bounds and the guard, since
// nobody can log in yet.
import { Ajv } from 'ajv';
import Fastify from 'fastify';
import type { FastifyError, FastifyInstance, FastifySchemaValidationError } from 'fastify';
import { ApparenetError } from '../model/errors.js';
import type { StartExamination } from '../model/examination.js';
import { checkLocalHeaders, createListenError, LOOPBACK_ADDRESS } from '../model/loopback.js';
import type { LocalHeaders } from '../model/loopback.js';
import { addExaminationRoutes } from './examination-routes.js';
import { ExaminationDesk } from './examination-desk.js';
import { createProblem, describeProblem, PROBLEM_TYPE } from './problem.js';
import type { Problem } from './problem.js';
import { addHealthRoute, addReportRoutes } from './report-routes.js';

const BODY_LIMIT_BYTES = 16 * 1024;
/** Time a client has to send its whole request, ms. */
const REQUEST_MS = 10_000;
const MAX_CONNECTIONS = 128;
/** When a client that met `device.busy` may try again, seconds: about the length of a normal examination. */
const RETRY_AFTER_SEC = 15;

export interface AnalysisServerOptions {
  /** TCP port on 127.0.0.1; 0 lets the kernel choose. */
  readonly port: number;
  /** The sequencer's control socket. It need not answer yet. */
  readonly socketPath: string;
  readonly start: StartExamination;
  /** Hears of defects: errors that no request explains. */
  readonly onDefect: (error: unknown) => void;
}

export interface AnalysisServer {
  /** Such as `http://127.0.0.1:3238`. */
  readonly url: string;
  /** Cancels what is under way and closes every connection. */
  close(): Promise<void>;
}

/** @throws DeviceError `device.busy` when the port is taken, PermissionError when it may not be had. */
export async function startAnalysisServer(options: AnalysisServerOptions): Promise<AnalysisServer> {
  const app = Fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_MS,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 32 },
  });
  app.server.maxConnections = MAX_CONNECTIONS;
  const desk = new ExaminationDesk(options);
  checkShapesStrictly(app);
  answerWithProblems(app, options.onDefect);
  app.removeContentTypeParser('text/plain');
  refuseStrangers(app);
  addExaminationRoutes(app, desk);
  addReportRoutes(app, desk);
  addHealthRoute(app, desk, options.socketPath);
  const url = await listen(app, options.port);
  return {
    url,
    close: async () => {
      await desk.close();
      await app.close();
    },
  };
}

async function listen(app: FastifyInstance, port: number): Promise<string> {
  try {
    return await app.listen({ host: LOOPBACK_ADDRESS, port });
  } catch (cause) {
    await app.close();
    const errno = cause instanceof Error && 'code' in cause ? String(cause.code) : null;
    throw errno === null ? cause : createListenError('the analysis server', port, errno, cause);
  }
}

function refuseStrangers(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    const problem = describeStranger(request.headers, request.socket.localPort ?? 0);
    if (problem) await reply.code(problem.status).type(PROBLEM_TYPE).send(problem);
  });
}

function describeStranger(headers: LocalHeaders, port: number): Problem | null {
  switch (checkLocalHeaders(headers, port)) {
    case 'host':
      return createProblem(421, 'usage.unsupported', `ask for 127.0.0.1:${port}; other names wait for a log-in`);
    case 'origin':
      return createProblem(403, 'usage.unsupported', 'pages of other origins may not use this server');
    case null:
      return null;
  }
}

/** Query strings are text and need conversion; in a body the wrong type is the wrong type. */
function checkShapesStrictly(app: FastifyInstance): void {
  const strict = new Ajv({ coerceTypes: false, useDefaults: true, verbose: true });
  const converting = new Ajv({ coerceTypes: true, useDefaults: true, verbose: true });
  app.setValidatorCompiler(({ schema, httpPart }) =>
    (httpPart === 'body' ? strict : converting).compile(schema as object),
  );
  app.setSchemaErrorFormatter(
    ([error], part) => new Error(error ? describeMismatch(error, part) : `${part} is malformed`),
  );
}

/** `body/target must be one word, without white space`: for a person, who reads it on the page. */
function describeMismatch(error: FastifySchemaValidationError, part: string): string {
  const { parentSchema } = error as { parentSchema?: { description?: string } };
  const place = `${part}${error.instancePath}`;
  if (error.keyword === 'pattern' && parentSchema?.description) return `${place} must be ${parentSchema.description}`;
  const choices = error.params['allowedValues'];
  if (Array.isArray(choices)) return `${place} must be one of ${choices.join(', ')}`;
  const extra = error.params['additionalProperty'];
  if (typeof extra === 'string') return `${place} has an unknown field ${JSON.stringify(extra.slice(0, 40))}`;
  return `${place} ${error.message ?? 'is malformed'}`;
}

function answerWithProblems(app: FastifyInstance, onDefect: (error: unknown) => void): void {
  app.setNotFoundHandler((request, reply) => {
    const detail = `${request.method} ${request.url.slice(0, 100)} is not part of this API`;
    return reply
      .code(404)
      .type(PROBLEM_TYPE)
      .send(createProblem(404, 'usage.argument', detail));
  });
  app.setErrorHandler<FastifyError | ApparenetError>((error, _request, reply) => {
    const problem = translateError(error);
    if (problem.status === 500) onDefect(error);
    if (problem.code === 'device.busy') reply.header('retry-after', RETRY_AFTER_SEC);
    return reply.code(problem.status).type(PROBLEM_TYPE).send(problem);
  });
}

/** Fastify's own refusals (shape, size, content type) carry a status below 500. */
function translateError(error: FastifyError | ApparenetError): Problem {
  if (error instanceof ApparenetError) return describeProblem(error);
  const status = error.statusCode ?? 500;
  return status < 500 ? createProblem(status, 'usage.argument', error.message) : describeProblem(error);
}
