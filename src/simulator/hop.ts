// One hop: size check, token bucket, queue and link, medium, propagation, jitter and detours, in this order, with other
// people's traffic from the bucket on. No clock: instants are given in ascending order, and state lasts as long as the hop.
import { createRandom } from '../model/random.js';
import type { Random } from '../model/random.js';
import { ETHERNET_HEADER_BYTES } from '../model/units.js';
import { createCrossTraffic } from './create-cross-traffic.js';
import type { CrossTraffic } from './cross-traffic.js';
import { FairLink } from './fair-link.js';
import { computeFrameBytes } from './frame-bytes.js';
import { computeLastingRate } from './hop-rate.js';
import { Link } from './link.js';
import { createLossProcess } from './loss-process.js';
import type { LossProcess } from './loss-process.js';
import type { Packet } from './packet.js';
import type { HopModel, JitterModel } from './path-model.js';
import { remarkClass } from './remark.js';
import type { Server, ServerSink } from './server.js';
import { SlottedLink } from './slotted-link.js';
import { createTokenBucket } from './token-bucket.js';
import type { TokenBucket } from './token-bucket.js';

export interface HopObserver {
  /** The first bit of the packet left. */
  onStart(packet: Packet, startNs: number): void;
  /** It never left this hop. */
  onRefused(packet: Packet, by: 'size' | 'bucket' | 'queue'): void;
}

const NOBODY: HopObserver = { onStart: () => undefined, onRefused: () => undefined };

export class Hop {
  readonly #bucket: TokenBucket | null;
  readonly #server: Server;
  readonly #cross: CrossTraffic | null;
  readonly #limitedByBucket: boolean;
  readonly #isLost: LossProcess;
  readonly #jitterRandom: Random;
  readonly #detourRandom: Random;
  readonly #copyRandom: Random;
  readonly #overheadBytes: number;
  #observer = NOBODY;
  #passed: Packet[] = [];
  #lastArriveNs = -Infinity;

  /** Each random process of the hop draws from its own stream: switching one on does not change the others. */
  constructor(
    readonly model: HopModel,
    random: Random,
  ) {
    const streams = createRandom(random.uint32());
    const nextStream = (): Random => createRandom(streams.uint32());
    const overheadBytes = model.overheadBytes ?? ETHERNET_HEADER_BYTES;
    const { rateBitsPerSec, limit } = computeLastingRate(model);
    this.#overheadBytes = overheadBytes;
    this.#limitedByBucket = limit === 'token-bucket';
    this.#bucket = model.tokenBucket === undefined ? null : createTokenBucket(model.tokenBucket);
    this.#cross = createCrossTraffic(model.crossTraffic, { rateBitsPerSec, overheadBytes }, nextStream());
    this.#server = createServer(model, this.#buildSink(), nextStream());
    this.#detourRandom = nextStream();
    this.#copyRandom = nextStream();
    this.#isLost = createLossProcess(model.loss, createRandom(random.uint32()));
    this.#jitterRandom = createRandom(random.uint32());
  }

  /** Takes packets over, moves on what passes to the instant of its last bit at the next node, and gives it back. */
  carry(packets: readonly Packet[], observer: HopObserver = NOBODY): Packet[] {
    this.#observer = observer;
    this.#passed = [];
    for (const packet of packets) this.#admit(packet);
    this.#settlePending();
    const passed = this.#passed;
    const mayReorder = this.model.jitter?.keepsOrder === false || this.model.detour !== undefined;
    return mayReorder ? passed.sort((a, b) => a.atNs - b.atNs) : passed;
  }

  #admit(packet: Packet): void {
    const frameBytes = computeFrameBytes(packet, this.model.mtu?.bytes, this.#overheadBytes);
    if (frameBytes === null) {
      this.#observer.onRefused(packet, 'size');
      return;
    }
    if (this.#cross !== null) this.#playCross(this.#cross, packet.atNs);
    this.#offer(packet.atNs, frameBytes, packet);
  }

  #offer(atNs: number, frameBytes: number, packet: Packet | null): void {
    const queuedNs = this.#bucket === null ? atNs : this.#bucket.pass(atNs, frameBytes);
    if (queuedNs !== null) this.#server.offer(queuedNs, frameBytes, packet);
    else if (packet !== null) this.#observer.onRefused(packet, 'bucket');
  }

  #playCross(cross: CrossTraffic, untilNs: number): void {
    if (this.#isForgotten(cross, untilNs)) this.#startCross(cross, untilNs);
    // Ends at untilNs: each turn goes on by a packet's gap.
    while (cross.nextNs <= untilNs) {
      this.#offer(cross.nextNs, cross.nextBytes, null);
      cross.advance();
    }
  }

  /** Whether the last backlog is gone, while more came, and a settling time has passed since. */
  #isForgotten(cross: CrossTraffic, nowNs: number): boolean {
    if (cross.nextNs === -Infinity) return true;
    if (nowNs - cross.nextNs < cross.settleNs) return false;
    const busyUntilNs = Math.max(this.#server.busyUntilNs, this.#bucket?.settledFromNs ?? -Infinity);
    const drainNs = Math.max(0, busyUntilNs - cross.nextNs) / (1 - cross.share);
    return nowNs - cross.nextNs > cross.settleNs + drainNs;
  }

  /** The stationary backlog is known for queues in front of constant rates; the others are given time to find theirs. */
  #startCross(cross: CrossTraffic, nowNs: number): void {
    const { queueBytes, slots, tokenBucket } = this.model;
    const isExact = slots === undefined && tokenBucket?.kind !== 'policer';
    const startNs = isExact ? nowNs : nowNs - cross.settleNs;
    const bucket = this.#limitedByBucket ? this.#bucket : null;
    const held = tokenBucket?.kind === 'shaper' ? tokenBucket.queueBytes : 0;
    const limitBytes = bucket === null ? queueBytes : (tokenBucket?.burstBytes ?? 0) + held;
    const backlogBytes = cross.startAfresh(startNs, limitBytes);
    let restBytes = bucket === null ? backlogBytes : bucket.drain(startNs, backlogBytes);
    for (; restBytes > 0; restBytes -= cross.meanFrameBytes) {
      this.#offer(startNs, Math.min(restBytes, cross.meanFrameBytes), null);
    }
  }

  /** Where the order of service depends on what comes later, other traffic comes until all of ours is served. */
  #settlePending(): void {
    const cross = this.#cross;
    while (this.#server.pending > 0) {
      this.#server.runUntil(cross?.nextNs ?? Infinity);
      if (cross === null || this.#server.pending === 0) continue;
      this.#offer(cross.nextNs, cross.nextBytes, null);
      cross.advance();
    }
  }

  #buildSink(): ServerSink {
    return {
      served: (packet, startNs, endNs) => {
        this.#observer.onStart(packet, startNs);
        if (!this.#isLost()) this.#moveOn(packet, endNs + this.model.propagationNs);
      },
      refused: (packet) => {
        this.#observer.onRefused(packet, 'queue');
      },
    };
  }

  #moveOn(packet: Packet, propagatedNs: number): void {
    const { jitter, detour, remark, duplicationRatio = 0 } = this.model;
    packet.atNs = jitter === undefined ? propagatedNs : this.#addJitter(jitter, propagatedNs);
    if (detour !== undefined && this.#detourRandom.uniform() < detour.ratio) packet.atNs += detour.delayNs;
    if (remark !== undefined) packet.trafficClass = remarkClass(packet.trafficClass, remark);
    this.#passed.push(packet);
    if (duplicationRatio > 0 && this.#copyRandom.uniform() < duplicationRatio) {
      this.#passed.push({ ...packet, isCopy: true });
    }
  }

  #addJitter(jitter: JitterModel, propagatedNs: number): number {
    const jitteredNs = propagatedNs + this.#jitterRandom.exponential(jitter.meanNs);
    if (!jitter.keepsOrder) return jitteredNs;
    this.#lastArriveNs = Math.max(this.#lastArriveNs, jitteredNs);
    return this.#lastArriveNs;
  }
}

function createServer(model: HopModel, sink: ServerSink, random: Random): Server {
  if (model.slots !== undefined) return new SlottedLink(model, model.slots, sink, random);
  return model.queueing === 'fair' ? new FairLink(model, sink) : new Link(model, sink);
}
