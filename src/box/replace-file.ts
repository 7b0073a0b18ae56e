// A file is replaced as a whole: after a power cut it is the old one or the new one.
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

/**
 * Mode and owner stay those of the file that is replaced; a new one has `mode` and the owner of its folder. Only root gives files
 * away: what others write is theirs. Throws Node's errors; nothing changed then.
 */
export function replaceFile(path: string, text: string, mode = 0o644): void {
  const next = `${path}.${process.pid}.new`;
  const old = statSync(path, { throwIfNoEntry: false });
  try {
    const owner = old ?? statSync(dirname(path));
    const file = openSync(next, 'w', mode);
    try {
      writeFileSync(file, text);
      // Whatever the process's umask is.
      fchmodSync(file, (old?.mode ?? mode) & 0o7777);
      if (process.getuid?.() === 0) fchownSync(file, owner.uid, owner.gid);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(next, path);
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  }
  const folder = openSync(dirname(path), 'r');
  fsyncSync(folder);
  closeSync(folder);
}
