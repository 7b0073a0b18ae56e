// When a run that nothing more comes to is over, by the rule of `Sequence.quietNs`; the engine (device/nic/receiver.c) has the same.

/** The answers to a run's packets came with pauses: so many of the longest of them. */
const PAUSES = 3;
/** Of the time that answers went on to come after the last packet had left: so much a queue may have been longer. */
const TAIL_SHARE = 0.5;

/** Hears the arrivals of one run in order. All instants are of the same clock, ns. */
export class QuietEnd {
  #firstWaitNs = 0;
  #lastNs = NaN;
  #longestPauseNs = 0;

  constructor(
    private readonly quietNs: number,
    private readonly sending: { readonly firstNs: number; readonly lastNs: number },
  ) {}

  hear(atNs: number): void {
    if (Number.isNaN(this.#lastNs)) this.#firstWaitNs = atNs - this.sending.firstNs;
    else this.#longestPauseNs = Math.max(this.#longestPauseNs, atNs - this.#lastNs);
    this.#lastNs = atNs;
  }

  /** By what was heard until now; Infinity before the first arrival. */
  computeNs(): number {
    if (Number.isNaN(this.#lastNs)) return Infinity;
    const { lastNs } = this.sending;
    const tailNs = TAIL_SHARE * (this.#lastNs - lastNs);
    const expectedNs = Math.max(this.#lastNs, lastNs + this.#firstWaitNs);
    return expectedNs + Math.max(this.quietNs, PAUSES * this.#longestPauseNs, tailNs);
  }
}
