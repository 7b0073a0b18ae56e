// Ctrl-C and SIGTERM while a command works: the first asks it to stop and tell what it knows, the second ends the process hard.

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export interface Interrupts {
  /** Aborts at the first signal. */
  readonly signal: AbortSignal;
  /** Gives the signals back to their defaults. */
  close(): void;
}

/** `onFirst` hears of the first signal; it says so to the person. A reader who has gone counts as a first signal. */
export function watchInterrupts(onFirst: () => void, readerGone: AbortSignal): Interrupts {
  const controller = new AbortController();
  readerGone.addEventListener('abort', () => controller.abort());
  const handle = (name: NodeJS.Signals): void => {
    if (!controller.signal.aborted) {
      onFirst();
      controller.abort();
      return;
    }
    close();
    process.kill(process.pid, name);
  };
  const close = (): void => {
    for (const name of SIGNALS) process.off(name, handle);
  };
  for (const name of SIGNALS) process.on(name, handle);
  return { signal: controller.signal, close };
}
