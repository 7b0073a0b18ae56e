// Debian's mosquitto as a test needs it: on loopback, with a password, killed and started again; and somebody who listens and keeps what
// was heard. Its data lie in the test's own folder.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt from 'mqtt';
import type { MqttClient } from 'mqtt';

const hasMosquitto = spawnSync('mosquitto', ['-h']).error === undefined;
/** What never comes is waited for by its test alone, and not by all of its file. */
export const LONGEST_MS = 120_000;
export const SKIP = hasMosquitto ? { timeout: LONGEST_MS } : { skip: "needs Debian's mosquitto" };
export const PASSWORD = 'correct horse: "battery" staple';

const FOLDER = mkdtempSync(join(tmpdir(), 'apparenet-mqtt-'));
after(() => rmSync(FOLDER, { recursive: true, force: true }));

/** Removed when all tests of the file are over, and with them what writes into it. */
export function makeFolder(): string {
  return mkdtempSync(join(FOLDER, 'test-'));
}

export interface Broker {
  readonly port: number;
  readonly url: string;
  /** Where it keeps what it must not forget when it is killed. */
  readonly database: string;
  /** Resolves when it is dead. */
  kill(): Promise<void>;
  /** Resolves when it listens. */
  start(): Promise<void>;
  /** Killed, and started without anything that it kept. */
  forget(): Promise<void>;
}

export interface BrokerOptions {
  readonly folder: string;
  /** Lines for its configuration beside those of the listener. */
  readonly lines?: readonly string[];
  readonly scheme?: 'mqtt' | 'mqtts';
  readonly listener?: readonly string[];
}

export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Takes who shows `probe` and the password, and nobody else. */
export async function startBroker(context: TestContext, options: BrokerOptions): Promise<Broker> {
  const { folder, lines = [], listener = [], scheme = 'mqtt' } = options;
  const port = await findFreePort();
  const passwords = join(folder, 'passwords');
  writeFileSync(passwords, '', { mode: 0o600 });
  spawnSync('mosquitto_passwd', ['-b', passwords, 'probe', PASSWORD]);
  const path = join(folder, 'mosquitto.conf');
  const config = [
    ...['user root', 'allow_anonymous false', `password_file ${passwords}`],
    // A change of a subscription, too, is on disk at once.
    ...['persistence true', `persistence_location ${folder}/`, 'autosave_on_changes true', 'autosave_interval 1'],
    ...lines,
    ...[`listener ${port} 127.0.0.1`, ...listener],
  ];
  writeFileSync(path, `${config.join('\n')}\n`);
  let running: ChildProcess | null = null;
  const kill = async (): Promise<void> => {
    if (running === null) return;
    const ended = once(running, 'exit');
    running.kill('SIGKILL');
    await ended;
    running = null;
  };
  const start = async (): Promise<void> => {
    running = spawn('mosquitto', ['-c', path], { stdio: 'ignore' });
    while (!(await isListening(port))) await sleep(20);
  };
  const database = join(folder, 'mosquitto.db');
  const forget = async (): Promise<void> => {
    await kill();
    rmSync(database, { force: true });
    await start();
  };
  context.after(kill);
  await start();
  return { port, url: `${scheme}://127.0.0.1:${port}`, database, kill, start, forget };
}

export async function isListening(port: number): Promise<boolean> {
  const socket = connectTcp(port, '127.0.0.1');
  const isThere = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
  socket.destroy();
  return isThere;
}

export interface Heard {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
}

export interface Listener {
  readonly heard: readonly Heard[];
  readonly client: MqttClient;
  /** Resolves when it has the broker again. */
  waitUntilBack(): Promise<void>;
  /** Resolves with the first message, heard already or not, that the condition takes. */
  waitFor(condition: (message: Heard) => boolean): Promise<Heard>;
}

/** Of mosquitto's database: a subscription is stored as the client's name and the filter, one behind the other. */
const isSubscribed = (database: Buffer, name: string, filter: string): boolean => database.includes(name + filter);

/** Hears everything, also what was published while it had lost the broker. */
export async function startListener(
  context: TestContext,
  broker: Broker,
  topic: string,
  name = 'listener',
  version: 4 | 5 = 4,
): Promise<Listener> {
  const heard: Heard[] = [];
  const client = mqtt.connect(broker.url, {
    ...{ username: 'probe', password: PASSWORD, clientId: name, clean: false },
    ...{ reconnectPeriod: 50, rejectUnauthorized: false, timerVariant: 'native', protocolVersion: version },
  });
  client.on('error', () => undefined);
  client.on('message', (at, bytes, { retain, dup }) => {
    const payload = bytes.toString();
    // The broker, killed before it knew that this one had been heard, says so again; what a box sends twice has no such mark.
    if (dup && heard.some((one) => one.topic === at && one.payload === payload)) return;
    heard.push({ topic: at, payload, retain });
  });
  context.after(() => void client.end(true));
  await client.subscribeAsync(topic, { qos: 1 });
  // Only then the broker knows over its own death who is to hear what: it writes the client's name first, and the subscription later.
  while (!existsSync(broker.database) || !isSubscribed(readFileSync(broker.database), name, topic)) await sleep(20);
  return {
    heard,
    client,
    waitUntilBack: async () => {
      while (!client.connected) await sleep(10);
    },
    waitFor: async (condition) => {
      for (;;) {
        const found = heard.find(condition);
        if (found) return found;
        await sleep(10);
      }
    },
  };
}
