// One process at a time changes a file: who has made the file beside it goes first, the others wait a moment. Editors know nothing of it.
import { closeSync, openSync, rmSync, statSync } from 'node:fs';

/** A change takes some ms, on slow flash some hundred. What waits holds up its process. */
const MOST_WAIT_MS = 1_000;
const LOOK_MS = 10;
/** Then whoever made it is gone, or the clock was set. */
const STALE_MS = 10_000;

/** null where somebody else held it all the time. Throws what `work` throws, and Node's errors for a folder that takes no file. */
export function holdLockFile<Result>(path: string, work: () => Result): { readonly result: Result } | null {
  if (!take(path)) return null;
  try {
    return { result: work() };
  } finally {
    rmSync(path, { force: true });
  }
}

/** Ends when it was made here, or after `MOST_WAIT_MS`. */
function take(path: string): boolean {
  for (let waitedMs = 0; waitedMs <= MOST_WAIT_MS; waitedMs += LOOK_MS) {
    try {
      closeSync(openSync(path, 'wx', 0o644));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const made = statSync(path, { throwIfNoEntry: false });
    if (made && Math.abs(Date.now() - made.mtimeMs) > STALE_MS) rmSync(path, { force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_MS);
  }
  return false;
}
