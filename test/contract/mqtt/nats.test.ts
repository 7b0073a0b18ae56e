// The MQTT gateway of Debian's nats-server as the broker: a box publishes what it would publish to any other, somebody who comes later
// finds the states, what happened while the server was away arrives, and what is asked is answered.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt from 'mqtt';
import type { MqttClient } from 'mqtt';
import { buildMinute } from '../../unit/mqtt/built-facts.js';
import { buildEvent } from '../../unit/history/built-records.js';
import { makeFolder, PASSWORD } from './mosquitto.js';
import type { Heard } from './mosquitto.js';
import { SKIP_NATS, startNats } from './nats-server.js';
import { NOW_MS, startBox } from './test-box.js';

interface NatsListener {
  readonly client: MqttClient;
  /** By its topic, or by words of it. */
  readonly waitFor: (words: string) => Promise<Heard>;
}

/** Hears everything from now on, and what is retained. */
function listen(context: TestContext, url: string): NatsListener {
  const heard: Heard[] = [];
  const client = mqtt.connect(url, {
    ...{ username: 'probe', password: PASSWORD, reconnectPeriod: 50, timerVariant: 'native' },
    // What the server still knows of an earlier session of this name would come twice.
    ...{ clientId: `listener-${Math.random().toString(36).slice(2)}` },
  });
  client.on('error', () => undefined);
  client.on('connect', () => void client.subscribeAsync('apparenet/#', { qos: 1 }).catch(() => undefined));
  client.on('message', (topic, bytes, { retain }) => heard.push({ topic, payload: bytes.toString(), retain }));
  context.after(() => void client.end(true));
  const waitFor = async (words: string): Promise<Heard> => {
    for (;;) {
      const found = heard.find(({ topic, payload }) => topic === words || payload.includes(words));
      if (found) return found;
      await sleep(10);
    }
  };
  return { client, waitFor };
}

test('a box publishes through nats-server, and who comes later finds its states', SKIP_NATS, async (context) => {
  const folder = makeFolder();
  const broker = await startNats(context, folder);
  const { box } = await startBox(context, { url: broker.url, folder });
  box.takeMinutes([buildMinute('office')]);
  while (!box.readState().connected) await sleep(10);
  const late = listen(context, broker.url);
  assert.equal((await late.waitFor('apparenet/hall/status')).payload, 'online');
  await late.waitFor('apparenet/hall/info');
  await late.waitFor('"lossPercent":100');
  const event = buildEvent(NOW_MS + 1, 'office');
  await box.tell(event, null);
  assert.equal((await late.waitFor(event.id)).topic, 'apparenet/hall/event');
  await box.close();
  await late.waitFor('offline');
});

test('what happened while nats-server was killed goes out when it is back', SKIP_NATS, async (context) => {
  const folder = makeFolder();
  const broker = await startNats(context, folder);
  const { box } = await startBox(context, { url: broker.url, folder });
  while (!box.readState().connected) await sleep(10);
  await broker.kill();
  const event = buildEvent(NOW_MS + 2, 'office');
  await box.tell(event, null);
  const { messages } = box.readState();
  assert.equal(messages, 1);
  await broker.start();
  while (box.readState().messages > 0) await sleep(10);
  const late = listen(context, broker.url);
  // It kept over its own death what is retained.
  await late.waitFor('apparenet/hall/info');
});

test('what is asked through nats-server, also while the box is off, is answered', SKIP_NATS, async (context) => {
  const folder = makeFolder();
  const broker = await startNats(context, folder);
  const done = { known: {}, result: Promise.resolve({ report: 'ABCDE' }), cancel: () => undefined };
  const options = { url: broker.url, folder, work: { begin: () => done } };
  const { box } = await startBox(context, options);
  while (!box.readState().connected) await sleep(10);
  const { client, waitFor } = listen(context, broker.url);
  const ask = (transaction: string) =>
    client.publishAsync('apparenet/hall/request/diagnose', JSON.stringify({ transaction, target: 'office' }), {
      qos: 1,
    });
  await waitFor('online');
  await ask('there');
  await waitFor('"transaction":"there","verb":"diagnose","status":"done"');
  await box.close();
  await waitFor('offline');
  await ask('off');
  await startBox(context, options);
  await waitFor('"transaction":"off","verb":"diagnose","status":"done"');
});
