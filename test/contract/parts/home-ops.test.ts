// The whole as a home-ops person has it: Debian's mosquitto, the real process of the analysis server over simulated paths, and somebody
// who behaves as Home Assistant does.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Report } from '../../../src/model/report.js';
import { HomeAssistant } from '../mqtt/home-assistant-stand-in.js';
import { makeFolder, SKIP, startBroker, startListener } from '../mqtt/mosquitto.js';
import type { Broker, Listener } from '../mqtt/mosquitto.js';
import type { Message } from '../../unit/mqtt/home-assistant-schema.js';
import { writeCredentials } from '../mqtt/test-box.js';
import { startChild } from './child.js';
import type { Child } from './child.js';
import { startSimulatedTps } from './simulated-parts.js';

interface Answer {
  readonly transaction: string;
  readonly status: string;
  readonly report?: string;
  readonly reason?: string;
  readonly file?: string;
}

async function startServer(context: TestContext, broker: Broker, folder: string): Promise<Child> {
  const [socketPath, path] = [join(folder, 'tps.sock'), join(folder, 'config.yaml')];
  writeFileSync(
    path,
    `targets: [{ name: office, address: healthy, depth: quick }]
mqtt:
  enabled: true
  url: ${broker.url}
  id: hall
  credentialsFile: ${writeCredentials(folder)}
  requests: { allow: [diagnose, calibrate, bundle, profile] }
`,
  );
  await startSimulatedTps(context, socketPath);
  const words = ['--tps-socket', socketPath, '--as-port', '0', '--config', path];
  return startChild(context, '../../../src/main/as.js', words, { STATE_DIRECTORY: join(folder, 'state') });
}

/** With what the box keeps, and without the password. */
function assertBundle(path: string): void {
  const { stdout } = spawnSync('tar', ['-xzOf', path], { encoding: 'utf8' });
  assert.match(stdout, /"schema": "apparenet.bundle\/1"/);
  assert.match(stdout, /"name": "office"/);
  assert.doesNotMatch(stdout, /battery/);
}

/** Resolves with the answer that ends it. */
async function ask(listener: Listener, verb: string, request: object): Promise<Answer> {
  const transaction = `${verb}-${listener.heard.length}`;
  await listener.client.publishAsync(`apparenet/hall/request/${verb}`, JSON.stringify({ transaction, ...request }), {
    qos: 1,
  });
  const { payload } = await listener.waitFor(({ topic, payload: told }) => {
    if (topic !== `apparenet/hall/response/${verb}`) return false;
    const answer = JSON.parse(told) as Answer;
    return answer.transaction === transaction && !['accepted', 'progress'].includes(answer.status);
  });
  return JSON.parse(payload) as Answer;
}

test('the box appears, a button is pressed and something chosen, and it is done', SKIP, async (context) => {
  const folder = makeFolder();
  const broker = await startBroker(context, { folder });
  const listener = await startListener(context, broker, 'apparenet/#');
  const homeAssistant = new HomeAssistant(context, broker);
  homeAssistant.start();
  const as = await startServer(context, broker, folder);
  await homeAssistant.waitUntilAvailable();
  await homeAssistant.press('target_office_diagnose');
  await homeAssistant.waitForState('last_report', ({ lastReport }) => lastReport !== null);
  await homeAssistant.waitForState('last_request', ({ status }) => status === 'done');
  const { payload } = await listener.waitFor(({ topic }) => topic === 'apparenet/hall/report');
  const report = JSON.parse(payload) as Report;
  assert.equal(report.target.name, 'office');
  await homeAssistant.waitForState('last_request', (answer) => answer['report'] === report.id);
  await homeAssistant.press('target_office_profile', 'normal');
  await as.waitForLine(/configuration was changed: target office is changed/);
  const isNormal = ({ profiles }: Message): boolean => (profiles as Message)['office'] === 'normal';
  await homeAssistant.waitForState('target_office_profile', isNormal);
  assert.deepEqual(homeAssistant.listUnavailable(), []);
  as.kill('SIGTERM');
  assert.equal((await as.ended).code, 0);
});

test('what is asked for is done and answered, or refused', SKIP, async (context) => {
  const folder = makeFolder();
  const broker = await startBroker(context, { folder });
  const listener = await startListener(context, broker, 'apparenet/#');
  await startServer(context, broker, folder);
  await listener.waitFor(({ topic, payload }) => topic === 'apparenet/hall/status' && payload === 'online');
  for (const [verb, request, status] of [
    ['calibrate', { target: 'office' }, 'done'],
    ['bundle', {}, 'done'],
    ['measure', { target: 'office', quantity: 'loss' }, 'refused'],
    ['diagnose', { target: '192.0.2.1' }, 'refused'],
    ['profile', { target: 'office', profile: 'deep' }, 'done'],
  ] as const) {
    const answer = await ask(listener, verb, request);
    assert.equal(answer.status, status, `${verb}: ${answer.reason ?? ''}`);
    if (verb === 'bundle') assertBundle(String(answer.file));
  }
});
