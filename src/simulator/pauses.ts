// When a machine stands still: what is due meanwhile happens when it goes on, all at once.
import { NS_PER_SEC } from '../model/units.js';
import type { Random } from '../model/random.js';
import type { PauseModel } from './path-model.js';

/** Instants are of virtual time, ns; asked for in any order. */
export class Pauses {
  readonly #startsNs: number[] = [];
  readonly #endsNs: number[] = [];
  #drawnUntilNs = 0;

  constructor(
    private readonly model: PauseModel,
    private readonly random: Random,
  ) {}

  /** When that happens which is due at `atNs`. */
  computeHappensNs(atNs: number): number {
    while (this.#drawnUntilNs <= atNs) this.#drawNext();
    const last = this.#findLastStart(atNs);
    return last < 0 ? atNs : Math.max(atNs, this.#endsNs[last] as number);
  }

  #drawNext(): void {
    const { perSec, leastNs, mostNs } = this.model;
    const startNs = this.#drawnUntilNs + this.random.exponential(NS_PER_SEC / perSec);
    const endNs = startNs + leastNs * (mostNs / leastNs) ** this.random.uniform();
    this.#startsNs.push(startNs);
    this.#endsNs.push(endNs);
    this.#drawnUntilNs = endNs;
  }

  /** Place of the last pause that began by then; -1 of none. Ends: each turn halves what is left. */
  #findLastStart(atNs: number): number {
    let [from, to] = [0, this.#startsNs.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#startsNs[middle] as number) <= atNs) from = middle + 1;
      else to = middle;
    }
    return from - 1;
  }
}
