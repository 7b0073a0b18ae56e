// Whether an analysis server runs on this machine, and by which way this user may ask it. What is asked is its callers' business.
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { readPlaceInForce } from '../../box/config/read-server-place.js';
import { PermissionError } from '../../model/errors.js';
import { computeControlSocketPath, computeLocalSocketPath, CONFIG_PATH } from '../../model/parts.js';
import { findControlSocketPath } from '../../prober/remote/find-control-socket.js';
import { askLocalApi, type LocalApiPlace } from './ask-local-api.js';

/** A path in every case: in the folder that was named, else that of the service, else one beside the sequencer of this user. */
export function findLocalSocketPath(stateDir: string | undefined): string {
  if (stateDir !== undefined) return join(stateDir, 'as.sock');
  const service = computeLocalSocketPath(computeControlSocketPath(0, undefined));
  return existsSync(service) ? service : computeLocalSocketPath(findControlSocketPath());
}

/**
 * Where it can be asked about what it keeps: at its socket file, or on loopback for as long as nobody has claimed the box. null where
 * none runs. @throws PermissionError `permission.socket` where one runs and this user may not ask it
 */
export async function findLocalServer(stateDir: string | undefined): Promise<LocalApiPlace | null> {
  const asSocketPath = findLocalSocketPath(stateDir);
  switch (await tryToConnect(asSocketPath)) {
    case 'answers':
      return { port: 0, asSocketPath };
    case 'nobody':
      return null;
    case 'forbidden': {
      // What has the port may be another server than that of a folder that was named.
      const place = stateDir === undefined ? await findOpenDoor() : null;
      if (place !== null) return place;
      throw createForbidden(asSocketPath);
    }
  }
}

export function createForbidden(asSocketPath: string, cause?: unknown): PermissionError {
  const message = `the analysis server runs, and only root and the group of its service may open ${asSocketPath}`;
  const remedy = 'run it with sudo, or join the group and log in again: sudo usermod -aG apparenet "$USER"';
  return new PermissionError('permission.socket', message, remedy, { cause });
}

type Door = 'answers' | 'nobody' | 'forbidden';

function tryToConnect(path: string): Promise<Door> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (door: Door): void => {
      socket.destroy();
      resolve(door);
    };
    socket.once('connect', () => settle('answers'));
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      settle(code === 'EACCES' || code === 'EPERM' ? 'forbidden' : 'nobody'),
    );
  });
}

/** null where somebody has claimed the box. */
async function findOpenDoor(): Promise<LocalApiPlace | null> {
  const place = { port: (await readPlaceInForce(CONFIG_PATH)).apiPort };
  const answer = await askLocalApi(place, { method: 'GET', path: '/api/v1/session' }).catch(() => null);
  return (answer as { readonly state?: unknown } | null)?.state === 'open' ? place : null;
}
