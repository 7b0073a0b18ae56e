// Reads the small text files by which Linux describes itself under /proc, /sys and /run.
// The root is an argument so that tests can lay a recorded file tree under the same code.
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

export class HostFiles {
  /** `root` is `/` on a real machine. */
  constructor(private readonly root = '/') {}

  /** Content without surrounding white space; null where the kernel has or tells nothing (missing, EINVAL, EACCES). */
  readText(path: string): string | null {
    return orNull(() => readFileSync(join(this.root, path), 'utf8').trim());
  }

  /** A whole number in decimal; null where there is none. */
  readInteger(path: string): number | null {
    const text = this.readText(path);
    return text !== null && /^-?\d+$/.test(text) ? Number(text) : null;
  }

  readLink(path: string): string | null {
    return orNull(() => readlinkSync(join(this.root, path)));
  }

  /** Names in a folder, sorted; null where it does not exist or may not be read. */
  list(path: string): string[] | null {
    return orNull(() => readdirSync(join(this.root, path)).sort());
  }
}

/** Files of /proc vanish between two reads and deny by EINVAL, EACCES or ESRCH: each means "not told". */
function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
