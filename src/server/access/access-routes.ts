// /api/v1/claim, session, users and tokens. Who may use which is in each route's `need`.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { problemReplies } from '../http/problem-replies.js';
import type { AccessDesk, LoggedIn } from './access-desk.js';
import {
  CLAIM_CODE_SCHEMA,
  CLAIM_SCHEMA,
  LOG_IN_SCHEMA,
  NAME_PARAMS_SCHEMA,
  NEW_PASSWORD_SCHEMA,
  NEW_TOKEN_SCHEMA,
  NEW_USER_SCHEMA,
  NOTHING_SCHEMA,
  OWN_PASSWORD_SCHEMA,
  SESSION_SCHEMA,
  SHOWN_TOKEN_SCHEMA,
  TOKEN_PARAMS_SCHEMA,
  TOKENS_SCHEMA,
  USER_SCHEMA,
  USERS_SCHEMA,
} from './access-schemas.js';
import type { NewUser } from './accounts.js';
import { nameSource } from './caller.js';
import { readCookie, setCookie } from './gate.js';
import type { Role } from '../../model/access-role.js';
import { SESSION_LIFE_MS } from './sessions.js';

const TAGS = ['access'];

export function addAccessRoutes(app: FastifyInstance, desk: AccessDesk): void {
  addSessionRoutes(app, desk);
  addUserRoutes(app, desk);
  addTokenRoutes(app, desk);
}

function addSessionRoutes(app: FastifyInstance, desk: AccessDesk): void {
  const entry = { tags: TAGS, response: { 200: SESSION_SCHEMA, ...problemReplies(400, 401, 409, 413, 415, 429) } };
  app.post<{ Body: { code: string; name: string; password: string } }>(
    '/api/v1/claim',
    {
      config: { need: 'nothing' },
      schema: {
        ...entry,
        operationId: 'claim',
        summary: 'Become the first admin of an unclaimed box',
        body: CLAIM_SCHEMA,
      },
    },
    async (request, reply) => welcome(request, reply, await desk.claim(request.body, nameSource(request.caller))),
  );
  app.get(
    '/api/v1/claim',
    {
      config: { need: 'keys' },
      schema: {
        tags: TAGS,
        operationId: 'readClaimCode',
        summary: 'The claim code, for whoever asks on the box itself',
        response: { 200: CLAIM_CODE_SCHEMA, ...problemReplies(401, 403) },
      },
    },
    () => ({ claimCode: desk.claimCode }),
  );
  app.post<{ Body: { name: string; password: string } }>(
    '/api/v1/session',
    {
      config: { need: 'nothing' },
      schema: { ...entry, operationId: 'logIn', summary: 'Log in with a password', body: LOG_IN_SCHEMA },
    },
    async (request, reply) => {
      const { name, password } = request.body;
      return welcome(request, reply, await desk.logIn(name, password, nameSource(request.caller)));
    },
  );
  app.get(
    '/api/v1/session',
    {
      config: { need: 'nothing' },
      schema: { ...entry, operationId: 'readSession', summary: 'Who is asking, and what the box asks of them' },
    },
    (request) => describeSession(request, desk),
  );
  app.delete(
    '/api/v1/session',
    {
      config: { need: 'self' },
      schema: {
        tags: TAGS,
        operationId: 'logOut',
        summary: 'Log out',
        response: { 204: NOTHING_SCHEMA, ...problemReplies(401, 403) },
      },
    },
    (request, reply) => {
      desk.logOut(readCookie(request) ?? '');
      setCookie(reply, request.caller, null, 0);
      return reply.code(204).send();
    },
  );
  app.put<{ Body: { current: string; password: string } }>(
    '/api/v1/session/password',
    {
      config: { need: 'self' },
      schema: {
        ...entry,
        response: { 200: SESSION_SCHEMA, ...problemReplies(400, 401, 403, 413, 415, 429) },
        operationId: 'changeOwnPassword',
        summary: 'Change your password; every other session of yours ends',
        body: OWN_PASSWORD_SCHEMA,
      },
    },
    async (request, reply) => {
      const { current, password: next } = request.body;
      const name = request.principal?.name ?? '';
      return welcome(request, reply, await desk.changeOwnPassword(name, { current, next }, nameSource(request.caller)));
    },
  );
}

function addUserRoutes(app: FastifyInstance, desk: AccessDesk): void {
  const refusals = problemReplies(400, 401, 403, 404, 413, 415);
  const config = { need: 'keys' } as const;
  app.get(
    '/api/v1/users',
    {
      config,
      schema: { tags: TAGS, operationId: 'listUsers', summary: 'Users', response: { 200: USERS_SCHEMA, ...refusals } },
    },
    () => ({ users: desk.accounts.listUsers() }),
  );
  app.post<{ Body: NewUser }>(
    '/api/v1/users',
    {
      config,
      schema: {
        tags: TAGS,
        operationId: 'addUser',
        summary: 'Add a user',
        body: NEW_USER_SCHEMA,
        response: { 201: USER_SCHEMA, ...refusals },
      },
    },
    async (request, reply) => reply.code(201).send(await desk.accounts.addUser(request.body, Date.now())),
  );
  app.delete<{ Params: { name: string } }>(
    '/api/v1/users/:name',
    {
      config,
      schema: {
        tags: TAGS,
        operationId: 'removeUser',
        summary: 'Remove a user; their sessions end',
        params: NAME_PARAMS_SCHEMA,
        response: { 204: NOTHING_SCHEMA, ...refusals },
      },
    },
    (request, reply) => {
      desk.removeUser(request.params.name);
      return reply.code(204).send();
    },
  );
  app.put<{ Params: { name: string }; Body: { password: string } }>(
    '/api/v1/users/:name/password',
    {
      config,
      schema: {
        tags: TAGS,
        operationId: 'setPassword',
        summary: 'Give a user a new password; their sessions end',
        params: NAME_PARAMS_SCHEMA,
        body: NEW_PASSWORD_SCHEMA,
        response: { 204: NOTHING_SCHEMA, ...refusals },
      },
    },
    async (request, reply) => {
      await desk.setPassword(request.params.name, request.body.password);
      return reply.code(204).send();
    },
  );
}

function addTokenRoutes(app: FastifyInstance, desk: AccessDesk): void {
  const refusals = problemReplies(400, 401, 403, 413, 415);
  const config = { need: 'keys' } as const;
  app.get(
    '/api/v1/tokens',
    {
      config,
      schema: {
        tags: TAGS,
        operationId: 'listTokens',
        summary: 'Tokens, without what they are',
        response: { 200: TOKENS_SCHEMA, ...refusals },
      },
    },
    () => ({ tokens: desk.accounts.listTokens() }),
  );
  app.post<{ Body: { name: string; role: Role } }>(
    '/api/v1/tokens',
    {
      config,
      schema: {
        tags: TAGS,
        operationId: 'createToken',
        summary: 'Make a token for a program; it is shown only now',
        body: NEW_TOKEN_SCHEMA,
        response: { 201: SHOWN_TOKEN_SCHEMA, ...refusals },
      },
    },
    async (request, reply) => {
      const { text: token, ...facts } = await desk.accounts.createToken(
        request.body.name,
        request.body.role,
        Date.now(),
      );
      return reply.code(201).send({ ...facts, token });
    },
  );
  app.delete<{ Params: { id: string } }>(
    '/api/v1/tokens/:id',
    {
      config,
      schema: {
        tags: TAGS,
        operationId: 'removeToken',
        summary: 'Remove a token; it is worth nothing from now on',
        params: TOKEN_PARAMS_SCHEMA,
        response: { 204: NOTHING_SCHEMA, ...refusals },
      },
    },
    (request, reply) => {
      desk.accounts.removeToken(request.params.id);
      return reply.code(204).send();
    },
  );
}

function welcome(request: FastifyRequest, reply: FastifyReply, { user, session, secret }: LoggedIn): object {
  setCookie(reply, request.caller, secret, SESSION_LIFE_MS / 1000);
  const { name, role } = user;
  return { state: 'in', user: { name, role }, csrfToken: session.csrfToken };
}

function describeSession(request: FastifyRequest, desk: AccessDesk): object {
  const found = desk.readSession(readCookie(request) ?? '');
  if (found) {
    const { name, role } = found.principal;
    return { state: 'in', user: { name, role }, csrfToken: found.session.csrfToken };
  }
  if (desk.accounts.isClaimed) return { state: 'log-in' };
  return { state: request.principal?.kind === 'open' ? 'open' : 'unclaimed' };
}
