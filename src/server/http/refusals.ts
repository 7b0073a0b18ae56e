// Everything that is refused, answered as problem+json (RFC 9457): unknown paths, wrong methods, Fastify's own refusals, our errors.
import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import { AccessError, ApparenetError } from '../../model/errors.js';
import { createProblem, describeProblem, PROBLEM_TYPE } from './problem.js';
import type { Problem } from './problem.js';

/** When a client that met `device.busy` may try again, seconds: about the length of a normal examination. */
const RETRY_AFTER_SEC = 15;

/** Before the routes are added: it learns from them which methods each path has. */
export function answerWithProblems(app: FastifyInstance, onDefect: (error: unknown) => void): void {
  const routes: { readonly method: string; readonly path: RegExp }[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    const path = new RegExp(`^${url.replaceAll('.', '\\.').replace(/:[a-z]+/gi, '[^/]+')}$`);
    for (const each of [method].flat()) routes.push({ method: each, path });
  });
  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?');
    const allowed = routes.filter((route) => route.path.test(path)).map(({ method }) => method);
    const detail = `${request.method} ${path.slice(0, 100)} is not part of this API`;
    if (allowed.length === 0) return sendProblem(reply, createProblem(404, 'usage.argument', detail));
    reply.header('allow', allowed.join(', '));
    return sendProblem(reply, createProblem(405, 'usage.argument', `${detail}, but ${allowed.join(', ')} is`));
  });
  app.setErrorHandler<FastifyError | ApparenetError>((error, _request, reply) => {
    const problem = translateError(error);
    if (problem.status === 500) onDefect(error);
    if (problem.code === 'device.busy') reply.header('retry-after', RETRY_AFTER_SEC);
    if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="apparenet"');
    if (error instanceof AccessError && error.retryAfterSec !== null) reply.header('retry-after', error.retryAfterSec);
    return sendProblem(reply, problem);
  });
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply.code(problem.status).type(PROBLEM_TYPE).send(problem);
}

/** @returns the reply, for a thing that a path names and that is not there. */
export function sendMissing(reply: FastifyReply, detail: string): FastifyReply {
  return sendProblem(reply, createProblem(404, 'usage.argument', detail));
}

/** What cannot be read as HTTP at all: there is no request to answer, only a connection. */
export function refuseBrokenHttp(error: Error & { code?: string }, socket: Socket): void {
  // After an answer, another one would be taken for a part of it.
  if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const body = JSON.stringify(createProblem(status, 'usage.argument', 'this is no HTTP request that can be read'));
  const head = [
    `HTTP/1.1 ${status} Refused`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** Fastify's own refusals (shape, size, content type) carry a status below 500. */
export function translateError(error: FastifyError | ApparenetError): Problem {
  if (error instanceof ApparenetError) return describeProblem(error);
  const status = error.statusCode ?? 500;
  return status < 500 ? createProblem(status, 'usage.argument', error.message) : describeProblem(error);
}
