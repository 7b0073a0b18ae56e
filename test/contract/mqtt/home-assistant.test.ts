// Somebody who behaves as Home Assistant does, at a real broker: who comes when, who was away, and what is left when targets go.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BoxPublisher } from '../../../src/mqtt/box-publisher.js';
import { buildMinute } from '../../unit/mqtt/built-facts.js';
import { HomeAssistant } from './home-assistant-stand-in.js';
import { makeFolder, SKIP, startBroker, startListener } from './mosquitto.js';
import type { Broker, Heard, Listener } from './mosquitto.js';
import { startBox } from './test-box.js';

const CONFIG = 'homeassistant/device/hall/config';

const findLast = ({ heard }: Listener, topic: string): Heard | undefined =>
  heard.filter((message) => message.topic === topic).at(-1);

const TARGETS = ['gateway', 'office'];

/** As the product does within the first minute. */
async function startWatchingBox(context: TestContext, broker: Broker, folder: string): Promise<BoxPublisher> {
  const { box } = await startBox(context, { url: broker.url, folder, targets: TARGETS });
  box.takeMinutes(TARGETS.map((name) => buildMinute(name)));
  return box;
}

/** The three of whom each may be the last to come. */
type Party = 'broker' | 'box' | 'homeAssistant';
const ORDERS: readonly (readonly Party[])[] = [
  ['broker', 'box', 'homeAssistant'],
  ['broker', 'homeAssistant', 'box'],
  ['box', 'broker', 'homeAssistant'],
  ['box', 'homeAssistant', 'broker'],
  ['homeAssistant', 'broker', 'box'],
  ['homeAssistant', 'box', 'broker'],
];

test('restarted in any order, together or one after the other, nothing stays unavailable', SKIP, async (context) => {
  const folder = makeFolder();
  const broker = await startBroker(context, { folder });
  const homeAssistant = new HomeAssistant(context, broker);
  let box = await startWatchingBox(context, broker, folder);
  homeAssistant.start();
  await homeAssistant.waitUntilAvailable();
  const down: Record<Party, () => Promise<void> | void> = {
    broker: () => broker.kill(),
    box: () => box.close(),
    homeAssistant: () => homeAssistant.stop(),
  };
  const up: Record<Party, () => Promise<void> | void> = {
    broker: () => broker.start(),
    box: async () => {
      box = await startWatchingBox(context, broker, folder);
    },
    homeAssistant: () => homeAssistant.start(),
  };
  for (const [i, order] of ORDERS.entries()) {
    for (const party of order) {
      await down[party]();
      await up[party]();
    }
    await homeAssistant.waitUntilAvailable();
    for (const party of order) await down[party]();
    // One that has kept nothing, every other time.
    if (i % 2 === 0) rmSync(broker.database, { force: true });
    for (const party of order) await up[party]();
    await homeAssistant.waitUntilAvailable();
  }
});

test('a broker that forgets is told again, and a box that goes is unavailable', SKIP, async (context) => {
  const folder = makeFolder();
  const broker = await startBroker(context, { folder });
  const homeAssistant = new HomeAssistant(context, broker);
  homeAssistant.start();
  const box = await startWatchingBox(context, broker, folder);
  await homeAssistant.waitUntilAvailable();
  await broker.forget();
  await homeAssistant.waitUntilAvailable();
  await box.close();
  while (homeAssistant.listUnavailable().length < 20) await sleep(10);
  assert.ok(!homeAssistant.listUnavailable().includes('connected'), 'that it is gone is known');
});

test('who was gone and says so is told everything again', SKIP, async (context) => {
  const folder = makeFolder();
  const broker = await startBroker(context, { folder });
  const { box } = await startBox(context, { url: broker.url, folder });
  const listener = await startListener(context, broker, '#');
  await listener.waitFor(({ topic }) => topic === CONFIG);
  box.takeMinutes([buildMinute('office')]);
  await listener.waitFor(
    ({ topic, payload }) => topic.endsWith('office/state') && payload.includes('"lossPercent":100'),
  );
  const before = listener.heard.length;
  await listener.client.publishAsync('homeassistant/status', 'online', { qos: 1 });
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
    const listener = await startListener(context, broker, '#');
    await listener.waitFor(({ topic }) => topic === 'apparenet/hall/target/office/state');
    await first.box.close();
    await startBox(context, { url: broker.url, folder, targets: ['gateway', 'attic'] });
    await listener.waitFor(({ topic, payload }) => topic === 'apparenet/hall/target/office/state' && payload === '');
    await listener.waitFor(
      ({ topic, payload }) => topic === CONFIG && payload.includes('"target_office_rtt":{"p":"sensor"}'),
    );
    const late = await startListener(context, broker, '#', 'late');
    await late.waitFor(({ topic }) => topic === 'apparenet/hall/target/attic/state');
    assert.equal(findLast(late, 'apparenet/hall/target/office/state'), undefined);
  },
);

test('a box that is called otherwise, or is not to be shown any more, is cleared away', SKIP, async (context) => {
  const folder = makeFolder();
  const broker = await startBroker(context, { folder });
  const first = await startBox(context, { url: broker.url, folder });
  const listener = await startListener(context, broker, '#');
  await listener.waitFor(({ topic }) => topic === CONFIG);
  await first.box.close();
  const settings = { baseTopic: 'site/probes', homeAssistant: false };
  await startBox(context, { url: broker.url, folder, settings });
  await listener.waitFor(({ topic }) => topic === 'site/probes/hall/state');
  for (const topic of [CONFIG, 'apparenet/hall/state', 'apparenet/hall/status', 'apparenet/hall/info'])
    await listener.waitFor((message) => message.topic === topic && message.payload === '');
});
