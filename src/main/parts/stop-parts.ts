// The end of all parts of a process, in bounded time.
import type { Part } from './part.js';

/** Parts that have not stopped by then are left to the end of the process. */
const STOP_MS = 5_000;

/** In the reverse order of starting: nobody is left asking a part that has gone. */
export async function stopParts(parts: readonly Part[], note: (line: string) => void): Promise<void> {
  let stopping = '';
  const all = (async () => {
    for (const part of parts.toReversed()) {
      stopping = part.name;
      await part.close();
    }
    stopping = '';
  })();
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => (timer = setTimeout(resolve, STOP_MS)));
  await Promise.race([all, deadline]);
  clearTimeout(timer);
  if (stopping !== '') note(`${stopping} did not stop in ${STOP_MS / 1000} s; ending all the same`);
}
