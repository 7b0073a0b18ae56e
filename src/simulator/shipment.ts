// A packet on a shared medium: the frames that carry it, and what became of all of them.
import type { Packet } from './packet.js';
import type { AsynchronousSink } from './server.js';

/** Whole only if each of its frames (fragments) comes through. */
export class Shipment {
  /** When its first frame began to leave for the first time. */
  #startNs = NaN;
  #isBroken = false;

  constructor(
    private readonly packet: Packet,
    private framesLeft: number,
    private readonly sink: AsynchronousSink,
  ) {}

  noteStart(nowNs: number): void {
    if (Number.isNaN(this.#startNs)) this.#startNs = nowNs;
  }

  /** Each frame ends once. `endNs`: when its last bit left, of one that came through. */
  endFrame(endNs: number, cameThrough: boolean): void {
    this.framesLeft -= 1;
    if (!cameThrough) this.#isBroken = true;
    if (this.framesLeft > 0) return;
    if (this.#isBroken) this.sink.lost(this.packet, this.#startNs);
    else this.sink.served(this.packet, this.#startNs, endNs);
  }
}
