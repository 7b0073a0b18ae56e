// Debian's nats-server as an MQTT broker for a test: on loopback, with a password, with JetStream, in which its gateway keeps what is
// retained. Killed and started again on the same data.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort, isListening, LONGEST_MS, PASSWORD } from './mosquitto.js';

const hasNats = spawnSync('nats-server', ['--version']).error === undefined;
export const SKIP_NATS = hasNats ? { timeout: LONGEST_MS } : { skip: "needs Debian's nats-server" };

export interface NatsBroker {
  readonly url: string;
  /** Resolves when it is dead. */
  kill(): Promise<void>;
  /** Resolves when it listens. */
  start(): Promise<void>;
}

/** Takes who shows `probe` and the password, and nobody else. */
export async function startNats(context: TestContext, folder: string): Promise<NatsBroker> {
  const [port, mqttPort] = [await findFreePort(), await findFreePort()];
  const path = join(folder, 'nats.conf');
  const config = [
    // The gateway names its streams by the server, and refuses to start without a name.
    ...['server_name: test', 'host: 127.0.0.1', `port: ${port}`],
    `jetstream { store_dir: ${JSON.stringify(join(folder, 'jetstream'))} }`,
    `mqtt { host: 127.0.0.1, port: ${mqttPort} }`,
    `authorization { users: [ { user: probe, password: ${JSON.stringify(PASSWORD)} } ] }`,
  ];
  writeFileSync(path, `${config.join('\n')}\n`, { mode: 0o600 });
  let running: ChildProcess | null = null;
  const kill = async (): Promise<void> => {
    if (running === null) return;
    const ended = once(running, 'exit');
    running.kill('SIGKILL');
    await ended;
    running = null;
  };
  const start = async (): Promise<void> => {
    running = spawn('nats-server', ['-c', path], { stdio: 'ignore' });
    while (!(await isListening(mqttPort))) await sleep(20);
  };
  context.after(kill);
  await start();
  return { url: `mqtt://127.0.0.1:${mqttPort}`, kill, start };
}
