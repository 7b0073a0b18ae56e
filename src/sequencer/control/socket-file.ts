// The Unix socket's place in the file system: who may open it, and what a file found there means. A socket whose process is
// dead is replaced; one that answers, or a file that is no socket, is never touched.
import { lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import type { Server } from 'node:net';
import { dirname } from 'node:path';
import { DeviceError, PermissionError } from '../../model/errors.js';

/** Read and write for owner and group, nothing for others. */
const SOCKET_UMASK = 0o117;
/** sun_path of unix(7) less its terminating zero. */
const MAX_PATH_BYTES = 107;

/**
 * @throws DeviceError `device.busy` when another process answers there, `device.open` when the path cannot be a socket;
 * PermissionError when the folder may not be written.
 */
export async function listenOnSocketFile(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw new DeviceError('device.open', `the socket path ${path} is longer than ${MAX_PATH_BYTES} bytes`);
  }
  prepareFolder(dirname(path));
  try {
    await listen(server, path);
  } catch (cause) {
    if (errnoOf(cause) !== 'EADDRINUSE') throw explain(cause, path);
    await removeDeadSocket(path);
    await listen(server, path).catch((again: unknown) => {
      throw errnoOf(again) === 'EADDRINUSE' ? createBusyError(path) : explain(again, path);
    });
  }
}

function prepareFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: process.getuid?.() === 0 ? 0o755 : 0o700 });
    const facts = lstatSync(folder);
    const foreign = facts.uid !== 0 && facts.uid !== process.getuid?.();
    if (!foreign) return;
  } catch (cause) {
    throw explain(cause, folder);
  }
  // A folder of somebody else, as /tmp allows: its owner could put a socket of their own in our place.
  throw new PermissionError(
    'permission.socket',
    `the folder ${folder} belongs to another user`,
    `sudo chown "$USER" ${folder}`,
  );
}

async function removeDeadSocket(path: string): Promise<void> {
  const before = lstatSync(path, { throwIfNoEntry: false });
  if (!before) return;
  if (!before.isSocket()) throw new DeviceError('device.busy', `${path} exists and is not a socket`);
  if (await answers(path)) throw createBusyError(path);
  // Another starting process may have put its own socket there meanwhile; that one must stay.
  const after = lstatSync(path, { throwIfNoEntry: false });
  if (after?.ino === before.ino) unlinkSync(path);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    // Anything but a plain refusal (a full backlog, no permission) is a sign of life.
    probe.once('error', (error) => resolve(errnoOf(error) !== 'ECONNREFUSED'));
  });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // Node binds within the call, so the mode is right from the first moment and no other file is made under this mask.
    const mask = process.umask(SOCKET_UMASK);
    try {
      server.listen(path, () => {
        server.off('error', reject);
        resolve();
      });
    } finally {
      process.umask(mask);
    }
  });
}

function createBusyError(path: string): DeviceError {
  return new DeviceError(
    'device.busy',
    `another process already answers at ${path}: is it running twice? See "apparenet ports"`,
    {
      errno: 'EADDRINUSE',
      syscall: 'bind',
      port: null,
    },
  );
}

function explain(cause: unknown, path: string): Error {
  const errno = errnoOf(cause);
  if (errno === 'EACCES' || errno === 'EPERM' || errno === 'EROFS') {
    return new PermissionError(
      'permission.socket',
      `the socket ${path} may not be made by this user`,
      `run as root, or name another place with --tps-socket`,
      { cause },
    );
  }
  return new DeviceError('device.open', `the socket ${path} cannot be opened: ${errno ?? String(cause)}`, {
    errno,
    syscall: 'bind',
    port: null,
  });
}

/** Symbolic errno of a Node system error, null for anything else. */
function errnoOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
