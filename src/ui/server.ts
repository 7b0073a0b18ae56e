// apparenet-ui: serves the page on loopback and relays its API calls. What the page shows is page/.
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import { isIPv6 } from 'node:net';
import { hostname } from 'node:os';
import { createListenError, LOOPBACK_ADDRESS } from '../model/loopback.js';
import { checkOwnHeaders, listOwnNames } from '../model/own-headers.js';
import { VERSION } from '../model/parts.js';
import { isEncrypted, isRelayed, relay } from './api-relay.js';
import type { AnalysisServerPlace } from './api-relay.js';
import { readPageFiles } from './page-files.js';
import type { PageFile } from './page-files.js';

const MAX_CONNECTIONS = 128;
const OWN_NAMES = listOwnNames(hostname());
/** Time a browser has to send its whole request, ms. */
const REQUEST_MS = 10_000;

const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
} as const;

export interface PageServerOptions extends AnalysisServerPlace {
  /** Where to listen; 127.0.0.1 without it. */
  readonly address?: string;
  /** PEM; null, or without it, plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string } | null;
  /** TCP port; 0 lets the kernel choose. */
  readonly port: number;
  /** What is shown first: one box, or the fleet of a console. */
  readonly home?: 'box' | 'fleet';
}

export interface PageServer {
  /** Such as `http://127.0.0.1:3239`. */
  readonly url: string;
  /** For connections from now on; nothing without TLS. */
  renewCertificate(tls: { readonly cert: string; readonly key: string }): void;
  close(): Promise<void>;
}

interface Site {
  readonly files: ReadonlyMap<string, PageFile>;
  readonly place: AnalysisServerPlace;
  readonly startedAtMs: number;
}

/** @throws DeviceError `device.busy` when the port is taken, PermissionError when it may not be had. */
export async function startPageServer(options: PageServerOptions): Promise<PageServer> {
  const files = readPageFiles(options.home ?? 'box');
  const site: Site = { files, place: options, startedAtMs: performance.now() };
  const { tls = null } = options;
  const bounds = { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS };
  const serve = (request: IncomingMessage, response: ServerResponse) => answer(request, response, site);
  const server: Server = tls ? createTlsServer({ ...bounds, ...tls }, serve) : createServer(bounds, serve);
  server.maxConnections = MAX_CONNECTIONS;
  const { address = LOOPBACK_ADDRESS } = options;
  const port = await listen(server, options.port, address);
  return {
    url: `${tls ? 'https' : 'http'}://${isIPv6(address) ? `[${address}]` : address}:${port}`,
    renewCertificate: (renewed) => {
      if (server instanceof TlsServer) server.setSecureContext(renewed);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(request: IncomingMessage, response: ServerResponse, site: Site): void {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
  const method = request.method ?? 'GET';
  const url = request.url ?? '/';
  const scheme = isEncrypted(request.socket) ? 'https' : 'http';
  const place = { port: request.socket.localPort ?? 0, names: OWN_NAMES, scheme } as const;
  if (checkOwnHeaders(request.headers, place) !== null) {
    refuse(response, 421, `This page is served at an address of this machine, or as ${OWN_NAMES.join(' or ')}.`);
    return;
  }
  if (isRelayed(method, url)) {
    response.setHeader('cache-control', 'no-store');
    relay(request, response, site.place);
    return;
  }
  const file = site.files.get(url.split('?', 1)[0] ?? url);
  if (method !== 'GET' && method !== 'HEAD') refuse(response, 405, 'This page can only be read.');
  else if (url === '/health') serveHealth(response, site);
  else if (file) serveFile(request, response, file);
  else refuse(response, 404, 'There is no such page.');
}

/** Of this server alone: the page shows the health of the others itself. */
function serveHealth(response: ServerResponse, { startedAtMs }: Site): void {
  const uptimeSec = Math.round((performance.now() - startedAtMs) / 1000);
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify({ status: 'ok', version: VERSION, uptimeSec, parts: [{ name: 'ui', up: true }] }));
}

function serveFile(request: IncomingMessage, response: ServerResponse, file: PageFile): void {
  response.setHeader('etag', file.etag);
  response.setHeader('cache-control', 'no-cache');
  if (request.headers['if-none-match'] === file.etag) {
    response.writeHead(304).end();
    return;
  }
  response.writeHead(200, { 'content-type': file.type, 'content-length': file.body.length });
  response.end(request.method === 'HEAD' ? undefined : file.body);
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${reason}\n`);
}

function listen(server: Server, port: number, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException) =>
      reject(createListenError("the page's server", port, cause.code ?? 'EIO', cause));
    server.once('error', fail);
    server.listen(port, address, () => {
      server.off('error', fail);
      const place = server.address();
      resolve(typeof place === 'object' && place !== null ? place.port : port);
    });
  });
}
