// What is due when, in virtual time: for the parts of a path whose directions disturb each other.

interface DueEvent {
  readonly atNs: number;
  /** Events of one instant come in the order in which they were scheduled. */
  readonly order: number;
  readonly act: () => void;
}

/** A binary heap. Whoever no longer wants an event lets it pass: nothing is taken back. */
export class EventQueue {
  readonly #heap: DueEvent[] = [];
  #scheduled = 0;
  #nowNs = -Infinity;

  /** The instant of the event that is, or was last, performed. */
  get nowNs(): number {
    return this.#nowNs;
  }

  /** `atNs` in the past is due at once. */
  schedule(atNs: number, act: () => void): void {
    const event = { atNs: Math.max(atNs, this.#nowNs), order: this.#scheduled, act };
    this.#scheduled += 1;
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    // Ends at the root.
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(event, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = event;
  }

  /** Performs the next event; false if there is none. */
  step(): boolean {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return false;
    if (first !== last) this.#sink(last);
    this.#nowNs = first.atNs;
    first.act();
    return true;
  }

  /** Finds the place of an event, beginning at the root. */
  #sink(event: DueEvent): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      // Ends at a leaf.
      let child = 2 * at + 1;
      let earlier = heap[child];
      if (earlier === undefined) break;
      const sibling = heap[child + 1];
      if (sibling !== undefined && isBefore(sibling, earlier)) [child, earlier] = [child + 1, sibling];
      if (!isBefore(earlier, event)) break;
      heap[at] = earlier;
      at = child;
    }
    heap[at] = event;
  }
}

function isBefore(a: DueEvent, b: DueEvent): boolean {
  return a.atNs < b.atNs || (a.atNs === b.atNs && a.order < b.order);
}
