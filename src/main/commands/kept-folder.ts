// Which folder of kept files a command reads where no server runs, and whether this user may.
import { existsSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { findStateFolder, SYSTEM_FOLDER } from '../../box/abilities-store.js';
import { PermissionError } from '../../model/errors.js';
import { computeCalendarPath, computeHistoryFolder } from '../../model/parts.js';

/** What was named, else what this user has kept, else what the service has. */
export function findKeptFolder(stateDir: string | undefined): string {
  if (stateDir !== undefined) return stateDir;
  const own = findStateFolder();
  return !isKept(own) && isKept(SYSTEM_FOLDER) ? SYSTEM_FOLDER : own;
}

function isKept(folder: string): boolean {
  return existsSync(computeHistoryFolder(folder)) || existsSync(computeCalendarPath(folder));
}

/** What is not there may be read. @throws PermissionError `permission.file` */
export async function checkReadable(path: string, mode = constants.R_OK): Promise<void> {
  try {
    await access(path, mode);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM') return;
    const message = `no analysis server runs, and only root and the user of the service may read ${path}`;
    throw new PermissionError('permission.file', message, 'run it with sudo, or start the service', { cause });
  }
}
