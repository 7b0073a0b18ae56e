// A console as a test needs it: the product's own, on ports of its own, and what its API answers.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseConfiguration } from '../../../src/box/config/parse-configuration.js';
import { startConsole } from '../../../src/main/parts/start-console.js';
import type { Part } from '../../../src/main/parts/part.js';
import type { FleetBox, FleetBoxDetail, FleetEvent, FleetIncident } from '../../../src/model/fleet.js';
import { writeCredentials } from '../mqtt/test-box.js';

export interface TestConsole {
  readonly part: Part;
  /** 200 and its body. */
  ask<T>(path: string): Promise<T>;
  listBoxes(): Promise<readonly FleetBox[]>;
  readBox(id: string): Promise<FleetBoxDetail>;
  listEvents(query?: string): Promise<readonly FleetEvent[]>;
  listIncidents(query?: string): Promise<readonly FleetIncident[]>;
  /** Resolves when it holds. */
  waitUntil(condition: () => Promise<boolean>): Promise<void>;
  close(): Promise<void>;
}

export interface TestConsoleOptions {
  readonly url: string;
  readonly folder: string;
  readonly clock: { nowMs: number };
  /** Of MQTT; 3.1.1 without it. */
  readonly version?: 5;
}

export async function startTestConsole(context: TestContext, options: TestConsoleOptions): Promise<TestConsole> {
  const { url, folder, clock, version } = options;
  const mqtt = { enabled: true, url, credentialsFile: writeCredentials(folder), version };
  const part = await startConsole({
    port: 0,
    folder: join(folder, 'console'),
    broker: parseConfiguration(JSON.stringify({ mqtt })).mqtt,
    retention: { maxMb: 512, days: 400 },
    readClockMs: () => clock.nowMs,
    // The broker is tried again as soon as may be.
    random: () => 0,
  });
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => (closing ??= part.close());
  context.after(close);
  const ask = async <T>(path: string): Promise<T> => {
    const reply = await fetch(`${part.where}${path}`);
    const body = await reply.text();
    assert.equal(reply.status, 200, `${path}: ${body}`);
    return JSON.parse(body) as T;
  };
  return {
    part,
    ask,
    listBoxes: async () => (await ask<{ boxes: FleetBox[] }>('/api/v1/fleet')).boxes,
    readBox: (id) => ask<FleetBoxDetail>(`/api/v1/fleet/boxes/${id}`),
    listEvents: async (query = '') => (await ask<{ events: FleetEvent[] }>(`/api/v1/fleet/diary${query}`)).events,
    listIncidents: async (query = '') =>
      (await ask<{ incidents: FleetIncident[] }>(`/api/v1/fleet/incidents${query}`)).incidents,
    waitUntil: async (condition) => {
      while (!(await condition())) await sleep(20);
    },
    close,
  };
}
