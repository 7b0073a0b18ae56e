// Ctrl-C and SIGTERM while a command works: the first asks it to stop and tell what it knows, the second ends the process hard.

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
/** timeout(1), and shells that end a job, signal a process and then its group: two so close together are one request. */
const ONE_REQUEST_MS = 200;

export interface Interrupts {
  /** Aborts at the first signal. */
  readonly signal: AbortSignal;
  /** Gives the signals back to their defaults. */
  close(): void;
}

/** `onFirst` hears of the first signal; it says so to the person. A reader who has gone counts as a first signal. */
export function watchInterrupts(onFirst: () => void, readerGone?: AbortSignal): Interrupts {
  const controller = new AbortController();
  let firstAtMs = -Infinity;
  readerGone?.addEventListener('abort', () => controller.abort());
  const handle = (name: NodeJS.Signals): void => {
    if (!controller.signal.aborted) {
      firstAtMs = performance.now();
      onFirst();
      controller.abort();
      return;
    }
    if (performance.now() - firstAtMs < ONE_REQUEST_MS) return;
    close();
    // By the signal, as shells expect, but last of all: whoever changed something on the machine puts it back on exit.
    process.once('exit', () => process.kill(process.pid, name));
    process.exit();
  };
  const close = (): void => {
    for (const name of SIGNALS) process.off(name, handle);
  };
  for (const name of SIGNALS) process.on(name, handle);
  return { signal: controller.signal, close };
}
