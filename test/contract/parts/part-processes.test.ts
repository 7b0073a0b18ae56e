// The three parts as real processes and as one, with the real entries: they start, answer, stop on a signal, and say plainly
// what they could not have.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { readStatus } from '../../../src/prober/remote/read-status.js';
import { startChild } from './child.js';
import type { Child } from './child.js';
import { makeFolder, startSimulatedTps } from './simulated-parts.js';

const APPARENET = '../../../src/main/apparenet.js';
const ANY_PORTS = ['--as-port', '0', '--ui-port', '0', '--udp-port', '0'];

function startAll(context: TestContext, socketPath: string, more: readonly string[] = []): Child {
  return startChild(context, APPARENET, ['run', '--tps-socket', socketPath, ...ANY_PORTS, ...more]);
}

async function readUrl(child: Child, title: string): Promise<string> {
  const line = await child.waitForLine(new RegExp(`^${title} +http`));
  return /http:\S+/.exec(line)?.[0] ?? '';
}

// Both at once: what timeout(1) and a terminal do to a process and then to its group.
for (const signals of [['SIGTERM'], ['SIGINT'], ['SIGTERM', 'SIGINT']] as const) {
  test(`all three in one process answer, and end cleanly on ${signals.join(' and ')}`, async (context) => {
    const socketPath = join(makeFolder(), 'tps.sock');
    const child = startAll(context, socketPath);
    const [asUrl, uiUrl] = await Promise.all([readUrl(child, 'analysis server'), readUrl(child, 'page')]);
    const status = await readStatus(socketPath);
    assert.equal(status.networkControl, 'closed');
    assert.ok(status.reflector && status.reflector.udpPorts.length === 1);
    const health = (await (await fetch(`${asUrl}/health`)).json()) as { status: string };
    assert.equal(health.status, 'ok');
    assert.match(await (await fetch(uiUrl)).text(), /<title>appareNet<\/title>/);
    assert.equal((await fetch(`${uiUrl}/api/v1/reports?limit=1`)).status, 200);
    for (const signal of signals) child.kill(signal);
    assert.equal((await child.ended).code, 0);
    assert.equal(existsSync(socketPath), false);
  });
}

test('the parts in processes of their own work together, in any order of starting', async (context) => {
  const socketPath = join(makeFolder(), 'tps.sock');
  const as = startChild(context, '../../../src/main/as.js', ['--tps-socket', socketPath, '--as-port', '0']);
  const asUrl = await readUrl(as, 'analysis server');
  const ui = startChild(context, '../../../src/main/ui.js', ['--ui-port', '0', '--as-port', new URL(asUrl).port]);
  const uiUrl = await readUrl(ui, 'page');
  const readHealth = async () => (await (await fetch(`${uiUrl}/api/v1/health`)).json()) as { status: string };
  assert.equal((await readHealth()).status, 'degraded');
  const tps = startChild(context, '../../../src/main/tps.js', ['--tps-socket', socketPath, '--udp-port', '0']);
  await tps.waitForLine(/^sequencer/);
  assert.equal((await readHealth()).status, 'ok');
  for (const child of [ui, as, tps]) child.kill('SIGTERM');
  assert.deepEqual(await Promise.all([ui, as, tps].map(async ({ ended }) => (await ended).code)), [0, 0, 0]);
});

test('a report outlives the process that took it, and two servers never act on one history', async (context) => {
  const folder = makeFolder();
  const [socketPath, apart] = [join(folder, 'tps.sock'), join(makeFolder(), 'tps.sock')];
  await startSimulatedTps(context, socketPath);
  const start = (socket: string) =>
    startChild(context, '../../../src/main/as.js', ['--tps-socket', socket, '--as-port', '0'], {
      STATE_DIRECTORY: folder,
    });
  const first = start(socketPath);
  const url = await readUrl(first, 'analysis server');
  const order = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"target":"healthy"}' };
  const report = (await (await fetch(`${url}/api/v1/examinations?wait=true`, order)).json()) as { id: string };
  const second = start(apart);
  await second.waitForLine(
    /^ +no history is kept, and nothing is watched or started: process \d+ writes the history here/,
  );
  assert.equal((await fetch(`${await readUrl(second, 'analysis server')}/api/v1/reports/${report.id}`)).status, 404);
  first.kill('SIGKILL');
  await first.ended;
  const after = await readUrl(start(socketPath), 'analysis server');
  assert.deepEqual(await (await fetch(`${after}/api/v1/reports/${report.id}`)).json(), report);
  const list = await (await fetch(`${after}/api/v1/reports`)).json();
  assert.deepEqual(list, { reports: [report], next: null });
});

test('a part tells its own options, and refuses those of others in one line', async (context) => {
  for (const [part, foreign] of [
    ['tps', '--ui-port'],
    ['as', '--udp-port'],
    ['ui', '--tps-socket'],
  ] as const) {
    const entry = `../../../src/main/${part}.js`;
    const help = await startChild(context, entry, ['--help']).ended;
    assert.equal(help.code, 0);
    assert.match(help.output, new RegExp(`^Usage: apparenet-${part} .*\\n  apparenet-${part} --`, 's'));
    for (const words of [[foreign, '0'], ['--state-dir'], ['extra']]) {
      const { code, output } = await startChild(context, entry, words).ended;
      assert.equal(code, 64, output);
      assert.match(output, new RegExp(`^apparenet: [^\\n]+; see apparenet-${part} --help\\n$`));
    }
  }
});

test('a second instance says what is taken, and by what it can be found', async (context) => {
  const socketPath = join(makeFolder(), 'tps.sock');
  const first = startAll(context, socketPath);
  const asUrl = await readUrl(first, 'analysis server');
  await readUrl(first, 'page');
  const sameSocket = await startAll(context, socketPath).ended;
  assert.equal(sameSocket.code, 3);
  assert.match(sameSocket.output, /another process already answers at .*tps\.sock.*apparenet ports/);
  const asPort = new URL(asUrl).port;
  const samePort = startChild(context, '../../../src/main/as.js', ['--tps-socket', socketPath, '--as-port', asPort]);
  const { code, output } = await samePort.ended;
  assert.equal(code, 3);
  assert.match(output, new RegExp(`tcp/${asPort}: another program listens there; "apparenet ports"`));
});

test('with --once the verdict is the end, and the parts are gone', async (context) => {
  const socketPath = join(makeFolder(), 'tps.sock');
  const noPackets = process.getuid?.() !== 0;
  const child = startAll(context, socketPath, ['--examine', '127.0.0.1', '--once', '--json']);
  const { code, output } = await child.ended;
  if (noPackets) {
    assert.equal(code, 77);
    assert.match(output, /setcap cap_net_raw/);
  } else {
    assert.equal(code, 0, output);
    assert.match(output, /"schema": ?"apparenet\.report\/1"/);
  }
  assert.equal(existsSync(socketPath), false);
});

test('a target that is no address ends --once with the exit status of wrong usage', async (context) => {
  const socketPath = join(makeFolder(), 'tps.sock');
  const { code, output } = await startAll(context, socketPath, ['--examine', '300.1.2.3', '--once']).ended;
  assert.equal(code, 64, output);
});
