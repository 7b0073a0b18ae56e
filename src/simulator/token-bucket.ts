// Shapers and policers: tokens of one byte each, filled at a constant rate up to the burst, starting full (RFC 2697's
// single bucket; a shaper behaves as Linux tbf without peak rate).
import { BITS_PER_BYTE, NS_PER_SEC } from '../model/units.js';
import type { TokenBucketModel } from './path-model.js';
import { WaitingRoom } from './waiting-room.js';

/** When a frame that comes at `atNs` (ascending) goes on; null if it is dropped. */
export type TokenBucket = (atNs: number, frameBytes: number) => number | null;

export function createTokenBucket(model: TokenBucketModel | undefined): TokenBucket {
  if (model === undefined) return (atNs) => atNs;
  switch (model.kind) {
    case 'policer':
      return createPolicer(new Bucket(model));
    case 'shaper':
      return createShaper(new Bucket(model), model);
  }
}

function createPolicer(bucket: Bucket): TokenBucket {
  return (atNs, frameBytes) => (bucket.tryTake(atNs, frameBytes) ? atNs : null);
}

function createShaper(
  bucket: Bucket,
  { burstBytes, queueBytes }: { burstBytes: number; queueBytes: number },
): TokenBucket {
  const room = new WaitingRoom(queueBytes);
  let lastLeaveNs = -Infinity;
  return (atNs, frameBytes) => {
    // A frame larger than the whole bucket would wait for ever.
    if (frameBytes > burstBytes || !room.hasRoom(atNs, frameBytes)) return null;
    // In order: it takes its turn behind the frame before it.
    const turnNs = Math.max(atNs, lastLeaveNs);
    const leaveNs = bucket.readyNs(turnNs, frameBytes);
    bucket.tryTake(leaveNs, frameBytes);
    if (leaveNs > atNs) room.add(leaveNs, frameBytes);
    lastLeaveNs = leaveNs;
    return leaveNs;
  };
}

/** Rounding may leave the instant of readiness this many bytes short. */
const TOLERANCE_BYTES = 1e-6;

class Bucket {
  readonly #bytesPerNs: number;
  readonly #burstBytes: number;
  #tokens: number;
  #filledNs = -Infinity;

  constructor({ rateBitsPerSec, burstBytes }: { rateBitsPerSec: number; burstBytes: number }) {
    this.#bytesPerNs = rateBitsPerSec / BITS_PER_BYTE / NS_PER_SEC;
    this.#burstBytes = burstBytes;
    this.#tokens = burstBytes;
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
