// Requests drawn from the API document itself - right, nearly right and hostile - get no 5xx, and every answer fits the document.
// Run with the seed that a failure prints: FUZZ_SEED=N node --test …
import assert from 'node:assert/strict';
import { request as startRequest } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { startExamination } from '../../../src/analysis/examination/start-examination.js';
import { ConsoleDesk } from '../../../src/console/console-desk.js';
import { FleetHistory } from '../../../src/console/fleet-history.js';
import { History } from '../../../src/history/history.js';
import { ConfigurationDesk } from '../../../src/server/configuration-desk.js';
import { startConsoleServer } from '../../../src/server/fleet/console-server.js';
import { FleetFeed } from '../../../src/server/fleet/fleet-events.js';
import { startAnalysisServer } from '../../../src/server/server.js';
import { SAMPLE_REPORTS } from '../../unit/cli/sample-reports.js';
import { tellEvent, tellInfo, tellMinute } from '../../unit/console/told.js';
import { buildEvent, buildIncident } from '../../unit/history/built-records.js';
import { buildMinute } from '../../unit/mqtt/built-facts.js';
import { makeFolder, startSimulatedTps } from './simulated-parts.js';

type Schema = Readonly<Record<string, unknown>>;
interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly { name: string; in: string; required?: boolean; schema: Schema }[];
  readonly body: Schema | null;
  readonly replies: Readonly<Record<string, { content?: Record<string, { schema: Schema }> }>>;
}

const seed = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const RUNS = 250;
const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true } });

async function startBox(context: TestContext): Promise<string> {
  const folder = makeFolder();
  const socketPath = join(folder, 'tps.sock');
  await startSimulatedTps(context, socketPath);
  const history = await History.open(join(folder, 'history'));
  await history.putIncident(buildIncident('i1', 0, 0));
  for (let atMs = 0; atMs < 5; atMs += 1) await history.addEvent(buildEvent(atMs, null));
  const defects: unknown[] = [];
  const server = await startAnalysisServer({
    port: 0,
    socketPath,
    accessPath: join(folder, 'access.json'),
    history,
    configuration: new ConfigurationDesk(join(folder, 'config.yaml'), () => undefined),
    loadExamination: () => Promise.resolve(startExamination),
    onDefect: (error) => defects.push(error),
  });
  context.after(async () => {
    await server.close();
    await history.close();
    assert.deepEqual(defects, []);
  });
  return server.url;
}

/** With a box of which everything has been told. */
async function startFleet(context: TestContext): Promise<string> {
  const folder = makeFolder();
  const defects: unknown[] = [];
  const onDefect = (error: unknown): void => void defects.push(error);
  const retention = { maxMb: 512, days: 400 };
  const history = await FleetHistory.open({ folder: join(folder, 'fleet'), retention, onStoreError: onDefect });
  const desk = await ConsoleDesk.open({
    ...{ baseTopic: 'apparenet', history, readClockMs: () => 120_000 },
    ...{ onEvent: () => undefined, onStoreError: onDefect },
  });
  const incident = { ...buildIncident('i1', 0, 0), target: 'office' };
  for (const [topic, payload] of [
    ['status', 'online'],
    ['info', tellInfo(0)],
    ['target/office/state', tellMinute(buildMinute('office', { startMs: 0 }), [incident])],
    ['event', tellEvent({ ...buildEvent(1, 'office'), incidentId: 'i1' }, incident)],
    ['report', JSON.stringify({ ...SAMPLE_REPORTS['healthy'], id: 'AAAA', startedAt: '1970-01-01T00:00:00Z' })],
    ['state', 'no JSON'],
  ] as const)
    await desk.take(`apparenet/ann/${topic}`, Buffer.from(payload), false);
  const server = await startConsoleServer({
    ...{ port: 0, fleet: desk, events: new FleetFeed(), onDefect },
    ...{ localSocketPath: join(folder, 'as.sock'), accessPath: join(folder, 'access.json') },
  });
  context.after(async () => {
    await server.close();
    desk.close();
    await history.close();
    assert.deepEqual(defects, []);
  });
  return server.url;
}

async function readOperations(url: string): Promise<Operation[]> {
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as {
    openapi: string;
    paths: Record<string, Record<string, Record<string, unknown>>>;
  };
  assert.match(document.openapi, /^3\.1\./);
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const content = (operation['requestBody'] as { content?: Record<string, { schema: Schema }> } | undefined)
        ?.content;
      return {
        method: method.toUpperCase(),
        path,
        parameters: (operation['parameters'] ?? []) as Operation['parameters'],
        body: content?.['application/json']?.schema ?? null,
        replies: operation['responses'] as Operation['replies'],
      };
    }),
  );
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    '..',
    '%00',
    '\u0000',
    "' OR 1=1",
    '{{7*7}}',
    '🧨'.repeat(20),
    '-1',
    '1e999',
    'null',
    'x'.repeat(3000),
  ),
);
const anything = fc.oneof(
  anyText,
  fc.double(),
  fc.bigInt({ max: 2n ** 80n }).map(Number),
  fc.boolean(),
  fc.constant(null),
  fc.jsonValue(),
);

/** What fits the schema, for the keywords that the document uses. */
function draw(schema: Schema): fc.Arbitrary<unknown> {
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as unknown[]));
  if (Array.isArray(schema['type']))
    return fc.oneof(...(schema['type'] as string[]).map((type) => draw({ ...schema, type })));
  if (schema['type'] === 'null') return fc.constant(null);
  if (schema['type'] === 'array') return fc.array(draw((schema['items'] ?? {}) as Schema), { maxLength: 3 });
  // A choice between a word and an object: mostly the object.
  if (schema['then'] !== undefined) return draw(schema['then'] as Schema);
  if (schema['type'] === 'boolean') return fc.boolean();
  if (schema['type'] === 'integer' || schema['type'] === 'number') {
    const min = Number(schema['minimum'] ?? 0);
    const max = Math.min(Number(schema['maximum'] ?? 1000), 2 ** 31 - 1);
    return schema['type'] === 'integer'
      ? fc.integer({ min: Math.ceil(min), max })
      : fc.double({ min, max, noNaN: true });
  }
  if (schema['type'] === 'object') {
    const properties = Object.entries((schema['properties'] ?? {}) as Record<string, Schema>);
    return fc.record(Object.fromEntries(properties.map(([name, inner]) => [name, draw(inner)])), {
      requiredKeys: (schema['required'] ?? []) as string[],
    });
  }
  const pattern = schema['pattern'];
  const words =
    typeof pattern === 'string'
      ? fc.stringMatching(new RegExp(pattern), { maxLength: 40 })
      : fc.string({ maxLength: 40 });
  return fc.oneof(words, fc.constantFrom('i1', 'healthy', 'unreachable', 'ann', 'office', 'AAAA', 'target-0'));
}

interface Drawn {
  readonly operation: Operation;
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string | null;
}

function drawRequest(operations: readonly Operation[]): fc.Arbitrary<Drawn> {
  return fc.constantFrom(...operations).chain((operation) => {
    const loosely = (schema: Schema) =>
      fc.oneof({ arbitrary: draw(schema), weight: 3 }, { arbitrary: anything, weight: 1 });
    const given = fc.record(
      Object.fromEntries(operation.parameters.map(({ name, schema }) => [name, loosely(schema)])),
      { requiredKeys: operation.parameters.filter((one) => one.in === 'path').map(({ name }) => name) },
    );
    const json = (value: unknown) => JSON.stringify(value);
    const text = operation.body
      ? fc.oneof(
          { arbitrary: draw(operation.body).map(json), weight: 4 },
          {
            arbitrary: fc
              .tuple(draw(operation.body), anyText, anything)
              .map(([body, key, value]) => json({ ...(body as object), [key]: value })),
            weight: 2,
          },
          { arbitrary: anything.map(json), weight: 1 },
          {
            arbitrary: fc.constantFrom(
              '{',
              '"\\ud800"',
              '[[[[',
              '{"__proto__":{"a":1}}',
              '\ufeff{}',
              `"${'x'.repeat(20_000)}"`,
            ),
            weight: 1,
          },
        )
      : fc.constant(null);
    const type = fc.oneof(
      { arbitrary: fc.constant('application/json'), weight: 8 },
      {
        arbitrary: fc.constantFrom('text/plain', 'application/json; charset=utf-16', 'x', 'multipart/form-data'),
        weight: 1,
      },
    );
    const method = fc.oneof(
      { arbitrary: fc.constant(operation.method), weight: 9 },
      { arbitrary: fc.constantFrom('GET', 'PUT', 'PATCH', 'HEAD', 'OPTIONS'), weight: 1 },
    );
    const cookie = fc.option(fc.constantFrom('apparenet_session=', 'apparenet_session=x; a', ';;=', '='.repeat(500)), {
      nil: null,
    });
    return fc.tuple(given, text, type, method, cookie).map(([values, body, contentType, chosen, cookieText]) => {
      let path = operation.path;
      const query: string[] = [];
      for (const { name, in: place } of operation.parameters) {
        const value = values[name];
        if (value === undefined || place === 'header') continue;
        const word = encodeLoosely(typeof value === 'string' ? value : JSON.stringify(value));
        if (place === 'path') path = path.replace(`{${name}}`, () => word);
        else query.push(`${name}=${word}`);
      }
      const headers = {
        ...(body === null ? {} : { 'content-type': contentType }),
        ...(cookieText === null ? {} : { cookie: cookieText }),
      };
      return { operation, method: chosen, url: query.length > 0 ? `${path}?${query.join('&')}` : path, headers, body };
    });
  });
}

/** Lone surrogates have no UTF-8. */
function encodeLoosely(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

function send(url: string, { method, url: path, headers, body }: Drawn): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const length = body === null ? {} : { 'content-length': Buffer.byteLength(body) };
    const request = startRequest(url, { method, path, headers: { ...headers, ...length } }, (response) => {
      const { statusCode: status = 0, headers: got } = response;
      const type = (got['content-type'] ?? '').split(';', 1)[0] ?? '';
      // A stream has no end to wait for.
      if (type === 'text/event-stream') {
        response.destroy();
        resolve({ status, type, text: '' });
        return;
      }
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve({ status, type, text }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body ?? undefined);
  });
}

function check(drawn: Drawn, { status, type, text }: Reply): void {
  const words = `seed ${seed}: ${drawn.method} ${drawn.url} ${drawn.body?.slice(0, 200) ?? ''} -> ${status} ${type} ${text.slice(0, 300)}`;
  // Too many examinations at once, or a target that cannot be reached, are no defects.
  if (status >= 500) assert.ok([502, 503].includes(status) && type === 'application/problem+json', words);
  if (drawn.method === 'HEAD') return;
  if (drawn.method !== drawn.operation.method || status === 404 || status === 400) {
    if (status >= 400) assert.equal(type, 'application/problem+json', words);
    return;
  }
  const reply = drawn.operation.replies[String(status)];
  assert.ok(reply, `not in the document: ${words}`);
  if (status === 204) {
    assert.equal(text, '', words);
    return;
  }
  const content = reply.content?.[type];
  assert.ok(content, `not in the document as ${type}: ${words}`);
  if (!type.endsWith('json')) return;
  const fits = ajv.compile(content.schema);
  assert.ok(fits(JSON.parse(text)), `${JSON.stringify(fits.errors)} ${words}`);
}

const SERVERS = { box: { start: startBox, least: 25 }, console: { start: startFleet, least: 15 } };
for (const [whose, { start, least }] of Object.entries(SERVERS)) {
  test(`no request drawn from the document of a ${whose} gets a defect, and each answer fits it`, async (context) => {
    const url = await start(context);
    const operations = await readOperations(url);
    assert.ok(operations.length >= least, `${operations.length} operations`);
    const property = fc.asyncProperty(drawRequest(operations), async (drawn) => check(drawn, await send(url, drawn)));
    await fc.assert(property, { seed, numRuns: RUNS, endOnFailure: true, includeErrorInReport: true });
  });

  test(`the document of a ${whose} names each operation once, and every route is in it`, async (context) => {
    await checkDocument(await start(context));
  });
}

async function checkDocument(url: string): Promise<void> {
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { operationId?: string; summary?: string; responses: object }>>;
  };
  const all = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  const ids = all.map(({ operationId }) => operationId);
  assert.equal(new Set(ids).size, all.length);
  for (const { operationId, summary, responses } of all) {
    assert.ok(operationId && summary, JSON.stringify({ operationId, summary }));
    assert.ok(Object.keys(responses).includes('500'), operationId);
  }
}
