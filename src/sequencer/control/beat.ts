// A rhythm that many keep together: one timer, and so one wake-up of this process and of whoever hears of it, for all of them.
// What is done on each beat the listeners know.

export class Beat {
  readonly #listeners = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly periodMs: number) {}

  /** `act` is called within a period from now, and then once in each, until the function returned is called; safe to call twice. */
  listen(act: () => void): () => void {
    // One of its own, so that each who listens ends only for himself.
    const listener = (): void => act();
    this.#listeners.add(listener);
    this.#timer ??= setInterval(() => this.#beat(), this.periodMs);
    return () => this.#leave(listener);
  }

  #beat(): void {
    for (const listener of this.#listeners) listener();
  }

  #leave(listener: () => void): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
