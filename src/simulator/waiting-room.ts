// The bytes that wait before a server of known order: what drop tail needs to know, exactly and in constant time a packet.

/** First in, first out. Instants are ns and given in ascending order. */
export class WaitingRoom {
  #leaveNs: number[] = [];
  #bytes: number[] = [];
  #first = 0;
  #waitingBytes = 0;

  constructor(private readonly limitBytes: number) {}

  /** Whether `bytes` more may wait at `nowNs`. */
  hasRoom(nowNs: number, bytes: number): boolean {
    this.#forgetThoseWhoLeft(nowNs);
    return this.#waitingBytes + bytes <= this.limitBytes;
  }

  /** `leaveNs` is when these bytes stop waiting and are served. */
  add(leaveNs: number, bytes: number): void {
    this.#leaveNs.push(leaveNs);
    this.#bytes.push(bytes);
    this.#waitingBytes += bytes;
  }

  #forgetThoseWhoLeft(nowNs: number): void {
    while (this.#first < this.#leaveNs.length && (this.#leaveNs[this.#first] ?? Infinity) <= nowNs) {
      this.#waitingBytes -= this.#bytes[this.#first] ?? 0;
      this.#first += 1;
    }
    // Shift the arrays only when half of them is spent: constant time a packet on average.
    if (this.#first > 64 && this.#first * 2 > this.#leaveNs.length) {
      this.#leaveNs = this.#leaveNs.slice(this.#first);
      this.#bytes = this.#bytes.slice(this.#first);
      this.#first = 0;
    }
  }
}
