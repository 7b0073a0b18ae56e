// Somebody who behaves as Home Assistant does: says that it is there, takes what is announced, listens only to what its entities need,
// knows nothing any more after a restart, and takes nothing for true that it heard before the broker was lost.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt from 'mqtt';
import type { MqttClient } from 'mqtt';
import { renderCommand } from '../../unit/mqtt/home-assistant-commands.js';
import { findFaults } from '../../unit/mqtt/home-assistant-schema.js';
import type { Message } from '../../unit/mqtt/home-assistant-schema.js';
import { PASSWORD } from './mosquitto.js';
import type { Broker } from './mosquitto.js';

type Entity = Readonly<Record<string, string | undefined>>;

const PREFIX = 'homeassistant';
/** Without a state until something happens. */
const STATELESS = ['button', 'event'];

export class HomeAssistant {
  #client: MqttClient | null = null;
  #entities = new Map<string, Entity>();
  /** Since the broker was found, by topic. */
  readonly #told = new Map<string, string>();

  constructor(
    context: TestContext,
    private readonly broker: Broker,
  ) {
    context.after(() => this.stop());
  }

  start(): void {
    const client = mqtt.connect(this.broker.url, {
      ...{ username: 'probe', password: PASSWORD, clean: true, reconnectPeriod: 50, timerVariant: 'native' },
      ...{ resubscribe: false, queueQoSZero: false, rejectUnauthorized: false },
      will: { topic: `${PREFIX}/status`, payload: Buffer.from('offline'), qos: 0, retain: false },
    });
    this.#client = client;
    client.on('error', () => undefined);
    client.on('close', () => this.#told.clear());
    client.on('connect', () => void this.#greet(client).catch(() => undefined));
    client.on('message', (topic, bytes) => this.#hear(client, topic, bytes.toString()));
  }

  /** Forgets everything, as it does when it is started anew. */
  stop(): void {
    this.#client?.end(true);
    this.#client = null;
    this.#entities = new Map();
    this.#told.clear();
  }

  /** Keys of entities that are unavailable, or of which nothing is known. */
  listUnavailable(): string[] {
    return [...this.#entities].flatMap(([key, { p = '', avty_t, stat_t = '' }]) => {
      const isAvailable = avty_t === undefined || this.#told.get(avty_t) === 'online';
      const isKnown = STATELESS.includes(p) || stat_t.includes('+') || (this.#told.get(stat_t) ?? '') !== '';
      return isAvailable && isKnown ? [] : [key];
    });
  }

  async waitUntilAvailable(): Promise<void> {
    while (this.#entities.size === 0 || this.listUnavailable().length > 0) await sleep(10);
  }

  /** A button, or a select with what is chosen. */
  async press(key: string, value = 'PRESS'): Promise<void> {
    const { cmd_t, cmd_tpl } = this.#entities.get(key) ?? {};
    assert.ok(cmd_t && cmd_tpl && this.#client, `${key} can be pressed`);
    assert.ok(!this.listUnavailable().includes(key), `${key} is available`);
    await this.#client.publishAsync(cmd_t, renderCommand(cmd_tpl, value), { qos: 1 });
  }

  /** Resolves when a message on the topic of the entity's state has said so. */
  async waitForState(key: string, takes: (state: Message) => boolean): Promise<void> {
    for (;;) {
      const topic = this.#entities.get(key)?.['stat_t'] ?? '';
      const told = this.#told.get(topic);
      if (told !== undefined && takes(JSON.parse(told) as Message)) return;
      await sleep(10);
    }
  }

  async #greet(client: MqttClient): Promise<void> {
    await client.subscribeAsync([`${PREFIX}/device/+/config`, ...this.#listTopics()], { qos: 1 });
    await client.publishAsync(`${PREFIX}/status`, 'online', { qos: 0 });
  }

  #listTopics(): string[] {
    const all = [...this.#entities.values()].flatMap(({ stat_t, avty_t }) => [stat_t, avty_t]);
    return [...new Set(all.filter((topic) => topic !== undefined))];
  }

  #hear(client: MqttClient, topic: string, payload: string): void {
    if (topic.startsWith(`${PREFIX}/device/`)) {
      this.#learn(client, payload);
      return;
    }
    this.#told.set(topic, payload);
    // A filter is one state: the newest of whatever matches.
    for (const filter of this.#listTopics()) if (matches(filter, topic)) this.#told.set(filter, payload);
  }

  #learn(client: MqttClient, payload: string): void {
    const message = JSON.parse(payload === '' ? '{}' : payload) as Message & { cmps?: Record<string, Entity> };
    if (payload !== '') assert.deepEqual(findFaults(message), []);
    const isThere = ([, entity]: readonly [string, Entity]): boolean => Object.keys(entity).length > 1;
    this.#entities = new Map(Object.entries(message.cmps ?? {}).filter(isThere));
    // Also of what it knows already, which makes the broker tell what it keeps.
    const topics = this.#listTopics();
    if (topics.length > 0) client.subscribeAsync(topics, { qos: 1 }).catch(() => undefined);
  }
}

function matches(filter: string, topic: string): boolean {
  return filter.endsWith('/+') && topic.slice(0, topic.lastIndexOf('/') + 1) === filter.slice(0, -1);
}
