// A box whose facts a test says, publishing to a real broker.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { parseConfiguration } from '../../../src/box/config/parse-configuration.js';
import type { MqttSettings } from '../../../src/model/configuration.js';
import type { Incident } from '../../../src/model/incident.js';
import { BoxPublisher } from '../../../src/mqtt/box-publisher.js';
import type { BoxFacts } from '../../../src/mqtt/box-states.js';
import type { RequestWork } from '../../../src/mqtt/requests/request-desk.js';
import { MONDAY_MS } from '../../unit/baseline/watched-minutes.js';
import { buildPort } from '../../unit/mqtt/built-facts.js';
import { PASSWORD } from './mosquitto.js';

/** What the box's clock shows: messages that are older than the configuration allows are dropped. */
export const NOW_MS = MONDAY_MS;

export interface TestBox {
  readonly box: BoxPublisher;
  readonly troubles: readonly string[];
  readonly facts: { targets: string[]; openIncidents: readonly Incident[] };
}

export interface TestBoxOptions {
  readonly url: string;
  readonly folder: string;
  readonly settings?: Partial<MqttSettings>;
  readonly targets?: readonly string[];
  readonly password?: string;
  readonly work?: RequestWork;
  /** `hall` without it. */
  readonly id?: string;
  readonly name?: string;
}

export function writeCredentials(folder: string, password = PASSWORD): string {
  const path = join(folder, 'credentials.yaml');
  writeFileSync(path, `username: probe\npassword: ${JSON.stringify(password)}\n`, { mode: 0o600 });
  return path;
}

/** Closed after the test. */
export async function startBox(context: TestContext, options: TestBoxOptions): Promise<TestBox> {
  const { url, folder, targets = ['office'], id = 'hall', name = id } = options;
  const troubles: string[] = [];
  const facts: TestBox['facts'] = { targets: [...targets], openIncidents: [] };
  const credentialsFile = writeCredentials(folder, options.password);
  const box = await BoxPublisher.start({
    settings: { ...parseConfiguration('').mqtt, enabled: true, url, credentialsFile, ...options.settings },
    identity: { ...{ id, name }, version: '0.1.0', startedMs: 0 },
    folder: join(folder, 'state'),
    lastReport: null,
    work: options.work ?? { begin: () => assert.fail('nothing was to be asked') },
    readFacts: () => Promise.resolve(composeFacts(facts)),
    readClockMs: () => NOW_MS,
    // Reconnects and births as soon as they may be.
    random: () => 0,
    onTrouble: (text) => troubles.push(text),
    onStoreError: (error) => assert.fail(error.message),
    onDefect: (error) => assert.fail(String(error)),
  });
  context.after(() => box.close());
  return { box, troubles, facts };
}

function composeFacts({ targets, openIncidents }: TestBox['facts']): BoxFacts {
  return {
    targets,
    profiles: Object.fromEntries(targets.map((name) => [name, 'normal'])),
    openIncidents,
    health: {
      ...{ temperatures: [], memory: null, storage: null, load: null, concerns: [] },
      clock: { synchronized: true, service: null, maxErrorNs: null, source: null },
    },
    isSequencerUp: true,
    ports: [{ facts: buildPort('eth0'), neighbour: null }],
  };
}
