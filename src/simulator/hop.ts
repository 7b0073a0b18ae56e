// One hop: size check, token bucket, queue and link, medium, propagation and jitter, in this order. No clock: instants are
// given in ascending order, and state lasts as long as the hop.
import { createRandom } from '../model/random.js';
import type { Random } from '../model/random.js';
import { ETHERNET_HEADER_BYTES } from '../model/units.js';
import { Link } from './link.js';
import { createLossProcess } from './loss-process.js';
import type { LossProcess } from './loss-process.js';
import type { HopModel, JitterModel } from './path-model.js';
import { createTokenBucket } from './token-bucket.js';
import type { TokenBucket } from './token-bucket.js';

const IP_HEADER_BYTES = 20;

export type Passage =
  /** `startNs`: its first bit left; `arriveNs`: its last bit came to the next node. */
  | { readonly kind: 'passed'; readonly startNs: number; readonly arriveNs: number }
  /** Left, and was lost on the medium. */
  | { readonly kind: 'lost'; readonly startNs: number }
  /** Never left this hop. */
  | { readonly kind: 'refused'; readonly by: 'size' | 'bucket' | 'queue' };

export interface HopPacket {
  readonly sizeBytes: number;
  readonly dontFragment: boolean;
}

export class Hop {
  readonly #bucket: TokenBucket;
  readonly #link: Link;
  readonly #isLost: LossProcess;
  readonly #jitterRandom: Random;
  readonly #overheadBytes: number;
  #lastArriveNs = -Infinity;

  /** Each random process of the hop draws from its own stream: switching one on does not change the others. */
  constructor(
    readonly model: HopModel,
    random: Random,
  ) {
    this.#overheadBytes = model.overheadBytes ?? ETHERNET_HEADER_BYTES;
    this.#bucket = createTokenBucket(model.tokenBucket);
    this.#link = new Link(model, this.#overheadBytes, createRandom(random.uint32()));
    this.#isLost = createLossProcess(model.loss, createRandom(random.uint32()));
    this.#jitterRandom = createRandom(random.uint32());
  }

  /** True where a packet may arrive before one that was sent earlier. */
  get mayReorder(): boolean {
    return this.model.jitter?.keepsOrder === false;
  }

  send(atNs: number, packet: HopPacket): Passage {
    const frameBytes = this.#countFrameBytes(packet);
    if (frameBytes === null) return { kind: 'refused', by: 'size' };
    const queuedNs = this.#bucket(atNs, frameBytes);
    if (queuedNs === null) return { kind: 'refused', by: 'bucket' };
    const service = this.#link.send(queuedNs, frameBytes);
    if (service === null) return { kind: 'refused', by: 'queue' };
    if (this.#isLost()) return { kind: 'lost', startNs: service.startNs };
    const propagatedNs = service.endNs + this.model.propagationNs;
    const { jitter } = this.model;
    const arriveNs = jitter === undefined ? propagatedNs : this.#addJitter(jitter, propagatedNs);
    return { kind: 'passed', startNs: service.startNs, arriveNs };
  }

  /** Null: too large and may not be fragmented. Fragments travel together, as one frame of their summed length. */
  #countFrameBytes({ sizeBytes, dontFragment }: HopPacket): number | null {
    const { mtu } = this.model;
    if (mtu === undefined || sizeBytes <= mtu.bytes) return sizeBytes + this.#overheadBytes;
    if (dontFragment) return null;
    // RFC 791: all fragments but the last carry a multiple of 8 bytes.
    const payloadPerFragment = Math.floor((mtu.bytes - IP_HEADER_BYTES) / 8) * 8;
    const fragments = Math.ceil((sizeBytes - IP_HEADER_BYTES) / payloadPerFragment);
    return sizeBytes + (fragments - 1) * IP_HEADER_BYTES + fragments * this.#overheadBytes;
  }

  #addJitter(jitter: JitterModel, propagatedNs: number): number {
    const jitteredNs = propagatedNs + this.#jitterRandom.exponential(jitter.meanNs);
    if (!jitter.keepsOrder) return jitteredNs;
    this.#lastArriveNs = Math.max(this.#lastArriveNs, jitteredNs);
    return this.#lastArriveNs;
  }
}
