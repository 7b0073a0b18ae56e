// The gate before every route: was the request meant for this server, who asks, and may they. What the answers are is principal.ts.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AccessError } from '../../model/errors.js';
import { checkOwnHeaders } from '../../model/own-headers.js';
import { createProblem, PROBLEM_TYPE } from '../http/problem.js';
import type { AccessDesk } from './access-desk.js';
import { nameSource, readCaller } from './caller.js';
import type { Caller, LocalConnections } from './caller.js';
import { computeNeed, decide, isOpenTo } from './principal.js';
import type { Need, Principal } from './principal.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route asks of its caller; without it the method decides. */
    need?: Need;
  }
  interface FastifyRequest {
    principal: Principal | null;
    caller: Caller;
  }
}

export interface GateOptions {
  readonly desk: AccessDesk;
  readonly local: LocalConnections;
  readonly onLoopbackOnly: boolean;
  readonly ownNames: readonly string[];
}

const COOKIE = 'apparenet_session';

export function addGate(app: FastifyInstance, options: GateOptions): void {
  app.decorateRequest('principal', null);
  app.decorateRequest('caller');
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    request.caller = readCaller(request.raw, options.local);
    if (refuseMisdirected(request, reply, options)) return reply;
    const need = request.routeOptions.config.need ?? computeNeed(request.method);
    request.principal = await identify(request, need, options);
    switch (decide(request.principal, need)) {
      case 'welcome':
        return undefined;
      case 'log-in':
        throw new AccessError('access.log-in', describeLogIn(options.desk));
      case 'forbidden':
        throw new AccessError('access.role', describeLack(request.principal, need));
    }
  });
}

/** The value of the session's cookie, or null. */
export function readCookie(request: FastifyRequest): string | null {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([name]) => name === COOKIE)?.[1] ?? null;
}

/** Without `secret` the browser forgets it. */
export function setCookie(reply: FastifyReply, caller: Caller, secret: string | null, maxAgeSec: number): void {
  const attributes = ['Path=/', 'HttpOnly', 'SameSite=Strict', `Max-Age=${secret === null ? 0 : maxAgeSec}`];
  if (caller.isEncrypted) attributes.push('Secure');
  reply.header('set-cookie', [`${COOKIE}=${secret ?? ''}`, ...attributes].join('; '));
}

function refuseMisdirected(request: FastifyRequest, reply: FastifyReply, options: GateOptions): boolean {
  const { socket } = request.raw;
  if (options.local.has(socket)) return false;
  const scheme = 'encrypted' in socket && socket.encrypted === true ? 'https' : 'http';
  const port = socket.localPort ?? 0;
  switch (checkOwnHeaders(request.headers, { port, names: options.ownNames, scheme })) {
    case 'host': {
      const detail = `ask for an address of this machine, or one of ${options.ownNames.join(', ')}, at port ${port}`;
      void reply
        .code(421)
        .type(PROBLEM_TYPE)
        .send(createProblem(421, 'usage.unsupported', detail));
      return true;
    }
    case 'origin': {
      const detail = 'pages of other origins may not use this server';
      void reply
        .code(403)
        .type(PROBLEM_TYPE)
        .send(createProblem(403, 'usage.unsupported', detail));
      return true;
    }
    case null:
      return false;
  }
}

async function identify(request: FastifyRequest, need: Need, options: GateOptions): Promise<Principal | null> {
  const { desk, local, onLoopbackOnly } = options;
  const { caller } = request;
  if (local.has(request.raw.socket) && caller.address === null) return { kind: 'local', role: 'admin', name: null };
  const [scheme = '', token = ''] = (request.headers.authorization ?? '').split(' ');
  // A route that asks nothing is no place to try tokens.
  if (scheme.toLowerCase() === 'bearer' && need !== 'nothing') return desk.readToken(token, nameSource(caller));
  const found = desk.readSession(readCookie(request) ?? '');
  if (found) {
    const changes = computeNeed(request.method) === 'act' && need !== 'nothing';
    if (changes) desk.checkCsrf(found.session, readText(request.headers['x-csrf-token']));
    return found.principal;
  }
  const isOpen = isOpenTo({ onLoopbackOnly, claimed: desk.accounts.isClaimed, callerIsHere: caller.isHere });
  return isOpen ? { kind: 'open', role: 'admin', name: null } : null;
}

function readText(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function describeLogIn({ accounts }: AccessDesk): string {
  if (accounts.isClaimed) return 'log in at /api/v1/session, or send a token as "authorization: Bearer apn_…"';
  return 'nobody has claimed this box: POST /api/v1/claim with the code that the analysis server printed at its start';
}

function describeLack(principal: Principal | null, need: Need): string {
  if (need === 'self') return 'only a user who is logged in has a password to change';
  return principal?.kind === 'open' ? 'claim this box first, or ask through its socket file' : 'this takes an admin';
}
