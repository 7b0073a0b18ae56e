// The sequencer's control server: a Unix socket on which the other parts (and the command line) ask for packets to be sent.
// It never listens on tcp/3237: that side stays closed until peers can be authenticated.
import { readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { DeviceError } from '../../model/errors.js';
import type { PortNeighbour } from '../../model/link-evidence.js';
import type { OpenProber } from '../../model/path.js';
import { Beat } from './beat.js';
import { ControlChannel } from './channel.js';
import { ControlConnection } from './connection.js';
import type { ConnectionServices, RunCounters } from './connection.js';
import { encodeError } from './errors-on-the-wire.js';
import { CONTROL_LIMITS, CONTROL_PROTOCOL } from './messages.js';
import type { ControlStatus, ReflectorStatus } from './messages.js';
import { listenOnSocketFile } from './socket-file.js';
import { Turns } from './turns.js';

export interface ControlServerOptions {
  readonly socketPath: string;
  readonly version: string;
  /** Opens the paths that clients ask for. */
  readonly open: OpenProber;
  readReflector(): ReflectorStatus | null;
  listNeighbours(): readonly PortNeighbour[];
  /** What it has to do without, one sentence each. */
  readProblems(): readonly string[];
  /** Hears of defects: errors that no client caused. */
  onDefect(error: unknown): void;
}

export interface ControlServer {
  readonly socketPath: string;
  readStatus(): ControlStatus;
  /** Interrupts what runs, ends every connection and removes the socket. */
  close(): Promise<void>;
}

/** @throws DeviceError `device.busy` when another sequencer answers at the path, PermissionError when it may not be made. */
export async function startControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const server = new RunningServer(options);
  await server.listen();
  return server;
}

/** The network namespace this process sends from, such as `net:[4026531840]`. */
export function readNetworkNamespace(): string {
  return readlinkSync('/proc/self/ns/net');
}

class RunningServer implements ControlServer {
  readonly socketPath: string;
  readonly #server = createServer((socket) => void this.#accept(socket));
  readonly #connections = new Map<ControlConnection, Promise<void>>();
  readonly #counters: RunCounters = { active: 0, waiting: 0, completed: 0, interrupted: 0, failed: 0, malformed: 0 };
  readonly #startedAtMs = performance.now();
  readonly #options: ControlServerOptions;
  readonly #services: ConnectionServices;

  constructor(options: ControlServerOptions) {
    this.#options = options;
    this.socketPath = options.socketPath;
    this.#services = {
      open: options.open,
      turns: new Turns(),
      counters: this.#counters,
      besideBeat: new Beat(CONTROL_LIMITS.besideHeartbeatMs),
      version: options.version,
      networkNamespace: readNetworkNamespace(),
      readStatus: () => this.readStatus(),
      onDefect: (error) => options.onDefect(error),
    };
  }

  async listen(): Promise<void> {
    await listenOnSocketFile(this.#server, this.socketPath);
    this.#server.on('error', (error) => this.#options.onDefect(error));
  }

  readStatus(): ControlStatus {
    const { malformed, ...runs } = this.#counters;
    return {
      version: this.#services.version,
      protocol: CONTROL_PROTOCOL,
      networkNamespace: this.#services.networkNamespace,
      uptimeSec: Math.round((performance.now() - this.#startedAtMs) / 1000),
      networkControl: 'closed',
      reflector: this.#options.readReflector(),
      neighbours: this.#options.listNeighbours(),
      problems: this.#options.readProblems(),
      connections: this.#connections.size,
      runs,
      malformed,
    };
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const connection of this.#connections.keys()) connection.stop();
    await Promise.all(this.#connections.values());
    await closed;
  }

  async #accept(socket: Socket): Promise<void> {
    const channel = new ControlChannel(socket, CONTROL_LIMITS.requestBytes);
    if (this.#connections.size >= CONTROL_LIMITS.connections) {
      await channel.send(encodeError(new DeviceError('device.busy', 'the sequencer has as many clients as it takes')));
      await channel.end();
      channel.destroy();
      return;
    }
    const connection = new ControlConnection(channel, this.#services);
    const served = connection.serve();
    this.#connections.set(connection, served);
    await served;
    this.#connections.delete(connection);
  }
}
