// What a link of 10 or 100 Mb/s makes of packets offered at given instants, where its two stations run half or full duplex (IEEE 802.3,
// clause 4): who defers, collides, tries again and gives up. Backoff is drawn; traffic of others is left out.
import type { Random } from '../../../../model/random.js';
import { planStart, Station } from './medium-station.js';

/** Bit times and attempts of IEEE 802.3, table 4-2. */
const SLOT_BITS = 512;
const GAP_BITS = 96;
/** In the second part of the gap a station no longer listens. */
const GAP_PART_TWO_BITS = 32;
const PREAMBLE_BITS = 64;
const JAM_BITS = 32;
const ATTEMPT_LIMIT = 16;
const BACKOFF_LIMIT = 10;

export interface Medium {
  readonly bitNs: number;
  /** From one station to the other. */
  readonly propagationNs: number;
  readonly isNearHalf: boolean;
  readonly isFarHalf: boolean;
}

/** What is known of a request from elsewhere: then its answer goes or stays away whatever the replay says of the request. */
export const KNOWN = { nothing: 0, arrived: 1, missing: 2 } as const;

/** Requests in the order of sending; columns of equal length. */
export interface Offered {
  /** When a request is ready at the near station. */
  readonly atNs: Float64Array;
  /** On the medium, preamble and FCS counted, without the gap. */
  readonly requestBits: Float64Array;
  readonly replyBits: Float64Array;
  /** From a request's last bit at the far station until its reply is ready there; less than 0 is 0. */
  readonly turnNs: Float64Array;
  /** All turns take that much longer. */
  readonly lateNs: number;
  readonly known: Uint8Array;
}

/** How often each packet collided and was lost, added up over replays; requests first, then replies. */
export interface Tally {
  readonly hits: Uint8Array;
  readonly losses: Uint8Array;
}

/** Adds one replay to the tally. */
export function replayMedium(offered: Offered, medium: Medium, tally: Tally, random: Random): void {
  new Replay(offered, medium, tally, random).run();
}

class Replay {
  readonly #near: Station;
  readonly #far: Station;
  readonly #count: number;
  #nowNs = -Infinity;
  #nextRequest = 0;
  /** Replies in the order in which they will be ready. */
  readonly #replies: number[] = [];
  readonly #repliesReadyNs: number[] = [];
  #nextReply = 0;
  /** Fields, as both are read at each step. */
  #requestNs: number;
  #replyNs = Infinity;
  #lastReplyNs = -Infinity;

  constructor(
    private readonly offered: Offered,
    private readonly medium: Medium,
    private readonly tally: Tally,
    private readonly random: Random,
  ) {
    this.#near = new Station(medium.isNearHalf);
    this.#far = new Station(medium.isFarHalf);
    this.#count = offered.atNs.length;
    this.#requestNs = this.#count > 0 ? (offered.atNs[0] as number) : Infinity;
  }

  /** Ends when both queues are empty and nothing is on its way: each frame is tried at most sixteen times. */
  run(): void {
    while (this.#step());
  }

  #step(): boolean {
    const near = this.#near;
    const far = this.#far;
    const edgeNs = Math.min(near.nextEdgeNs, far.nextEdgeNs);
    const endNs = Math.min(near.endNs, far.endNs);
    const startNs = Math.min(near.startNs, far.startNs);
    this.#nowNs = Math.min(this.#requestNs, this.#replyNs, edgeNs, endNs, startNs);
    if (this.#nowNs === Infinity) return false;
    if (this.#nowNs === endNs) this.#end(near.endNs === endNs ? near : far);
    else if (this.#nowNs === edgeNs) this.#hear(near.nextEdgeNs === edgeNs ? near : far);
    else if (this.#nowNs === startNs) this.#start(near.startNs === startNs ? near : far);
    else if (this.#nowNs === this.#requestNs) this.#take(near, this.#readRequest());
    else this.#take(far, this.#readReply());
    return true;
  }

  #readRequest(): number {
    const frame = this.#nextRequest;
    this.#nextRequest += 1;
    this.#requestNs = this.#nextRequest < this.#count ? (this.offered.atNs[this.#nextRequest] as number) : Infinity;
    return frame;
  }

  #readReply(): number {
    const frame = this.#replies[this.#nextReply] as number;
    this.#nextReply += 1;
    const isMore = this.#nextReply < this.#repliesReadyNs.length;
    this.#replyNs = isMore ? (this.#repliesReadyNs[this.#nextReply] as number) : Infinity;
    return frame;
  }

  /**
   * Most frames are through before another is ready: the same in one step as in five, of the end of which only the gaps are left. False
   * where the medium is not idle, or another comes.
   */
  #passAlone(station: Station, frame: number): boolean {
    const other = this.#otherOf(station);
    if (!station.isIdle || !other.isIdle) return false;
    const { bitNs, propagationNs } = this.medium;
    const endNs = Math.max(this.#nowNs, station.clearNs) + this.#bitsOf(frame) * bitNs;
    const heardNs = endNs + propagationNs;
    if (heardNs >= this.#requestNs || heardNs >= this.#replyNs) return false;
    station.clearNs = endNs + GAP_BITS * bitNs;
    if (other.isHalf) other.clearNs = heardNs + GAP_BITS * bitNs;
    this.#nowNs = heardNs;
    this.#finish(frame, true);
    return true;
  }

  #take(station: Station, frame: number): void {
    if (this.#passAlone(station, frame)) return;
    station.queue.push(frame);
    if (station.frame < 0) this.#takeNext(station);
  }

  #takeNext(station: Station): void {
    station.frame = station.queue[station.head] ?? -1;
    if (station.frame >= 0) station.head += 1;
    station.attempts = 0;
    station.readyNs = this.#nowNs;
    planStart(station, this.#nowNs);
  }

  #start(station: Station): void {
    const { isHalf, frame } = station;
    station.startNs = Infinity;
    station.sentSinceNs = this.#nowNs;
    station.isCut = false;
    station.endNs = this.#nowNs + this.#bitsOf(frame) * this.medium.bitNs;
    const other = this.#otherOf(station);
    other.addEdge(this.#nowNs + this.medium.propagationNs);
    other.heardFrames.push(frame);
    if (isHalf && station.isHearing) this.#collide(station);
  }

  /** Both learn of it here: what is heard is spoiled, and what is sent ends with a jam (4.2.3.2.4). */
  #collide(station: Station): void {
    const { bitNs } = this.medium;
    station.isSpoiled = true;
    this.#hit(station.heardFrames[station.edge >> 1] ?? 0);
    if (station.isCut) return;
    station.isCut = true;
    this.#hit(station.frame);
    const preambleNs = station.sentSinceNs + PREAMBLE_BITS * bitNs;
    station.endNs = Math.max(this.#nowNs, preambleNs) + JAM_BITS * bitNs;
    // A late collision is told by the end of the jam.
    station.readyNs = this.#nowNs - station.sentSinceNs > SLOT_BITS * bitNs ? Infinity : 0;
  }

  #end(station: Station): void {
    const other = this.#otherOf(station);
    const { frame, isCut } = station;
    station.endNs = Infinity;
    other.addEdge(this.#nowNs + this.medium.propagationNs);
    if (isCut) other.heardFrames[other.heardFrames.length - 1] = -1;
    station.clearNs = station.isHalf && station.isHearing ? Infinity : this.#nowNs + GAP_BITS * this.medium.bitNs;
    if (!isCut) {
      this.#takeNext(station);
      return;
    }
    station.attempts += 1;
    if (station.readyNs === Infinity || station.attempts >= ATTEMPT_LIMIT) {
      this.#finish(frame, false);
      this.#takeNext(station);
      return;
    }
    // Truncated binary exponential backoff (4.2.3.2.5).
    const range = 2 ** Math.min(station.attempts, BACKOFF_LIMIT);
    const slots = Math.floor(this.random.uniform() * range);
    station.readyNs = this.#nowNs + slots * SLOT_BITS * this.medium.bitNs;
    planStart(station, this.#nowNs);
  }

  #hear(station: Station): void {
    const wasHearing = station.isHearing;
    const frame = station.heardFrames[station.edge >> 1] ?? -1;
    station.passEdge();
    if (wasHearing) {
      if (station.isHalf && !station.isSending) station.clearNs = this.#nowNs + GAP_BITS * this.medium.bitNs;
      // What was cut short its sender knows of.
      if (frame >= 0) this.#finish(frame, !station.isSpoiled);
    } else {
      station.isSpoiled = false;
      if (!station.isHalf) return;
      if (station.isSending) this.#collide(station);
      else this.#heed(station);
    }
    if (station.isHalf) planStart(station, this.#nowNs);
  }

  /** A carrier that comes in the second part of the gap is too late to be heeded. */
  #heed(station: Station): void {
    const { bitNs } = this.medium;
    const sinceNs = this.#nowNs - station.clearNs;
    if (sinceNs < -GAP_PART_TWO_BITS * bitNs || sinceNs >= bitNs) station.clearNs = Infinity;
  }

  #finish(frame: number, isPassed: boolean): void {
    if (!isPassed) this.tally.losses[frame] = (this.tally.losses[frame] ?? 0) + 1;
    if (frame >= this.#count) return;
    const known = this.offered.known[frame] ?? KNOWN.nothing;
    if (known === KNOWN.missing || (known === KNOWN.nothing && !isPassed)) return;
    const readyNs = this.#nowNs + Math.max(0, (this.offered.turnNs[frame] as number) + this.offered.lateNs);
    // Replies leave in the order in which their requests came.
    this.#lastReplyNs = Math.max(readyNs, this.#lastReplyNs);
    if (this.#nextReply === this.#replies.length) this.#replyNs = this.#lastReplyNs;
    this.#replies.push(frame + this.#count);
    this.#repliesReadyNs.push(this.#lastReplyNs);
  }

  #hit(frame: number): void {
    if (frame >= 0) this.tally.hits[frame] = (this.tally.hits[frame] ?? 0) + 1;
  }

  #bitsOf(frame: number): number {
    const { requestBits, replyBits } = this.offered;
    return frame < this.#count ? (requestBits[frame] as number) : (replyBits[frame - this.#count] as number);
  }

  #otherOf(station: Station): Station {
    return station === this.#near ? this.#far : this.#near;
  }
}
