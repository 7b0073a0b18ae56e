// A queue and the link it feeds: Lindley's recursion with drop tail, shared with other people's traffic.
import type { Random } from '../model/random.js';
import { serialisationNs } from '../model/units.js';
import type { CrossTrafficModel, HopModel } from './path-model.js';
import { WaitingRoom } from './waiting-room.js';

/**
 * Mean gaps of cross traffic played before a packet that comes after a long silence. Poisson arrivals have no memory, so
 * starting anew is exact but for the queue, which forgets where it started within about 1/(1 − share)² services.
 */
const WARM_UP_GAPS = 1_000;

/** When a packet that was not dropped begins to leave and has left. */
export interface Service {
  readonly startNs: number;
  readonly endNs: number;
}

/** Instants are given in ascending order. */
export class Link {
  readonly #rateBitsPerSec: number;
  readonly #room: WaitingRoom;
  readonly #cross: CrossTraffic | null;
  #freeNs = -Infinity;

  constructor(model: HopModel, overheadBytes: number, random: Random) {
    this.#rateBitsPerSec = model.rateBitsPerSec;
    this.#room = new WaitingRoom(model.queueBytes);
    this.#cross =
      model.crossTraffic && model.crossTraffic.share > 0
        ? new CrossTraffic(model.crossTraffic, model.rateBitsPerSec, overheadBytes, random)
        : null;
  }

  /** Null: the queue is full. */
  send(atNs: number, frameBytes: number): Service | null {
    const cross = this.#cross;
    if (cross !== null) {
      cross.skipSilenceBefore(atNs);
      while (cross.nextNs <= atNs) this.#serve(cross.takeNext(), cross.frameBytes);
    }
    return this.#serve(atNs, frameBytes);
  }

  /** W(n+1) = max(0, W(n) + S(n) − A(n)) (Lindley 1952), kept as the instant at which the link falls idle. */
  #serve(atNs: number, frameBytes: number): Service | null {
    const startNs = Math.max(atNs, this.#freeNs);
    if (startNs > atNs) {
      if (!this.#room.hasRoom(atNs, frameBytes)) return null;
      this.#room.add(startNs, frameBytes);
    }
    this.#freeNs = startNs + serialisationNs(frameBytes, this.#rateBitsPerSec);
    return { startNs, endNs: this.#freeNs };
  }
}

class CrossTraffic {
  readonly frameBytes: number;
  readonly #meanGapNs: number;
  readonly #random: Random;
  nextNs = -Infinity;

  constructor(model: CrossTrafficModel, rateBitsPerSec: number, overheadBytes: number, random: Random) {
    this.frameBytes = model.sizeBytes + overheadBytes;
    this.#meanGapNs = serialisationNs(this.frameBytes, rateBitsPerSec) / model.share;
    this.#random = random;
  }

  skipSilenceBefore(nowNs: number): void {
    const warmUpNs = nowNs - WARM_UP_GAPS * this.#meanGapNs;
    if (this.nextNs < warmUpNs) this.nextNs = warmUpNs + this.#random.exponential(this.#meanGapNs);
  }

  takeNext(): number {
    const arrivalNs = this.nextNs;
    this.nextNs += this.#random.exponential(this.#meanGapNs);
    return arrivalNs;
  }
}
