// Passes on to the analysis server what the page needs of its API, and nothing else. Shapes and bounds are checked there.
import { request as startRequest } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LOOPBACK_ADDRESS } from '../model/loopback.js';

const ID = '[0-9A-Z]{4,12}';
const PASSED: readonly (readonly [string, RegExp])[] = [
  ['GET', /^\/api\/v1\/health$/],
  ['GET', /^\/api\/v1\/reports(\?limit=\d{1,3})?$/],
  ['GET', new RegExp(`^/api/v1/reports/${ID}$`)],
  ['GET', /^\/api\/v1\/examinations$/],
  ['POST', /^\/api\/v1\/examinations$/],
  ['GET', new RegExp(`^/api/v1/examinations/${ID}(/events)?$`)],
  ['DELETE', new RegExp(`^/api/v1/examinations/${ID}$`)],
];
/** Longer than the pause between two signs of life on an event stream, ms. */
const SILENCE_MS = 40_000;
const PASSED_REQUEST_HEADERS = ['content-type', 'content-length', 'accept'] as const;
const PASSED_REPLY_HEADERS = ['content-type', 'content-length', 'location', 'retry-after'] as const;

export function isRelayed(method: string, url: string): boolean {
  return PASSED.some(([passedMethod, pattern]) => passedMethod === method && pattern.test(url));
}

/** Answers 503 problem+json itself when the analysis server on loopback `asPort` does not. */
export function relay(request: IncomingMessage, response: ServerResponse, asPort: number): void {
  const upstream = startRequest({
    host: LOOPBACK_ADDRESS,
    port: asPort,
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    headers: pick(request.headers, PASSED_REQUEST_HEADERS),
    timeout: SILENCE_MS,
  });
  upstream.on('response', (reply) => {
    response.writeHead(reply.statusCode ?? 502, pick(reply.headers, PASSED_REPLY_HEADERS));
    // Events are small and far apart: what is known is shown at once.
    response.flushHeaders();
    reply.on('error', () => response.destroy());
    reply.pipe(response);
  });
  upstream.on('timeout', () => upstream.destroy());
  upstream.on('error', () => answerForMissingServer(response, asPort));
  response.on('close', () => upstream.destroy());
  request.on('error', () => upstream.destroy());
  request.pipe(upstream);
}

function answerForMissingServer(response: ServerResponse, asPort: number): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const code = 'peer.unreachable';
  const problem = {
    type: `urn:apparenet:error:${code}`,
    title: 'Another part is not ready for this',
    status: 503,
    detail: `The analysis server does not answer at ${LOOPBACK_ADDRESS}:${asPort}. Start it with "apparenet run" or "systemctl start apparenet-as".`,
    code,
  };
  response.writeHead(503, { 'content-type': 'application/problem+json' });
  response.end(JSON.stringify(problem));
}

function pick(headers: IncomingMessage['headers'], names: readonly string[]): Record<string, string | string[]> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
