// The analysis server over a real sequencer with simulated paths: its API, its guard against strangers, and what it does when
// the sequencer dies.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request as startRequest } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { computeDefaultBudget } from '../../../src/model/examination.js';
import type { Report } from '../../../src/model/report.js';
import { MAX_OPEN } from '../../../src/server/examination-desk.js';
import type { ExaminationRecord } from '../../../src/server/examination-desk.js';
import type { Problem } from '../../../src/server/http/problem.js';
import { startChild } from './child.js';
import { makeFolder, startSimulatedTps, startTestAs } from './simulated-parts.js';

const JSON_TYPE = { 'content-type': 'application/json' };

async function startBoth(context: TestContext): Promise<string> {
  const socketPath = join(makeFolder(), 'tps.sock');
  await startSimulatedTps(context, socketPath);
  return (await startTestAs(context, socketPath)).url;
}

async function order(url: string, body: object, query = ''): Promise<Response> {
  return fetch(`${url}/api/v1/examinations${query}`, {
    method: 'POST',
    headers: JSON_TYPE,
    body: JSON.stringify(body),
  });
}

async function readRecord(url: string, id: string): Promise<ExaminationRecord> {
  return (await (await fetch(`${url}/api/v1/examinations/${id}`)).json()) as ExaminationRecord;
}

async function waitForEnd(url: string, id: string): Promise<ExaminationRecord> {
  for (;;) {
    const record = await readRecord(url, id);
    if (record.state !== 'queued' && record.state !== 'running') return record;
  }
}

/** With any headers, which fetch does not allow. */
function askWith(url: string, headers: Record<string, string>, method = 'GET', body = ''): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = startRequest(url, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject);
    request.end(body);
  });
}

test('waiting for an examination gives a report of the published shape', async (context) => {
  const url = await startBoth(context);
  const response = await order(url, { target: 'healthy' }, '?wait=true');
  assert.equal(response.status, 200);
  const report = (await response.json()) as Report;
  const schema = JSON.parse(readFileSync('docs/report.schema.json', 'utf8')) as object;
  const validate = new Ajv2020({ strict: false, formats: { 'date-time': true } }).compile(schema);
  assert.ok(validate(report), JSON.stringify(validate.errors));
  assert.equal(report.verdict, 'ok');
  const { reports } = (await (await fetch(`${url}/api/v1/reports`)).json()) as { reports: Report[] };
  assert.deepEqual(reports, [report]);
  assert.deepEqual(await (await fetch(`${url}/api/v1/reports/${report.id}`)).json(), report);
});

test('an order is accepted at once, followed by events, and ends in its report', async (context) => {
  const url = await startBoth(context);
  const accepted = await order(url, { target: 'slow-unreachable', depth: 'quick' });
  assert.equal(accepted.status, 202);
  const { id } = (await accepted.json()) as ExaminationRecord;
  assert.equal(accepted.headers.get('location'), `/api/v1/examinations/${id}`);
  const events = await (await fetch(`${url}/api/v1/examinations/${id}/events`)).text();
  const records = events
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => JSON.parse(line.slice(6)) as ExaminationRecord);
  assert.ok(records.length >= 2, events);
  assert.equal(records.at(-1)?.state, 'done');
  assert.equal(records.at(-1)?.report?.verdict, 'critical');
  assert.deepEqual(await readRecord(url, id), records.at(-1));
});

test('an order may say everything that the command line may, and what it leaves out is filled in by quantity', async (context) => {
  const url = await startBoth(context);
  const orderOf = async (body: object) => ((await (await order(url, body)).json()) as ExaminationRecord).order;
  const whole = {
    target: 'healthy',
    via: 'stamp',
    port: 'sim0',
    quantity: 'maximum',
    depth: 'quick',
    maxSeconds: 3,
    maxBytes: 2_000_000,
    maxLinkShare: 0.1,
  };
  assert.deepEqual(await orderOf(whole), whole);
  for (const quantity of ['loss', 'responsiveness'] as const) {
    const { maxSeconds, maxBytes } = await orderOf({ target: 'healthy', quantity });
    assert.deepEqual({ maxSeconds, maxBytes }, computeDefaultBudget('normal', quantity));
  }
});

test('what an examination is to cost and has spent is told, and stays within its order', async (context) => {
  const url = await startBoth(context);
  const body = { target: 'healthy', quantity: 'capacity', maxBytes: 400_000 };
  const { id } = (await (await order(url, body)).json()) as ExaminationRecord;
  const { report, plan, spent } = await waitForEnd(url, id);
  assert.deepEqual(spent, report?.cost);
  assert.equal(plan?.most.bytes, body.maxBytes);
  assert.ok(spent.bytes > 0 && spent.bytes <= body.maxBytes, `${spent.bytes} bytes`);
});

test('reports come newest first and no more than asked for', async (context) => {
  const url = await startBoth(context);
  const ids: string[] = [];
  for (const target of ['healthy', 'unreachable', 'healthy']) {
    ids.unshift(((await (await order(url, { target }, '?wait=true')).json()) as Report).id);
  }
  const { reports } = (await (await fetch(`${url}/api/v1/reports?limit=2`)).json()) as { reports: Report[] };
  assert.deepEqual(
    reports.map(({ id }) => id),
    ids.slice(0, 2),
  );
});

test('a canceled examination stops and keeps what it knows', async (context) => {
  const url = await startBoth(context);
  const { id } = (await (await order(url, { target: 'slow-healthy' })).json()) as ExaminationRecord;
  while ((await readRecord(url, id)).state === 'queued');
  const response = await fetch(`${url}/api/v1/examinations/${id}`, { method: 'DELETE' });
  assert.equal(response.status, 202);
  assert.equal((await waitForEnd(url, id)).state, 'canceled');
});

test('one that waits and hangs up cancels what only it knew of', async (context) => {
  const url = await startBoth(context);
  const controller = new AbortController();
  const waiting = fetch(`${url}/api/v1/examinations?wait=true`, {
    method: 'POST',
    headers: JSON_TYPE,
    body: JSON.stringify({ target: 'slow-healthy' }),
    signal: controller.signal,
  });
  const readOpen = async (): Promise<ExaminationRecord[]> => {
    const answer = (await (await fetch(`${url}/api/v1/examinations`)).json()) as { examinations: ExaminationRecord[] };
    return answer.examinations;
  };
  let open = await readOpen();
  while (open[0]?.state !== 'running') open = await readOpen();
  controller.abort();
  await assert.rejects(waiting, { name: 'AbortError' });
  assert.equal((await waitForEnd(url, open[0].id)).state, 'canceled');
});

test('examinations on one port follow one another; too many are refused with when to come again', async (context) => {
  const url = await startBoth(context);
  const ids: string[] = [];
  for (let count = 0; count < MAX_OPEN; count += 1) {
    ids.push(((await (await order(url, { target: 'slow-unreachable' })).json()) as ExaminationRecord).id);
  }
  const refused = await order(url, { target: 'slow-unreachable' });
  assert.equal(refused.status, 503);
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  assert.equal(((await refused.json()) as Problem).code, 'device.busy');
  const states = (await Promise.all(ids.map((id) => readRecord(url, id)))).map(({ state }) => state);
  assert.ok(states.filter((state) => state === 'running').length <= 1, states.join());
  await Promise.all(ids.map((id) => fetch(`${url}/api/v1/examinations/${id}`, { method: 'DELETE' })));
  await Promise.all(ids.map((id) => waitForEnd(url, id)));
  assert.equal((await order(url, { target: 'healthy' })).status, 202);
});

test('what is malformed is refused as problem+json', async (context) => {
  const url = await startBoth(context);
  const cases: readonly (readonly [body: object, words: RegExp])[] = [
    [{}, /^body must have required property 'target'$/],
    [[], /^body must be object$/],
    [{ target: '' }, /^body\/target must NOT have fewer than 1 characters$/],
    [{ target: 'a b' }, /^body\/target must be one word, without white space$/],
    [{ target: 'x'.repeat(300) }, /more than 255/],
    [{ target: 'x', depth: 'bottomless' }, /^body\/depth must be one of quick, normal, deep$/],
    [{ target: 'x', quantity: 'weight' }, /^body\/quantity must be one of capacity, available, /],
    [{ target: 'x', via: 'pigeon' }, /^body\/via must be one of auto, /],
    [{ target: 'x', port: 'a b' }, /^body\/port must be one word, without white space$/],
    [{ target: 'x', maxLinkShare: 10 }, /^body\/maxLinkShare must be <= 1$/],
    [{ target: 'x', maxLinkShare: 0 }, /^body\/maxLinkShare must be >= 0\.01$/],
    [{ target: 'x', maxSeconds: 3601 }, /^body\/maxSeconds must be <= 3600$/],
    [{ target: 'x', maxSeconds: '5' }, /^body\/maxSeconds must be integer$/],
    [{ target: 'x', maxBytes: 0 }, /^body\/maxBytes must be >= 1$/],
    [{ target: 'x', colour: 'red' }, /^body has an unknown field "colour"$/],
  ];
  for (const [body, words] of cases) {
    const response = await order(url, body);
    assert.equal(response.status, 400, JSON.stringify(body));
    assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
    const { code, detail } = (await response.json()) as Problem;
    assert.equal(code, 'usage.argument');
    assert.match(detail, words);
  }
  assert.equal((await order(url, { target: 'x', port: 'y'.repeat(20_000) })).status, 413);
  assert.equal((await order(url, { target: 'no-such-scenario' }, '?wait=true')).status, 400);
  assert.equal((await fetch(`${url}/api/v1/examinations/ZZZZZ`)).status, 404);
  assert.equal((await fetch(`${url}/api/v1/reports/%2e%2e`)).status, 404);
  assert.equal((await fetch(`${url}/api/v1/reports?limit=1000`)).status, 400);
});

test('other names, other origins and other content types are refused', async (context) => {
  const url = await startBoth(context);
  const host = new URL(url).host;
  assert.equal(await askWith(`${url}/health`, { host }), 200);
  assert.equal(await askWith(`${url}/health`, { host: host.replace('127.0.0.1', 'localhost') }), 200);
  for (const stranger of [
    'attacker.example',
    `attacker.example:${new URL(url).port}`,
    '127.0.0.1.attacker.example',
    '127.0.0.1:1',
  ]) {
    assert.equal(await askWith(`${url}/api/v1/reports`, { host: stranger }), 421, stranger);
  }
  const body = JSON.stringify({ target: 'healthy' });
  const post = (headers: Record<string, string>) =>
    askWith(`${url}/api/v1/examinations`, { host, ...headers }, 'POST', body);
  assert.equal(await post({ ...JSON_TYPE, origin: 'http://attacker.example' }), 403);
  assert.equal(await post({ ...JSON_TYPE, origin: 'null' }), 403);
  assert.equal(await post({ 'content-type': 'text/plain' }), 415);
  assert.equal(await post({ 'content-type': 'application/x-www-form-urlencoded' }), 415);
  assert.equal(await post({ ...JSON_TYPE, origin: `http://${host}` }), 202);
});

test('a sequencer killed in the middle is reported, and used again when it is back', async (context) => {
  const socketPath = join(makeFolder(), 'tps.sock');
  const startTps = async () => {
    const child = startChild(context, './tps-process.js', [socketPath]);
    await child.waitForLine(/ready/);
    return child;
  };
  const first = await startTps();
  const { url } = await startTestAs(context, socketPath);
  const { id } = (await (await order(url, { target: 'slow-healthy' })).json()) as ExaminationRecord;
  while ((await readRecord(url, id)).phase === null);
  first.kill('SIGKILL');
  const record = await waitForEnd(url, id);
  const words = JSON.stringify(record.problem ?? record.report?.limits);
  assert.match(words, /sequencer/);
  const health = (await (await fetch(`${url}/health`)).json()) as { status: string; parts: { up: boolean }[] };
  assert.equal(health.status, 'degraded');
  const refused = await order(url, { target: 'healthy' }, '?wait=true');
  assert.equal(refused.status, 503);
  assert.equal(((await refused.json()) as Problem).code, 'peer.unreachable');
  await first.ended;
  await startTps();
  assert.equal((await order(url, { target: 'healthy' }, '?wait=true')).status, 200);
});
