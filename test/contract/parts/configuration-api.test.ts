// Targets, schedule and configuration over a real server and a real file: who may change what, that people's comments stay, that
// the words of a refusal are those of the command line, and that a change is told to whoever lives from the configuration.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { startExamination } from '../../../src/analysis/examination/start-examination.js';
import type { Configuration } from '../../../src/model/configuration.js';
import { ConfigurationDesk } from '../../../src/server/configuration-desk.js';
import { startAnalysisServer } from '../../../src/server/server.js';
import { runProgram } from '../../unit/cli/run-program.js';
import { makeFolder } from './simulated-parts.js';

const WRITTEN = `# kept by hand
targets:
  # the way out
  - name: gateway
    address: gateway # whichever it is
    intervalMs: 250
schedule:
  - name: nightly
    at: "30 3 * * *"
    targets: [gateway]
`;

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function startBox(context: TestContext, written = WRITTEN, clock?: { spent: number }) {
  const folder = makeFolder();
  const path = join(folder, 'config.yaml');
  writeFileSync(path, written);
  const told: Configuration[] = [];
  const month = { startedMs: 0, bytes: clock?.spent ?? 0, mostBytes: 2e9 };
  const server = await startAnalysisServer({
    port: 0,
    socketPath: join(folder, 'tps.sock'),
    accessPath: join(folder, 'access.json'),
    configuration: new ConfigurationDesk(path, (configuration) => told.push(configuration)),
    readStanding: clock
      ? () => ({
          timeZone: 'UTC',
          jobs: [],
          working: null,
          waiting: [],
          quietHours: [],
          spent: { day: { ...month, mostBytes: 2e8 }, month },
        })
      : null,
    loadExamination: () => Promise.resolve(startExamination),
    onDefect: (error) => assert.fail(String(error)),
  });
  context.after(() => server.close());
  const ask = async (
    method: string,
    way: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(`${server.url}/api/v1/${way}`, {
      method,
      headers: { ...type, ...headers },
      ...content,
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Answer['body']) };
  };
  return { path, told, ask, server, read: () => readFileSync(path, 'utf8') };
}

test('a target is added, changed and removed in the file, around the comments in it', async (context) => {
  const { ask, read, told } = await startBox(context);
  const added = await ask('POST', 'targets', { name: 'office', address: '192.0.2.1', segment: 'provider' });
  assert.equal(added.status, 201);
  assert.deepEqual([added.body['intervalMs'], added.body['thresholds']], [500, 'learn'], 'with its defaults');
  const put = { address: 'gateway', thresholds: { rttMs: 20 } };
  assert.equal((await ask('PUT', 'targets/gateway', put)).status, 200);
  assert.equal((await ask('PUT', 'targets/dns', { address: '192.0.2.53' })).status, 201);
  assert.equal((await ask('DELETE', 'targets/office')).status, 204);
  assert.equal((await ask('DELETE', 'targets/office')).status, 404);
  assert.equal((await ask('GET', 'targets/office')).status, 404);
  const text = read();
  for (const comment of ['# kept by hand', '# the way out']) assert.ok(text.includes(comment), text);
  assert.doesNotMatch(text, /intervalMs/, 'what the body leaves out is the default again');
  const { body } = await ask('GET', 'targets');
  const listed = body['targets'] as { name: string; watched: { thresholds: unknown; intervalMs: number } }[];
  assert.deepEqual(
    listed.map(({ name, watched }) => [name, watched.thresholds, watched.intervalMs]),
    [
      ['gateway', { rttMs: 20 }, 500],
      ['dns', 'learn', 500],
    ],
  );
  assert.deepEqual(
    told.map(({ targets }) => targets.map(({ name }) => name)),
    [
      ['gateway', 'office'],
      ['gateway', 'office'],
      ['gateway', 'office', 'dns'],
      ['gateway', 'dns'],
    ],
  );
});

test('a refusal is the same sentence as on the command line, and changes nothing', async (context) => {
  const { ask, read, path, told } = await startBox(context);
  const cases: readonly [string, Record<string, unknown>, readonly string[]][] = [
    ['targets', { name: 'Office', address: '192.0.2.1' }, ['targets', 'add', 'Office', '192.0.2.1']],
    ['targets', { name: 'gateway', address: '192.0.2.1' }, ['targets', 'add', 'gateway', '192.0.2.1']],
    ['targets', { name: 'x', address: 'a b' }, ['targets', 'add', 'x', 'a b']],
    ['schedule', { name: 'x', at: '61 * * * *' }, ['schedule', 'add', 'x', '61 * * * *']],
    [
      'schedule',
      { name: 'x', at: '1 * * * *', targets: ['gatewy'] },
      ['schedule', 'add', 'x', '1 * * * *', '--targets', 'gatewy'],
    ],
  ];
  for (const [way, body, words] of cases) {
    const refused = await ask('POST', way, body);
    assert.equal(refused.status, 400, JSON.stringify(refused));
    assert.equal(refused.body['code'], 'config.invalid');
    const { stderr } = await runProgram([...words, '--config', path]);
    assert.ok(stderr.includes(String(refused.body['detail'])), `${stderr} against ${String(refused.body['detail'])}`);
  }
  assert.equal((await ask('DELETE', 'targets/gateway')).status, 400, 'the schedule needs it');
  assert.equal((await ask('PUT', 'targets/gateway', { name: 'other', address: 'gateway' })).status, 400);
  assert.equal((await ask('PUT', 'targets/gateway', [])).status, 400);
  assert.equal(read(), WRITTEN);
  assert.deepEqual(told, []);
});

test('the schedule and the rest of the configuration are changed key by key', async (context) => {
  const { ask, read } = await startBox(context);
  assert.equal((await ask('PUT', 'schedule/nightly', { at: '0 4 * * *' })).status, 200);
  assert.equal((await ask('POST', 'schedule', { name: 'lunch', at: '0 12 * * mon-fri' })).status, 201);
  assert.equal((await ask('DELETE', 'schedule/lunch')).status, 204);
  const patched = await ask('PATCH', 'configuration', { budget: { dayMb: 50 }, timeZone: 'Europe/Berlin' });
  assert.deepEqual(
    [patched.status, patched.body['budget']],
    [200, { dayMb: 50, monthMb: 2000, linkSharePercent: 100 }],
  );
  const wrong = await ask('PATCH', 'configuration', { budget: { dayMb: -1 }, timeZone: 'UTC' });
  assert.deepEqual([wrong.status, wrong.body['field']], [400, 'budget.dayMb']);
  const back = await ask('PATCH', 'configuration', { budget: null, quietHours: [{ from: '08:00', to: '18:00' }] });
  assert.deepEqual((back.body['budget'] as { dayMb: number }).dayMb, 200);
  assert.match(read(), /timeZone: Europe\/Berlin/);
  assert.deepEqual((await ask('GET', 'schedule')).body, {
    timeZone: 'Europe/Berlin',
    schedule: [{ name: 'nightly', at: '0 4 * * *', targets: [], depth: 'deep', enabled: true }],
  });
});

test('a file that somebody broke by hand is said to be broken, and left alone', async (context) => {
  const { ask, read } = await startBox(context, 'targets:\n  - name: x\n');
  for (const answer of [
    await ask('GET', 'targets'),
    await ask('POST', 'targets', { name: 'y', address: '192.0.2.1' }),
    await ask('PATCH', 'configuration', { timeZone: 'UTC' }),
  ]) {
    assert.deepEqual([answer.status, answer.body['code']], [409, 'config.file']);
    assert.match(String(answer.body['detail']), /targets\[0\].*address/);
  }
  assert.equal(read(), 'targets:\n  - name: x\n');
});

test('a viewer sees the targets and changes nothing', async (context) => {
  const { ask, server, read } = await startBox(context);
  const password = 'many small words';
  const claimed = await fetch(`${server.url}/api/v1/claim`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: server.claimCode, name: 'ann', password }),
  });
  const cookie = (claimed.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
  const { csrfToken } = (await claimed.json()) as { csrfToken: string };
  const made = await ask('POST', 'tokens', { name: 'x', role: 'viewer' }, { cookie, 'x-csrf-token': csrfToken });
  const viewer = { authorization: `Bearer ${String(made.body['token'])}` };
  assert.equal((await ask('GET', 'targets', undefined, viewer)).status, 200);
  assert.equal((await ask('GET', 'configuration', undefined, viewer)).status, 403);
  const target = { name: 'office', address: '192.0.2.1' };
  for (const [method, way] of [
    ['POST', 'targets'],
    ['PUT', 'targets/gateway'],
    ['PATCH', 'configuration'],
  ] as const)
    assert.equal((await ask(method, way, target, viewer)).status, 403, way);
  assert.equal((await ask('POST', 'targets', target, { cookie })).status, 403, 'a cookie alone is no proof of intent');
  assert.equal((await ask('POST', 'targets', target)).status, 401);
  assert.equal(read(), WRITTEN);
});

test('what was spent is told where somebody counts it', async (context) => {
  const { ask } = await startBox(context, WRITTEN, { spent: 5e6 });
  const { status, body } = await ask('GET', 'spending');
  assert.deepEqual([status, (body['day'] as { bytes: number }).bytes], [200, 5e6]);
  const idle = await startBox(context);
  assert.equal((await idle.ask('GET', 'spending')).status, 503);
});
