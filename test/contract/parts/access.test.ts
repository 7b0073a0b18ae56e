// Log-in over a real server: claiming, sessions, tokens, roles, the limit of attempts, and what stays open to whom.
import assert from 'node:assert/strict';
import { request as startRequest } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { askLocalApi } from '../../../src/main/commands/ask-local-api.js';
import { startAnalysisServer } from '../../../src/server/server.js';
import type { AnalysisServer } from '../../../src/server/server.js';
import { startPageServer } from '../../../src/ui/server.js';
import { startExamination } from '../../../src/analysis/examination/start-examination.js';
import { makeFolder } from './simulated-parts.js';

const PASSWORD = 'many small words';
const JSON_TYPE = { 'content-type': 'application/json' };

interface Box extends AnalysisServer {
  readonly folder: string;
}

async function startBox(context: TestContext, address = '127.0.0.1'): Promise<Box> {
  const folder = makeFolder();
  const server = await startAnalysisServer({
    address,
    port: 0,
    socketPath: join(folder, 'tps.sock'),
    localSocketPath: join(folder, 'as.sock'),
    accessPath: join(folder, 'access.json'),
    loadExamination: () => Promise.resolve(startExamination),
    onDefect: (error) => assert.fail(String(error)),
  });
  context.after(() => server.close());
  // Wildcards are where it listens, not where it can be asked.
  return { ...server, folder, url: server.url.replace('0.0.0.0', '127.0.0.1') };
}

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

async function ask(url: string, method: string, body?: object, headers: Record<string, string> = {}): Promise<Reply> {
  const options = body ? { body: JSON.stringify(body), headers: { ...JSON_TYPE, ...headers } } : { headers };
  const response = await fetch(url, { method, ...options });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? {} : (JSON.parse(text) as Reply['body']),
  };
}

interface LoggedIn {
  readonly cookie: string;
  readonly 'x-csrf-token': string;
}

function readLogIn({ headers, body }: Reply): LoggedIn {
  const cookie = headers.get('set-cookie') ?? '';
  assert.match(cookie, /^apparenet_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
  return { cookie: cookie.split(';', 1)[0] ?? '', 'x-csrf-token': String(body['csrfToken']) };
}

async function claim(box: Box, name = 'ann'): Promise<LoggedIn> {
  const reply = await ask(`${box.url}/api/v1/claim`, 'POST', { code: box.claimCode, name, password: PASSWORD });
  assert.equal(reply.status, 200, JSON.stringify(reply.body));
  return readLogIn(reply);
}

const openPaths = ['/health', '/api/v1/health', '/api/v1/session'];
const closedPaths = ['/api/v1/reports', '/api/v1/examinations', '/openapi.json', '/api/v1/users', '/api/v1/nothing'];

test('whoever claims the box closes it to everybody else', async (context) => {
  const box = await startBox(context);
  assert.equal((await ask(`${box.url}/api/v1/reports`, 'GET')).status, 200);
  assert.equal((await ask(`${box.url}/api/v1/session`, 'GET')).body['state'], 'open');
  const user = { name: 'eve', role: 'admin', password: PASSWORD };
  assert.equal((await ask(`${box.url}/api/v1/users`, 'POST', user)).status, 403, 'open is no way around the claim');
  const me = await claim(box);
  for (const path of closedPaths) {
    const { status, headers, body } = await ask(`${box.url}${path}`, 'GET');
    assert.equal(status, 401, path);
    assert.equal(body['code'], 'access.log-in');
    assert.match(headers.get('www-authenticate') ?? '', /^Bearer/);
  }
  for (const path of openPaths) assert.equal((await ask(`${box.url}${path}`, 'GET')).status, 200, path);
  assert.equal((await ask(`${box.url}/api/v1/health`, 'GET')).body['kept'], undefined, 'details are for who logged in');
  for (const path of closedPaths.slice(0, -1))
    assert.equal((await ask(`${box.url}${path}`, 'GET', undefined, { ...me })).status, 200);
  const again = { code: box.claimCode, name: 'eve', password: PASSWORD };
  assert.equal((await ask(`${box.url}/api/v1/claim`, 'POST', again)).status, 409);
});

test('beyond loopback an unclaimed box is only to be claimed', async (context) => {
  const box = await startBox(context, '0.0.0.0');
  assert.equal((await ask(`${box.url}/api/v1/reports`, 'GET')).status, 401);
  assert.equal((await ask(`${box.url}/api/v1/session`, 'GET')).body['state'], 'unclaimed');
  await claim(box);
});

test('a page on another machine has no rights of this one, whatever the page server is', async (context) => {
  const box = await startBox(context);
  const ask2 = (address: string) => ask(`${box.url}/api/v1/reports`, 'GET', undefined, { 'x-forwarded-for': address });
  assert.equal((await ask2('127.0.0.1')).status, 200);
  assert.equal((await ask2('192.0.2.9')).status, 401);
  const asPort = Number(new URL(box.url).port);
  for (const place of [{ asPort }, { asPort, asSocketPath: join(box.folder, 'as.sock') }]) {
    const ui = await startPageServer({ port: 0, ...place });
    context.after(() => ui.close());
    assert.equal((await ask(`${ui.url}/api/v1/reports`, 'GET')).status, 200);
    assert.equal(
      (await ask(`${ui.url}/api/v1/session`, 'GET')).body['state'],
      'open',
      'not the rights of the socket file',
    );
  }
});

test('a session changes things only with its token, may change its password, and ends', async (context) => {
  const box = await startBox(context);
  const me = await claim(box);
  const token = (headers: Record<string, string>) =>
    ask(`${box.url}/api/v1/tokens`, 'POST', { name: 'x', role: 'viewer' }, headers);
  assert.equal((await token({ cookie: me.cookie })).status, 403);
  assert.equal((await token({ cookie: me.cookie, 'x-csrf-token': 'x'.repeat(43) })).status, 403);
  assert.equal((await token({ ...me })).status, 201);
  const other = readLogIn(await ask(`${box.url}/api/v1/session`, 'POST', { name: 'ann', password: PASSWORD }));
  const change = (current: string) =>
    ask(`${box.url}/api/v1/session/password`, 'PUT', { current, password: 'other small words' }, { ...me });
  assert.equal((await change('wrong words here')).status, 401);
  const renewed = readLogIn(await change(PASSWORD));
  const read = async ({ cookie }: LoggedIn) =>
    (await ask(`${box.url}/api/v1/reports`, 'GET', undefined, { cookie })).status;
  assert.deepEqual([await read(me), await read(other), await read(renewed)], [401, 401, 200]);
  assert.equal((await ask(`${box.url}/api/v1/session`, 'DELETE', undefined, { ...renewed })).status, 204);
  assert.equal(await read(renewed), 401);
});

test('a viewer looks and does not touch; a token is worth its role until it is removed', async (context) => {
  const box = await startBox(context);
  const me = await claim(box);
  await ask(`${box.url}/api/v1/users`, 'POST', { name: 'bob', role: 'viewer', password: PASSWORD }, { ...me });
  const bob = readLogIn(await ask(`${box.url}/api/v1/session`, 'POST', { name: 'bob', password: PASSWORD }));
  const created = await ask(`${box.url}/api/v1/tokens`, 'POST', { name: 'prometheus', role: 'viewer' }, { ...me });
  const viewers: Record<string, string>[] = [{ ...bob }, { authorization: `Bearer ${String(created.body['token'])}` }];
  for (const viewer of viewers) {
    assert.equal((await ask(`${box.url}/api/v1/reports`, 'GET', undefined, viewer)).status, 200);
    assert.equal((await ask(`${box.url}/api/v1/examinations`, 'POST', { target: 'healthy' }, viewer)).status, 403);
    assert.equal((await ask(`${box.url}/api/v1/users`, 'GET', undefined, viewer)).status, 403);
  }
  assert.equal((await ask(`${box.url}/api/v1/users/bob`, 'DELETE', undefined, { ...me })).status, 204);
  await ask(`${box.url}/api/v1/tokens/${String(created.body['id'])}`, 'DELETE', undefined, { ...me });
  for (const viewer of viewers)
    assert.equal((await ask(`${box.url}/api/v1/reports`, 'GET', undefined, viewer)).status, 401);
});

test('wrong log-ins are all answered alike, and soon not at all', async (context) => {
  const box = await startBox(context);
  const me = await claim(box);
  const logIn = (name: string) => ask(`${box.url}/api/v1/session`, 'POST', { name, password: 'some wrong words' });
  const [known, unknown] = [await logIn('ann'), await logIn('nobody')];
  assert.deepEqual([known.status, known.body], [unknown.status, unknown.body]);
  let last = unknown;
  for (let count = 0; count < 10 && last.status === 401; count += 1) last = await logIn('ann');
  assert.equal(last.status, 429);
  assert.ok(Number(last.headers.get('retry-after')) >= 1);
  assert.equal((await ask(`${box.url}/api/v1/session`, 'POST', { name: 'ann', password: PASSWORD })).status, 429);
  const guess = { authorization: `Bearer apn_22222222_${'x'.repeat(43)}` };
  assert.equal((await ask(`${box.url}/api/v1/reports`, 'GET', undefined, guess)).status, 429);
  assert.equal((await ask(`${box.url}/api/v1/reports`, 'GET', undefined, { ...me })).status, 200, 'who is in stays in');
});

test('the socket file needs no password, and helps out who has lost theirs', async (context) => {
  const box = await startBox(context);
  await claim(box);
  const place = { port: 0, asSocketPath: join(box.folder, 'as.sock') };
  const { users } = (await askLocalApi(place, { method: 'GET', path: '/api/v1/users' })) as {
    users: { name: string }[];
  };
  assert.deepEqual(
    users.map(({ name }) => name),
    ['ann'],
  );
  const password = 'other small words';
  await askLocalApi(place, { method: 'PUT', path: '/api/v1/users/ann/password', body: { password } });
  assert.equal((await ask(`${box.url}/api/v1/session`, 'POST', { name: 'ann', password })).status, 200);
  await assert.rejects(askLocalApi(place, { method: 'DELETE', path: '/api/v1/users/ann' }), /only admin/);
});

test('what is refused is problem+json, down to requests that are none', async (context) => {
  const box = await startBox(context);
  const wrongMethod = await ask(`${box.url}/api/v1/reports`, 'PUT', {});
  assert.equal(wrongMethod.status, 405);
  assert.equal(wrongMethod.headers.get('allow'), 'GET, POST');
  for (const [path, init, status] of [
    ['/api/v1/nothing', {}, 404],
    ['/api/v1/reports/%zz', {}, 400],
    ['/api/v1/session', { method: 'POST', headers: JSON_TYPE, body: '{' }, 400],
    ['/api/v1/session', { method: 'POST', headers: JSON_TYPE, body: `"${'x'.repeat(20_000)}"` }, 413],
    ['/api/v1/session', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' }, 415],
  ] as const) {
    const response = await fetch(`${box.url}${path}`, init);
    assert.equal(response.status, status, path);
    assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/, path);
  }
  const type = await new Promise<string | undefined>((resolve, reject) => {
    const request = startRequest(box.url, { headers: { 'x-long': 'x'.repeat(100_000) } }, (response) => {
      response.resume();
      resolve(response.headers['content-type']);
    });
    request.on('error', reject);
    request.end();
  });
  assert.equal(type, 'application/problem+json');
});
