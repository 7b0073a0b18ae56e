// `apparenet access` beside a running server and without one: the same words, and each way leads to the other's users.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { startExamination } from '../../../src/analysis/examination/start-examination.js';
import { History } from '../../../src/history/history.js';
import { startAnalysisServer } from '../../../src/server/server.js';
import { runProgram } from '../../unit/cli/run-program.js';
import { buildIncident } from '../../unit/history/built-records.js';
import { makeFolder, startSimulatedTps } from './simulated-parts.js';

const PASSWORD = 'many small words';

async function startBox(context: TestContext, folder: string, history: History | null = null) {
  const server = await startAnalysisServer({
    port: 0,
    socketPath: join(folder, 'tps.sock'),
    localSocketPath: join(folder, 'as.sock'),
    accessPath: join(folder, 'access.json'),
    history,
    loadExamination: () => Promise.resolve(startExamination),
    onDefect: (error) => assert.fail(String(error)),
  });
  context.after(() => server.close());
  const logIn = async (name: string, password: string) => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ name, password });
    return (await fetch(`${server.url}/api/v1/session`, { method: 'POST', headers, body })).status;
  };
  return { server, logIn };
}

const useIn = (folder: string) => (words: readonly string[], input?: string) =>
  runProgram(['access', ...words, '--state-dir', folder], input === undefined ? {} : { input });

test('users are let in, get a new password and are sent away while the server runs', async (context) => {
  const folder = makeFolder();
  const use = useIn(folder);
  const { server, logIn } = await startBox(context, folder);
  assert.equal((await use(['claim-code'])).stdout.trim(), server.claimCode);
  assert.equal((await use(['users', 'add', 'ann'], `${PASSWORD}\n`)).exitCode, 0);
  assert.equal(await logIn('ann', PASSWORD), 200);
  assert.equal((await use(['users', 'passwd', 'ann'], 'other small words\n')).exitCode, 0);
  assert.deepEqual([await logIn('ann', PASSWORD), await logIn('ann', 'other small words')], [401, 200]);
  const { stdout } = await use(['users', 'list', '--json']);
  assert.deepEqual(
    (JSON.parse(stdout) as { users: { name: string; role: string }[] }).users.map(({ name, role }) => [name, role]),
    [['ann', 'admin']],
  );
  const kept = await use(['users', 'remove', 'ann']);
  assert.equal(kept.exitCode, 64);
  assert.match(kept.stderr, /only admin/);
  const short = await use(['users', 'add', 'bob', '--role', 'viewer'], 'short\n');
  assert.equal(short.exitCode, 64);
  assert.match(short.stderr, /12 to 256 characters/);
  assert.equal((await use(['claim-code'])).stdout, '', 'somebody has a password');
});

test('a token is shown once, works, and is worth nothing when it is revoked', async (context) => {
  const folder = makeFolder();
  const use = useIn(folder);
  const { server } = await startBox(context, folder);
  await use(['users', 'add', 'ann'], PASSWORD);
  const token = (await use(['tokens', 'add', 'prometheus'])).stdout.trim();
  const ask = async () =>
    (await fetch(`${server.url}/api/v1/reports`, { headers: { authorization: `Bearer ${token}` } })).status;
  assert.equal(await ask(), 200);
  const { stdout } = await use(['tokens', 'list', '--json']);
  const [listed] = (JSON.parse(stdout) as { tokens: [{ id: string; role: string }] }).tokens;
  assert.equal(listed.role, 'viewer');
  assert.ok(!stdout.includes(token.slice(-20)));
  assert.equal((await use(['tokens', 'revoke', listed.id])).exitCode, 0);
  assert.equal(await ask(), 401);
});

test('without a server its file is changed, for nobody else to read, and the server finds it at its start', async (context) => {
  const folder = makeFolder();
  const use = useIn(folder);
  const none = await use(['claim-code']);
  assert.equal(none.exitCode, 3);
  assert.match(none.stderr, /no analysis server runs/);
  const added = await use(['users', 'add', 'ann'], PASSWORD);
  assert.equal(added.exitCode, 0, added.stderr);
  assert.match(added.stderr, /saved in .*access\.json/);
  const path = join(folder, 'access.json');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.ok(!readFileSync(path, 'utf8').includes(PASSWORD));
  const { logIn, server } = await startBox(context, folder);
  assert.equal(server.claimCode, null);
  assert.equal(await logIn('ann', PASSWORD), 200);
});

test('who may ask the analysis server hears from it what is wrong, whoever may ask the sequencer', async (context) => {
  const folder = makeFolder();
  const tps = await startSimulatedTps(context, join(folder, 'tps.sock'));
  const history = await History.open(join(folder, 'history'));
  context.after(() => history.close());
  await history.putIncident(buildIncident('i1', 0, 0));
  const { server } = await startBox(context, folder, history);
  const status = async () => {
    // Where the sequencer cannot be asked directly: nothing listens there.
    const words = ['status', '--json', '--state-dir', folder, '--tps-socket', join(folder, 'none.sock')];
    return JSON.parse((await runProgram(words)).stdout) as {
      parts: { part: string; state: string; version: string | null }[];
      openIncidents: { id: string }[] | null;
    };
  };
  const told = await status();
  assert.deepEqual([told.parts[0]?.state, told.parts[0]?.version], ['up', '0']);
  assert.deepEqual(
    told.openIncidents?.map(({ id }) => id),
    ['i1'],
  );
  const outside = (await (await fetch(`${server.url}/api/v1/health`)).json()) as Record<string, unknown>;
  assert.ok((outside['box'] as { concerns: unknown[] }).concerns);
  await useIn(folder)(['users', 'add', 'ann'], PASSWORD);
  const closed = (await (await fetch(`${server.url}/api/v1/health`)).json()) as Record<string, unknown>;
  assert.deepEqual(Object.keys(closed).sort(), ['parts', 'status', 'uptimeSec', 'version'], 'not for everybody');
  await tps.close();
  assert.equal((await status()).parts[0]?.state, 'down');
});
