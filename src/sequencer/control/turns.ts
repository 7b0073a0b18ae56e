// Whose turn it is on a network port: one at a time, first come first served. Since a holder must queue again for its next
// turn, many who want the same port alternate. What a turn is used for is the caller's business.
import { CanceledError } from '../../model/errors.js';

/** Gives the turn to the next in line. Calling it again does nothing. */
export type EndTurn = () => void;

/** `behind` is the name of the holder, null where it has none. */
export type OnAhead = (ahead: number, behind: string | null) => void;

interface Waiter {
  readonly start: () => void;
  readonly onAhead: OnAhead;
  readonly name: string | null;
}

export class Turns {
  /** Of keys that somebody held: for how long until the present holder, and since when there is one. */
  readonly #held = new Map<string, { sumMs: number; sinceMs: number | null }>();
  /** Names of the holders that have one, by key. */
  readonly #holders = new Map<string, string | null>();
  /** Waiters by key; a key is present exactly while somebody holds its turn. */
  readonly #waiting = new Map<string, Waiter[]>();

  /** How many wait for `key`, the holder not counted. */
  countWaiting(key: string): number {
    return this.#waiting.get(key)?.length ?? 0;
  }

  /** For how long anybody has held the turn on `key` so far, ms. */
  readHeldMs(key: string): number {
    const { sumMs, sinceMs } = this.#held.get(key) ?? { sumMs: 0, sinceMs: null };
    return sumMs + (sinceMs === null ? 0 : performance.now() - sinceMs);
  }

  /**
   * Resolves when it is the caller's turn on `key`. `onAhead` hears, at once and at each change, how many come before
   * (the holder included, so never 0). `name` tells those who wait who holds it. @throws CanceledError when `signal` aborts first.
   */
  async take(key: string, signal: AbortSignal, onAhead: OnAhead, name: string | null = null): Promise<EndTurn> {
    if (signal.aborted) throw new CanceledError();
    const line = this.#waiting.get(key);
    if (!line) {
      this.#waiting.set(key, []);
      this.#holders.set(key, name);
      this.#held.set(key, { sumMs: this.readHeldMs(key), sinceMs: performance.now() });
      return this.#endOnce(key);
    }
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        line.splice(line.indexOf(waiter), 1);
        this.#announce(key, line);
        reject(new CanceledError());
      };
      const waiter: Waiter = {
        onAhead,
        name,
        start: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      line.push(waiter);
      onAhead(line.length, this.#holders.get(key) ?? null);
    });
    return this.#endOnce(key);
  }

  #endOnce(key: string): EndTurn {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#pass(key);
    };
  }

  #pass(key: string): void {
    const line = this.#waiting.get(key);
    const next = line?.shift();
    if (!line || !next) {
      this.#waiting.delete(key);
      this.#holders.delete(key);
      this.#held.set(key, { sumMs: this.readHeldMs(key), sinceMs: null });
      return;
    }
    this.#holders.set(key, next.name);
    next.start();
    this.#announce(key, line);
  }

  #announce(key: string, line: readonly Waiter[]): void {
    const behind = this.#holders.get(key) ?? null;
    line.forEach((waiter, index) => waiter.onAhead(index + 1, behind));
  }
}
