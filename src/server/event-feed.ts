// The live events of the box, told to every reader: the newest are kept, so that a reader who was away hears what it missed.
import type { BoxEvent } from '../model/incident.js';

/** Kept for readers that come back; older ones are in the diary. */
const KEPT = 500;

export class EventFeed {
  readonly #kept: BoxEvent[] = [];
  readonly #readers = new Set<(event: BoxEvent) => void>();

  publish(event: BoxEvent): void {
    this.#kept.push(event);
    if (this.#kept.length > KEPT) this.#kept.shift();
    for (const tell of this.#readers) tell(event);
  }

  /** Those after the event `lastId`, oldest first; null where it is not among those kept, so that some may be missing. */
  listAfter(lastId: string): readonly BoxEvent[] | null {
    const at = this.#kept.findIndex(({ id }) => id === lastId);
    return at < 0 ? null : this.#kept.slice(at + 1);
  }

  /** Calls `tell` with each event from now on until the returned function is called. */
  subscribe(tell: (event: BoxEvent) => void): () => void {
    this.#readers.add(tell);
    return () => void this.#readers.delete(tell);
  }
}
