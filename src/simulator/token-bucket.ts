// Shapers and policers: tokens of one byte each, filled at a constant rate up to the burst, starting full (RFC 2697's
// single bucket; a shaper behaves as Linux tbf without peak rate).
import { BITS_PER_BYTE, NS_PER_SEC } from '../model/units.js';
import type { TokenBucketModel } from './path-model.js';
import { WaitingRoom } from './waiting-room.js';

export interface TokenBucket {
  /** When a frame that comes at `atNs` (ascending) goes on; null if it is dropped. */
  pass(atNs: number, frameBytes: number): number | null;
  /** Full again and nothing held back from this instant on, if nothing more comes. */
  readonly settledFromNs: number;
  /** Takes these bytes out of a full bucket at `nowNs`; gives back how many were too many. */
  drain(nowNs: number, bytes: number): number;
}

export function createTokenBucket(model: TokenBucketModel): TokenBucket {
  switch (model.kind) {
    case 'policer':
      return new Policer(model);
    case 'shaper':
      return new Shaper(model, model.queueBytes);
  }
}

class Policer implements TokenBucket {
  readonly #bucket: Bucket;

  constructor(model: BucketModel) {
    this.#bucket = new Bucket(model);
  }

  get settledFromNs(): number {
    return this.#bucket.fullFromNs;
  }

  pass(atNs: number, frameBytes: number): number | null {
    return this.#bucket.tryTake(atNs, frameBytes) ? atNs : null;
  }

  drain(nowNs: number, bytes: number): number {
    return this.#bucket.drain(nowNs, bytes);
  }
}

class Shaper implements TokenBucket {
  readonly #bucket: Bucket;
  readonly #room: WaitingRoom;
  readonly #burstBytes: number;
  #lastLeaveNs = -Infinity;

  constructor(model: BucketModel, queueBytes: number) {
    this.#bucket = new Bucket(model);
    this.#room = new WaitingRoom(queueBytes);
    this.#burstBytes = model.burstBytes;
  }

  get settledFromNs(): number {
    return this.#bucket.fullFromNs;
  }

  pass(atNs: number, frameBytes: number): number | null {
    // A frame larger than the whole bucket would wait for ever.
    if (frameBytes > this.#burstBytes || !this.#room.hasRoom(atNs, frameBytes)) return null;
    // In order: it takes its turn behind the frame before it.
    const turnNs = Math.max(atNs, this.#lastLeaveNs);
    const leaveNs = this.#bucket.readyNs(turnNs, frameBytes);
    this.#bucket.tryTake(leaveNs, frameBytes);
    if (leaveNs > atNs) this.#room.add(leaveNs, frameBytes);
    this.#lastLeaveNs = leaveNs;
    return leaveNs;
  }

  drain(nowNs: number, bytes: number): number {
    return this.#bucket.drain(nowNs, bytes);
  }
}

interface BucketModel {
  readonly rateBitsPerSec: number;
  readonly burstBytes: number;
}

/** Rounding may leave the instant of readiness this many bytes short. */
const TOLERANCE_BYTES = 1e-6;

class Bucket {
  readonly #bytesPerNs: number;
  readonly #burstBytes: number;
  #tokens: number;
  #filledNs = -Infinity;

  constructor({ rateBitsPerSec, burstBytes }: BucketModel) {
    this.#bytesPerNs = rateBitsPerSec / BITS_PER_BYTE / NS_PER_SEC;
    this.#burstBytes = burstBytes;
    this.#tokens = burstBytes;
  }

  get fullFromNs(): number {
    return this.#filledNs + (this.#burstBytes - this.#tokens) / this.#bytesPerNs;
  }

  drain(nowNs: number, bytes: number): number {
    this.#filledNs = nowNs;
    this.#tokens = Math.max(0, this.#burstBytes - bytes);
    return Math.max(0, bytes - this.#burstBytes);
  }

  /** The first instant from `nowNs` on at which `bytes` tokens are there. */
  readyNs(nowNs: number, bytes: number): number {
    this.#fill(nowNs);
    return this.#tokens >= bytes ? nowNs : nowNs + (bytes - this.#tokens) / this.#bytesPerNs;
  }

  tryTake(nowNs: number, bytes: number): boolean {
    this.#fill(nowNs);
    if (this.#tokens + TOLERANCE_BYTES < bytes) return false;
    this.#tokens = Math.max(0, this.#tokens - bytes);
    return true;
  }

  #fill(nowNs: number): void {
    if (nowNs <= this.#filledNs) return;
    this.#tokens = Math.min(this.#burstBytes, this.#tokens + (nowNs - this.#filledNs) * this.#bytesPerNs);
    this.#filledNs = nowNs;
  }
}
