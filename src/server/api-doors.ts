// The doors of an API: a TCP port for those who log in, a socket file for this machine's own administrators, and the gate behind both.
// What is answered behind it is the caller's: a box's own analysis server, or a console's.
import { Server as TlsServer } from 'node:https';
import { hostname } from 'node:os';
import type { FastifyInstance } from 'fastify';
import type { TlsFiles } from '../box/tls/tls-files.js';
import { isLoopback, LOOPBACK_ADDRESS } from '../model/loopback.js';
import { listOwnNames } from '../model/own-headers.js';
import { AccessDesk } from './access/access-desk.js';
import { addAccessRoutes } from './access/access-routes.js';
import { Accounts } from './access/accounts.js';
import { LocalConnections } from './access/caller.js';
import { addGate } from './access/gate.js';
import { createApp, listen, openLocalServer } from './api-frame.js';
import type { FrameOptions } from './api-frame.js';
import { addApiDocument } from './http/api-document.js';

export interface DoorOptions extends FrameOptions {
  /** Where to listen; 127.0.0.1 without it. Beyond loopback nothing is open to somebody who has not logged in. */
  readonly address?: string;
  /** TCP port; 0 lets the kernel choose. */
  readonly port: number;
  /** A socket file for this machine's own administrators, who need no password there; none without it. It never needs TLS. */
  readonly localSocketPath?: string;
  /** The file of users and tokens. It need not exist. */
  readonly accessPath: string;
}

export interface Doors {
  /** Such as `http://127.0.0.1:3238`. */
  readonly url: string;
  /** Makes whoever types it the first admin; null where somebody has a password. */
  readonly claimCode: string | null;
  /** What it has to do without, one sentence each. */
  readonly problems: readonly string[];
  /** For connections from now on; nothing without TLS. */
  renewCertificate(tls: TlsFiles): void;
  /** Ends every connection. */
  close(): Promise<void>;
}

/** @throws DeviceError `device.busy` when the port is taken, PermissionError when it may not be had. */
export async function openDoors(options: DoorOptions, addRoutes: (app: FastifyInstance) => void): Promise<Doors> {
  const { address = LOOPBACK_ADDRESS, tls = null } = options;
  const accounts = new Accounts(options.accessPath);
  const access = new AccessDesk(accounts, () => performance.timeOrigin + performance.now());
  const local = new LocalConnections();
  const app = createApp(options);
  await addApiDocument(app);
  addGate(app, { desk: access, local, onLoopbackOnly: isLoopback(address), ownNames: listOwnNames(hostname()) });
  addAccessRoutes(app, access);
  addRoutes(app);
  // What it listens on is not Fastify's own, so that it does not know the scheme.
  const url = (await listen(app, address, options.port)).replace(/^http:/, tls ? 'https:' : 'http:');
  const problems = accounts.problem === null ? [] : [accounts.problem];
  const localServer = await openLocalServer(app, local, options.localSocketPath).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    problems.push(`no socket file for administrators of this machine: ${reason}`);
    return null;
  });
  return {
    url,
    claimCode: access.claimCode,
    problems,
    renewCertificate: (renewed) => {
      if (app.server instanceof TlsServer) app.server.setSecureContext(renewed);
    },
    close: async () => {
      localServer?.close();
      localServer?.closeAllConnections();
      await app.close();
    },
  };
}
