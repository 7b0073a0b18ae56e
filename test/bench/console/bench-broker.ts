// A broker on loopback for as long as a bench runs, and a fleet's connections to it.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt from 'mqtt';
import type { MqttClient } from 'mqtt';
import type { Told } from './told-fleet.js';

export interface BenchBroker {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface BenchBrokerOptions {
  readonly program: string;
  readonly port: number;
  readonly folder: string;
  /** What mosquitto lets wait for one client; what is beyond is lost. */
  readonly queue: number;
}

export async function startBenchBroker({ program, port, folder, queue }: BenchBrokerOptions): Promise<BenchBroker> {
  const path = join(folder, 'broker.conf');
  writeFileSync(
    path,
    program === 'mosquitto'
      ? `user root\nallow_anonymous true\nmax_queued_messages ${queue}\nlistener ${port} 127.0.0.1\n`
      : `server_name: bench\nhost: 127.0.0.1\nport: -1\njetstream { store_dir: "${folder}/jetstream" }\nmqtt { host: 127.0.0.1, port: ${port} }\n`,
  );
  const child = spawn(program, ['-c', path], { stdio: 'ignore' });
  await waitForPort(child, port);
  return { url: `mqtt://127.0.0.1:${port}`, pid: child.pid ?? 0, stop: () => stopChild(child) };
}

/** Ends when somebody listens, or the program has ended. */
async function waitForPort(child: ChildProcess, port: number): Promise<void> {
  while (child.exitCode === null) {
    const socket = connectTcp(port, '127.0.0.1');
    const [word] = (await Promise.race([
      once(socket, 'connect').then(() => ['open']),
      once(socket, 'close').then(() => ['closed']),
    ]).catch(() => ['closed'])) as [string];
    socket.destroy();
    if (word === 'open') return;
    await sleep(50);
  }
}

export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

export class FleetSender {
  private constructor(private readonly clients: readonly MqttClient[]) {}

  static async open(url: string, connections: number): Promise<FleetSender> {
    const opening = Array.from({ length: connections }, (_, i) =>
      mqtt.connectAsync(url, { clientId: `bench-${i}`, reconnectPeriod: 0 }),
    );
    return new FleetSender(await Promise.all(opening));
  }

  /** As boxes send, with QoS 1; resolves when the broker has taken all. `sent` hears of each when it is handed to the socket. */
  async send(all: readonly Told[], sent: (told: Told) => void): Promise<void> {
    const taken: Promise<unknown>[] = [];
    for (const [i, told] of all.entries()) {
      sent(told);
      const { box, topic, payload, retain } = told;
      const client = this.clients[i % this.clients.length];
      if (client) taken.push(client.publishAsync(`apparenet/${box}/${topic}`, payload, { qos: 1, retain }));
    }
    await Promise.all(taken);
  }

  async close(): Promise<void> {
    for (const client of this.clients) await client.endAsync(true);
  }
}
