// Passes on to the analysis server what the page needs of its API, and nothing else. Shapes and bounds are checked there.
import { request as startRequest } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { LOOPBACK_ADDRESS } from '../model/loopback.js';

const ID = '[0-9A-Z]{4,12}';
const TARGET = '[a-z0-9_-]{1,32}';
const BOX = '[a-z0-9_-]{1,40}';
const USER = '[a-z][a-z0-9._-]{0,31}';
const TOKEN = '[a-z0-9]{8}';
const QUERY = '[a-zA-Z0-9_=&-]{1,200}';
const PASSED: readonly (readonly [string, RegExp])[] = [
  ['GET', /^\/api\/v1\/health$/],
  ['GET', /^\/api\/v1\/reports(\?limit=\d{1,3})?$/],
  ['GET', new RegExp(`^/api/v1/reports/${ID}$`)],
  ['GET', /^\/api\/v1\/examinations$/],
  ['POST', /^\/api\/v1\/examinations$/],
  ['GET', new RegExp(`^/api/v1/examinations/${ID}(/events)?$`)],
  ['DELETE', new RegExp(`^/api/v1/examinations/${ID}$`)],
  ['GET', /^\/api\/v1\/session$/],
  ['POST', /^\/api\/v1\/(session|claim)$/],
  ['DELETE', /^\/api\/v1\/session$/],
  ['PUT', /^\/api\/v1\/session\/password$/],
  ['GET', /^\/api\/v1\/(users|tokens|calendar)$/],
  ['POST', /^\/api\/v1\/(users|tokens)$/],
  ['DELETE', new RegExp(`^/api/v1/(users/${USER}|tokens/${TOKEN})$`)],
  ['PUT', new RegExp(`^/api/v1/users/${USER}/password$`)],
  ['GET', /^\/api\/v1\/(targets|events)$/],
  ['POST', /^\/api\/v1\/targets$/],
  ['DELETE', new RegExp(`^/api/v1/targets/${TARGET}$`)],
  ['GET', new RegExp(`^/api/v1/targets/${TARGET}/history\\?${QUERY}$`)],
  ['GET', new RegExp(`^/api/v1/(incidents|diary)\\?${QUERY}$`)],
  // Of a console.
  ['GET', new RegExp(`^/api/v1/fleet(/events|(/(incidents|diary))?\\?${QUERY})?$`)],
  ['GET', new RegExp(`^/api/v1/fleet/boxes/${BOX}(/targets/${TARGET}/history\\?${QUERY}|/reports/${ID})?$`)],
];
/** Longer than the pause between two signs of life on an event stream, ms. */
const SILENCE_MS = 40_000;
const PASSED_REQUEST_HEADERS = [
  'content-type',
  'content-length',
  'accept',
  'cookie',
  'last-event-id',
  'x-csrf-token',
] as const;
const PASSED_REPLY_HEADERS = ['content-type', 'content-length', 'location', 'retry-after', 'set-cookie'] as const;

export function isRelayed(method: string, url: string): boolean {
  return PASSED.some(([passedMethod, pattern]) => passedMethod === method && pattern.test(url));
}

export function isEncrypted(socket: Socket): boolean {
  return 'encrypted' in socket && socket.encrypted === true;
}

export interface AnalysisServerPlace {
  /** On loopback. */
  readonly asPort: number;
  /** Its socket file, which goes before the port. */
  readonly asSocketPath?: string;
}

/** Answers 503 problem+json itself when the analysis server does not. */
export function relay(request: IncomingMessage, response: ServerResponse, place: AnalysisServerPlace): void {
  const { asPort, asSocketPath } = place;
  const upstream = startRequest({
    ...(asSocketPath === undefined ? { host: LOOPBACK_ADDRESS, port: asPort } : { socketPath: asSocketPath }),
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    // For whom it asks: without it every browser would have the rights of this machine.
    headers: {
      ...pick(request.headers, PASSED_REQUEST_HEADERS),
      'x-forwarded-for': request.socket.remoteAddress ?? 'unknown',
      // So that the session's cookie never travels unencrypted.
      ...(isEncrypted(request.socket) ? { 'x-forwarded-proto': 'https' } : {}),
    },
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
  upstream.on('error', () => answerForMissingServer(response, place));
  response.on('close', () => upstream.destroy());
  request.on('error', () => upstream.destroy());
  request.pipe(upstream);
}

function answerForMissingServer(response: ServerResponse, { asPort, asSocketPath }: AnalysisServerPlace): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const code = 'peer.unreachable';
  const problem = {
    type: `urn:apparenet:error:${code}`,
    title: 'Another part is not ready for this',
    status: 503,
    detail: `The analysis server does not answer at ${asSocketPath ?? `${LOOPBACK_ADDRESS}:${asPort}`}. Start it with "apparenet run" or "systemctl start apparenet-as".`,
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
