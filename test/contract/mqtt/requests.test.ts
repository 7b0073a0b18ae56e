// Requests through Debian's mosquitto: answered to who asks; asked while the broker or the box is away they run once all the same.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MqttRequest } from '../../../src/model/mqtt-request.js';
import type { RequestWork } from '../../../src/mqtt/requests/request-desk.js';
import { makeFolder, SKIP, startBroker, startListener } from './mosquitto.js';
import type { Listener } from './mosquitto.js';
import { startBox } from './test-box.js';

interface Told {
  readonly transaction: string;
  readonly status: string;
}

/** Ends at once, and counts. */
function countWork(): { readonly work: RequestWork; readonly begun: MqttRequest[] } {
  const begun: MqttRequest[] = [];
  const begin: RequestWork['begin'] = (request) => {
    begun.push(request);
    return { known: {}, result: Promise.resolve({ report: 'ABCDE', verdict: 'ok' }), cancel: () => undefined };
  };
  return { work: { begin }, begun };
}

const REQUEST = 'apparenet/hall/request/diagnose';
const compose = (transaction: string): string => JSON.stringify({ transaction, target: 'office' });
const ask = async ({ client }: Listener, transaction: string): Promise<void> => {
  await client.publishAsync(REQUEST, compose(transaction), { qos: 1 });
};

const listAnswers = ({ heard }: Listener, topic = 'apparenet/hall/response/diagnose'): string[] =>
  heard
    .filter((one) => one.topic === topic)
    .map(({ payload }) => JSON.parse(payload) as Told)
    .map(({ transaction, status }) => `${transaction} ${status}`);

/** By then it is subscribed: before it was here for the first time the broker keeps nothing for it. */
async function waitUntilOnline(listener: Listener): Promise<void> {
  await listener.waitFor(({ topic, payload }) => topic === 'apparenet/hall/status' && payload === 'online');
}

async function waitForAnswer(listener: Listener, answer: string): Promise<void> {
  await listener.waitFor(() => listAnswers(listener).includes(answer));
}

test(
  'what is asked while the broker dies, or while the box is off, runs once and is answered',
  SKIP,
  async (context) => {
    const folder = makeFolder();
    const broker = await startBroker(context, { folder });
    const listener = await startListener(context, broker, 'apparenet/#');
    const { work, begun } = countWork();
    const first = await startBox(context, { url: broker.url, folder, work });
    await waitUntilOnline(listener);
    await ask(listener, 'before');
    await waitForAnswer(listener, 'before done');
    // The broker keeps for the box what comes while the box is away; it is killed as well before the box is back.
    await first.box.close();
    await listener.waitFor(({ topic, payload }) => topic === 'apparenet/hall/status' && payload === 'offline');
    await ask(listener, 'while-off');
    await ask(listener, 'while-off');
    // It acknowledges before it has written.
    while (!readFileSync(broker.database).includes('while-off')) await sleep(20);
    await broker.kill();
    const second = await startBox(context, { url: broker.url, folder, work });
    while (second.box.readState().problem === null) await sleep(10);
    await broker.start();
    await waitForAnswer(listener, 'while-off done');
    await ask(listener, 'after');
    await waitForAnswer(listener, 'after done');
    // Asked again by who has heard nothing.
    await ask(listener, 'before');
    await listener.waitFor(() => listAnswers(listener).filter((answer) => answer === 'before done').length === 2);
    assert.equal(begun.length, 3);
  },
);

test('a retained request is ignored, however often the box comes', SKIP, async (context) => {
  const folder = makeFolder();
  const broker = await startBroker(context, { folder });
  const listener = await startListener(context, broker, 'apparenet/#');
  await listener.client.publishAsync(REQUEST, compose('kept'), { qos: 1, retain: true });
  const { work, begun } = countWork();
  const { troubles } = await startBox(context, { url: broker.url, folder, work });
  await waitUntilOnline(listener);
  await ask(listener, 'live');
  await waitForAnswer(listener, 'live done');
  assert.deepEqual([begun.length, troubles.length], [1, 1]);
  assert.match(troubles[0] ?? '', /retained .* ignored/);
});

test('a box that takes no requests subscribes to none', SKIP, async (context) => {
  const folder = makeFolder();
  const broker = await startBroker(context, { folder });
  const listener = await startListener(context, broker, 'apparenet/#');
  const settings = { requests: { allow: [], anyAddress: false } };
  const { box } = await startBox(context, { url: broker.url, folder, settings });
  await waitUntilOnline(listener);
  await ask(listener, 'unheard');
  await box.close();
  assert.deepEqual(listAnswers(listener), []);
});

test('MQTT 5: the answer goes where it is asked to go, with its correlation data', SKIP, async (context) => {
  const folder = makeFolder();
  const broker = await startBroker(context, { folder });
  const listener = await startListener(context, broker, '#', 'listener', 5);
  const correlations: string[] = [];
  listener.client.on('message', (topic, _payload, { properties }) => {
    if (topic === 'replies/me') correlations.push(properties?.correlationData?.toString('hex') ?? 'none');
  });
  const { work } = countWork();
  await startBox(context, { url: broker.url, folder, work, settings: { version: 5 } });
  await waitUntilOnline(listener);
  const properties = { responseTopic: 'replies/me', correlationData: Buffer.from('00ff', 'hex') };
  await listener.client.publishAsync(REQUEST, compose('t1'), { qos: 1, properties });
  await listener.waitFor(() => listAnswers(listener, 'replies/me').includes('t1 done'));
  assert.deepEqual(listAnswers(listener), []);
  assert.deepEqual(new Set(correlations), new Set(['00ff']));
});
