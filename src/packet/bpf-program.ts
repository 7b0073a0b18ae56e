// Assembler for classic BPF (Linux Documentation/networking/filter.rst): tests in a row, jumps forward to named places.
// Every load beyond the packet rejects it, so a filter needs no length tests.
//
// One instruction, 8 octets, here little-endian as on every machine we run on:
// +-------------------------------+---------------+---------------+
// |             code              | jump if true  | jump if false |  0
// |                               k                               |  4
// +---------------------------------------------------------------+
import { InvariantError } from '../model/errors.js';
import { uint32At } from './octets.js';

const CODE = {
  loadWord: 0x20,
  loadHalf: 0x28,
  loadByte: 0x30,
  /** Adds the index register to k. */
  indexed: 0x20,
  loadIndexHeaderLength: 0xb1,
  and: 0x54,
  shiftLeft: 0x64,
  addIndex: 0x0c,
  toIndex: 0x07,
  jumpEqual: 0x15,
  jumpAbove: 0x25,
  jumpBitsSet: 0x45,
  return: 0x06,
} as const;

/** More than any frame: the whole frame passes, the reader's snap length cuts. */
const ACCEPT_BYTES = 0x4_0000;

/** A place later in the program. */
type Place = string;

interface Instruction {
  readonly code: number;
  readonly k: number;
  /** null for the next instruction. */
  readonly whenTrue: Place | null;
  readonly whenFalse: Place | null;
}

/** Built in order; `reject` is a place at the end. */
export class BpfProgram {
  readonly #instructions: Instruction[] = [];
  readonly #places = new Map<Place, number>();

  /** Names the next instruction. */
  place(name: Place): void {
    this.#places.set(name, this.#instructions.length);
  }

  /** A := 1, 2 or 4 octets at `at`, plus the index register if `indexed`. */
  load(bytes: 1 | 2 | 4, at: number, indexed = false): void {
    const code = bytes === 1 ? CODE.loadByte : bytes === 2 ? CODE.loadHalf : CODE.loadWord;
    this.#add(indexed ? code + CODE.indexed : code, at);
  }

  /** Index register := length in octets of the IPv4 header at `at`. */
  loadIndexHeaderLength(at: number): void {
    this.#add(CODE.loadIndexHeaderLength, at);
  }

  and(mask: number): void {
    this.#add(CODE.and, mask);
  }

  shiftLeft(bits: number): void {
    this.#add(CODE.shiftLeft, bits);
  }

  /** Index register := A + index register. */
  advanceIndex(): void {
    this.#add(CODE.addIndex, 0);
    this.#add(CODE.toIndex, 0);
  }

  /** Goes on only if A = `value`. */
  requireEqual(value: number): void {
    this.#add(CODE.jumpEqual, value, null, 'reject');
  }

  /** Rejects if any of `bits` is set in A. */
  rejectBits(bits: number): void {
    this.#add(CODE.jumpBitsSet, bits, 'reject', null);
  }

  rejectAbove(value: number): void {
    this.#add(CODE.jumpAbove, value, 'reject', null);
  }

  jumpIfEqual(value: number, place: Place): void {
    this.#add(CODE.jumpEqual, value, place, null);
  }

  /** Goes on only if the address at `at` is `octets` (4 or 16 of them). */
  requireAddress(at: number, octets: Uint8Array): void {
    for (let done = 0; done < octets.length; done += 4) {
      this.load(4, at + done);
      this.requireEqual(uint32At(octets, done));
    }
  }

  accept(): void {
    this.#add(CODE.return, ACCEPT_BYTES);
  }

  /** The program, closed by the place `reject`. @throws InvariantError for an unknown place, one behind, or one too far. */
  encode(): Uint8Array {
    this.place('reject');
    this.#add(CODE.return, 0);
    const bytes = new Uint8Array(8 * this.#instructions.length);
    const view = new DataView(bytes.buffer);
    this.#instructions.forEach((instruction, i) => {
      view.setUint16(8 * i, instruction.code, true);
      view.setUint8(8 * i + 2, this.#distance(i, instruction.whenTrue));
      view.setUint8(8 * i + 3, this.#distance(i, instruction.whenFalse));
      view.setUint32(8 * i + 4, instruction.k, true);
    });
    return bytes;
  }

  #add(code: number, k: number, whenTrue: Place | null = null, whenFalse: Place | null = null): void {
    this.#instructions.push({ code, k, whenTrue, whenFalse });
  }

  /** Instructions to skip from `i` to a place; a jump counts from the next one. */
  #distance(i: number, place: Place | null): number {
    if (place === null) return 0;
    const distance = (this.#places.get(place) ?? -1) - i - 1;
    if (distance < 0 || distance > 255) throw new InvariantError(`BPF: no place ${place} within reach of ${i}`);
    return distance;
  }
}
