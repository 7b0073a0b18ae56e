// Somebody who behaves as Home Assistant does, at a real broker: who comes when, who was away, and what is left when targets go.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { findFaults } from '../../unit/mqtt/home-assistant-schema.js';
import type { Message } from '../../unit/mqtt/home-assistant-schema.js';
import { buildMinute } from '../../unit/mqtt/built-facts.js';
import { makeFolder, SKIP, startBroker, startListener } from './mosquitto.js';
import type { Broker, Heard, Listener } from './mosquitto.js';
import { startBox } from './test-box.js';

const CONFIG = 'homeassistant/device/hall/config';

/** What it knows after it has started: retained messages, and whether each entity is available. */
async function startHomeAssistant(context: TestContext, broker: Broker, name: string) {
  const listener = await startListener(context, broker, '#', name);
  return { listener, sayBirth: () => listener.client.publishAsync('homeassistant/status', 'online', { qos: 1 }) };
}

const findLast = ({ heard }: Listener, topic: string): Heard | undefined =>
  heard.filter((message) => message.topic === topic).at(-1);

/** Names of entities that would be unavailable or would never have had a state. */
function listUnavailable(listener: Listener): string[] {
  const config = JSON.parse(findLast(listener, CONFIG)?.payload ?? '{}') as { cmps?: Record<string, Message> };
  return Object.entries(config.cmps ?? {}).flatMap(([key, { avty_t, stat_t, p }]) => {
    const isOn = avty_t === undefined || findLast(listener, avty_t as string)?.payload === 'online';
    const hasState = p === 'event' || (findLast(listener, stat_t as string)?.payload ?? '') !== '';
    return isOn && hasState ? [] : [key];
  });
}

async function waitUntilAvailable(listener: Listener): Promise<void> {
  await listener.waitFor(({ topic }) => topic === CONFIG);
  await listener.waitFor(() => listUnavailable(listener).length === 0);
}

test('whoever starts first, every entity is available in the end', SKIP, async (context) => {
  const folder = makeFolder();
  const broker = await startBroker(context, { folder });
  const early = await startHomeAssistant(context, broker, 'early');
  const { box } = await startBox(context, { url: broker.url, folder, targets: ['gateway', 'office'] });
  await waitUntilAvailable(early.listener);
  assert.deepEqual(findFaults(JSON.parse(findLast(early.listener, CONFIG)?.payload ?? '{}') as Message), []);
  const late = await startHomeAssistant(context, broker, 'late');
  await waitUntilAvailable(late.listener);
  assert.equal(findLast(late.listener, CONFIG)?.retain, true);
  // A broker that has forgotten everything, and the box with it still running.
  await broker.forget();
  const fresh = await startHomeAssistant(context, broker, 'fresh');
  await waitUntilAvailable(fresh.listener);
  // The box again: offline is said, and online after it.
  await box.close();
  await fresh.listener.waitFor(() => findLast(fresh.listener, 'apparenet/hall/status')?.payload === 'offline');
  await startBox(context, { url: broker.url, folder, targets: ['gateway', 'office'] });
  await waitUntilAvailable(fresh.listener);
});

test('who was gone and says so is told everything again', SKIP, async (context) => {
  const folder = makeFolder();
  const broker = await startBroker(context, { folder });
  const { box } = await startBox(context, { url: broker.url, folder });
  const { listener, sayBirth } = await startHomeAssistant(context, broker, 'homeassistant');
  await waitUntilAvailable(listener);
  box.takeMinutes([buildMinute('office')]);
  await listener.waitFor(
    ({ topic, payload }) => topic.endsWith('office/state') && payload.includes('"lossPercent":100'),
  );
  const before = listener.heard.length;
  await sayBirth();
  const again = (topic: string) =>
    listener.waitFor((message) => message.topic === topic && listener.heard.indexOf(message) >= before);
  await again(CONFIG);
  await again('apparenet/hall/target/office/state');
});

test(
  'a target that goes leaves neither an entity nor a topic, also over a restart of the box',
  SKIP,
  async (context) => {
    const folder = makeFolder();
    const broker = await startBroker(context, { folder });
    const first = await startBox(context, { url: broker.url, folder, targets: ['gateway', 'office'] });
    const { listener } = await startHomeAssistant(context, broker, 'homeassistant');
    await listener.waitFor(({ topic }) => topic === 'apparenet/hall/target/office/state');
    await first.box.close();
    await startBox(context, { url: broker.url, folder, targets: ['gateway', 'attic'] });
    await listener.waitFor(({ topic, payload }) => topic === 'apparenet/hall/target/office/state' && payload === '');
    await listener.waitFor(
      ({ topic, payload }) => topic === CONFIG && payload.includes('"target_office_rtt":{"p":"sensor"}'),
    );
    const late = await startHomeAssistant(context, broker, 'late');
    await late.listener.waitFor(({ topic }) => topic === 'apparenet/hall/target/attic/state');
    assert.equal(findLast(late.listener, 'apparenet/hall/target/office/state'), undefined);
  },
);

test('a box that is called otherwise, or is not to be shown any more, is cleared away', SKIP, async (context) => {
  const folder = makeFolder();
  const broker = await startBroker(context, { folder });
  const first = await startBox(context, { url: broker.url, folder });
  const { listener } = await startHomeAssistant(context, broker, 'homeassistant');
  await waitUntilAvailable(listener);
  await first.box.close();
  const settings = { baseTopic: 'site/probes', homeAssistant: false };
  await startBox(context, { url: broker.url, folder, settings });
  await listener.waitFor(({ topic }) => topic === 'site/probes/hall/state');
  for (const topic of [CONFIG, 'apparenet/hall/state', 'apparenet/hall/status', 'apparenet/hall/info'])
    await listener.waitFor((message) => message.topic === topic && message.payload === '');
});
