// The bytes that wait before a server of known order: what drop tail needs to know, exactly and in constant time a packet.

const FIRST_CAPACITY = 64;

/** First in, first out, in a ring that doubles when it is full. Instants are ns and given in ascending order. */
export class WaitingRoom {
  #leaveNs = new Float64Array(FIRST_CAPACITY);
  #bytes = new Float64Array(FIRST_CAPACITY);
  #first = 0;
  #count = 0;
  #waitingBytes = 0;

  constructor(private readonly limitBytes: number) {}

  /** Whether `bytes` more may wait at `nowNs`. */
  hasRoom(nowNs: number, bytes: number): boolean {
    this.#forgetThoseWhoLeft(nowNs);
    return this.#waitingBytes + bytes <= this.limitBytes;
  }

  /** `leaveNs` is when these bytes stop waiting and are served. */
  add(leaveNs: number, bytes: number): void {
    if (this.#count === this.#leaveNs.length) this.#grow();
    const at = (this.#first + this.#count) & (this.#leaveNs.length - 1);
    this.#leaveNs[at] = leaveNs;
    this.#bytes[at] = bytes;
    this.#count += 1;
    this.#waitingBytes += bytes;
  }

  #forgetThoseWhoLeft(nowNs: number): void {
    const mask = this.#leaveNs.length - 1;
    while (this.#count > 0 && (this.#leaveNs[this.#first] ?? Infinity) <= nowNs) {
      this.#waitingBytes -= this.#bytes[this.#first] ?? 0;
      this.#first = (this.#first + 1) & mask;
      this.#count -= 1;
    }
  }

  #grow(): void {
    this.#leaveNs = unroll(this.#leaveNs, this.#first);
    this.#bytes = unroll(this.#bytes, this.#first);
    this.#first = 0;
  }
}

/** Twice as long a ring with the same content, from its beginning. */
function unroll(ring: Float64Array, first: number): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(2 * ring.length);
  longer.set(ring.subarray(first));
  longer.set(ring.subarray(0, first), ring.length - first);
  return longer;
}
