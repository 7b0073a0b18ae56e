// What every API of this program is served by: Fastify with our bounds, problems and shapes, on a TCP port and on a socket file.
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import Fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import type { TlsFiles } from '../box/tls/tls-files.js';
import { createListenError } from '../model/loopback.js';
import { listenOnSocketFile } from '../sequencer/control/socket-file.js';
import type { LocalConnections } from './access/caller.js';
import { answerWithProblems, refuseBrokenHttp, sendProblem, translateError } from './http/refusals.js';
import { checkShapes, NO_OTHER_COMPILERS } from './http/shapes.js';

const BODY_LIMIT_BYTES = 16 * 1024;
/** Time a client has to send its whole request, ms. */
const REQUEST_MS = 10_000;
const MAX_CONNECTIONS = 128;

export interface FrameOptions {
  /** PEM; null, or without it, plain HTTP. */
  readonly tls?: TlsFiles | null;
  /** Hears of defects: errors that no request explains. */
  readonly onDefect: (error: unknown) => void;
}

export function createApp({ onDefect, tls }: FrameOptions): FastifyInstance {
  const app = Fastify({
    ...NO_OTHER_COMPILERS,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_MS,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 64 },
    clientErrorHandler: refuseBrokenHttp,
    frameworkErrors: (error, _request, reply) => {
      void sendProblem(reply, translateError(error));
    },
    serverFactory: (handler: RequestListener): Server => createListener(handler, tls ?? null),
  });
  app.server.maxConnections = MAX_CONNECTIONS;
  checkShapes(app);
  answerWithProblems(app, onDefect);
  app.removeContentTypeParser('text/plain');
  return app;
}

function createListener(handler: RequestListener, tls: TlsFiles | null): Server {
  const bounds = { requestTimeout: REQUEST_MS };
  return tls ? createTlsServer({ ...bounds, ...tls }, handler) : createServer(bounds, handler);
}

/** Where it listens, such as `http://127.0.0.1:3238`. @throws DeviceError `device.busy`, PermissionError */
export async function listen(app: FastifyInstance, address: string, port: number): Promise<string> {
  try {
    return await app.listen({ host: address, port, listenTextResolver: (url) => url });
  } catch (cause) {
    await app.close();
    const errno = cause instanceof Error && 'code' in cause ? String(cause.code) : null;
    throw errno === null ? cause : createListenError('the analysis server', port, errno, cause);
  }
}

/** The same API over a file that only root and the service's group may open. */
export async function openLocalServer(
  app: FastifyInstance,
  local: LocalConnections,
  path: string | undefined,
): Promise<Server | null> {
  if (path === undefined) return null;
  const server = createServer({ requestTimeout: REQUEST_MS }, (request, response) => {
    app.routing(request, response);
  });
  server.on('connection', (socket) => local.add(socket));
  await listenOnSocketFile(server, path);
  return server;
}
