// The newest records by their ids, which ascend with time, however late each came; older ones are on disk only.

export class NewestRows<Row extends { readonly id: string }> {
  /** Ascending. */
  readonly #rows: Row[] = [];
  #hasDropped = false;

  constructor(private readonly most: number) {}

  /** Whether a record is not here because there was no room: then the disk knows more. */
  get hasDropped(): boolean {
    return this.#hasDropped;
  }

  find(id: string): Row | null {
    const row = this.#rows[this.#findPlace(id)];
    return row?.id === id ? row : null;
  }

  /** In the place of the one with its id. */
  put(row: Row): void {
    const place = this.#findPlace(row.id);
    this.#rows.splice(place, this.#rows[place]?.id === row.id ? 1 : 0, row);
    if (this.#rows.length <= this.most) return;
    this.#rows.shift();
    this.#hasDropped = true;
  }

  /** Newest first, at most `limit`, those before the id `beforeId` where it is given. */
  list(limit: number, beforeId: string | undefined, isAsked: (row: Row) => boolean): Row[] {
    const found: Row[] = [];
    const from = beforeId === undefined ? this.#rows.length : this.#findPlace(beforeId);
    for (let i = from - 1; i >= 0 && found.length < limit; i -= 1) {
      const row = this.#rows[i];
      if (row !== undefined && isAsked(row)) found.push(row);
    }
    return found;
  }

  /** Of the first row whose id is not before `id`. Ends when low meets high. */
  #findPlace(id: string): number {
    let [low, high] = [0, this.#rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#rows[middle]?.id ?? '') < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
