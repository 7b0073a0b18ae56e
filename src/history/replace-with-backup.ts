// Replaces a file so that a power cut at any moment leaves the old one or the new one, whole, and the old one besides as `.bak`.
// Through `Disk`, which tests let fail at each call; small files with an owner and a mode are box/replace-file.ts's business.
import { dirname } from 'node:path';
import { readErrorCode } from './disk.js';
import type { Disk } from './disk.js';

export const BACKUP_SUFFIX = '.bak';
/** What a cut may leave behind; nobody reads it, and the next start removes it. */
export const NEXT_SUFFIX = '.next';

/** Written, synced, renamed, and the folder synced. Rejects with the disk's error, the file as it was. */
export async function replaceWithBackup(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const next = `${path}${NEXT_SUFFIX}`;
  await disk.remove(next);
  try {
    const file = await disk.open(next);
    try {
      await file.write(bytes, 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await keepBackup(disk, path);
    await disk.rename(next, path);
  } catch (error) {
    // On a full disk what was begun takes room that the next attempt needs.
    await disk.remove(next).catch(() => undefined);
    throw error;
  }
  await disk.syncFolder(dirname(path));
}

/** A second name, no second copy: it costs an entry of the folder. */
async function keepBackup(disk: Disk, path: string): Promise<void> {
  await disk.remove(`${path}${BACKUP_SUFFIX}`);
  try {
    await disk.link(path, `${path}${BACKUP_SUFFIX}`);
  } catch (error) {
    if (readErrorCode(error) !== 'ENOENT') throw error;
  }
}
