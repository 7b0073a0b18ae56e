// The sizes of other people's packets: one, or a mix.
import type { Random } from '../model/random.js';
import type { PacketShare } from './path-model.js';

/** Frame lengths in bytes, each drawn by itself. */
export class PacketMix {
  readonly meanBytes: number;
  readonly #frameBytes: readonly number[];
  readonly #sharesUpTo: readonly number[];
  readonly #byteSharesUpTo: readonly number[];
  readonly #random: Random;

  constructor(sizeBytes: number | readonly PacketShare[], overheadBytes: number, random: Random) {
    const parts = typeof sizeBytes === 'number' ? [{ sizeBytes, share: 1 }] : sizeBytes;
    this.#frameBytes = parts.map((part) => part.sizeBytes + overheadBytes);
    this.#sharesUpTo = accumulate(parts.map(({ share }) => share));
    this.#byteSharesUpTo = accumulate(parts.map(({ share }, i) => share * (this.#frameBytes[i] ?? 0)));
    this.meanBytes = (this.#byteSharesUpTo.at(-1) ?? 0) / (this.#sharesUpTo.at(-1) ?? 1);
    this.#random = random;
  }

  drawBytes(): number {
    return this.#frameBytes[this.#drawIndex(this.#sharesUpTo)] ?? 0;
  }

  /** What is left of the frame that is met in service at an arbitrary instant: long ones are met more often. */
  drawResidualBytes(): number {
    return (this.#frameBytes[this.#drawIndex(this.#byteSharesUpTo)] ?? 0) * this.#random.uniform();
  }

  #drawIndex(upTo: readonly number[]): number {
    const last = upTo.length - 1;
    if (last === 0) return 0;
    const drawn = this.#random.uniform() * (upTo[last] ?? 0);
    let index = 0;
    while (index < last && (upTo[index] ?? 0) <= drawn) index += 1;
    return index;
  }
}

function accumulate(shares: readonly number[]): number[] {
  let sum = 0;
  return shares.map((share) => (sum += share));
}
