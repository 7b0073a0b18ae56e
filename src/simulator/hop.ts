// One hop: size check, processor, token bucket, queue and link, medium, propagation, jitter and detours, in this order, with other
// people's traffic from the processor on. No clock: instants are given in ascending order, and state lasts as long as the hop.
import { createRandom } from '../model/random.js';
import type { Random } from '../model/random.js';
import { ETHERNET_HEADER_BYTES } from '../model/units.js';
import { createCrossTraffic } from './create-cross-traffic.js';
import type { CrossTraffic } from './cross-traffic.js';
import { FairLink } from './fair-link.js';
import { computeFrameBytes, computePartBytes, countFragments } from './frame-bytes.js';
import { computeLastingRate } from './hop-rate.js';
import { Link } from './link.js';
import { breaksFrames, createLossProcess } from './loss-process.js';
import type { LossProcess } from './loss-process.js';
import { PacketProcessor } from './packet-processor.js';
import type { Packet } from './packet.js';
import type { HopModel, JitterModel } from './path-model.js';
import { remarkClass } from './remark.js';
import type { AsynchronousSink, Server, ServerSink } from './server.js';
import { SlottedLink } from './slotted-link.js';
import { createTokenBucket } from './token-bucket.js';
import type { TokenBucket } from './token-bucket.js';

export interface HopObserver {
  /** The first bit of the packet left. */
  onStart(packet: Packet, startNs: number): void;
  /** It never left this hop. */
  onRefused(packet: Packet, by: 'size' | 'filter' | 'bucket' | 'queue'): void;
}

/** Other people's traffic as it really came. */
export interface PlayedTraffic {
  /** Of frames that found room: what full queues and empty buckets refuse takes nothing of the link. */
  readonly bytes: number;
  /** Long silences of ours are left out: nobody saw what came in them. */
  readonly playedNs: number;
  /** Up to this instant. */
  readonly untilNs: number;
}

const NOBODY: HopObserver = { onStart: () => undefined, onRefused: () => undefined };

/** Less than any instant here is known to. */
const TURN_NS = 1e-3;

/** Opens the place on a shared medium where a hop's packets wait. */
export type OpenStation = (sink: AsynchronousSink, random: Random) => Server;

export class Hop {
  /** Frames that came in broken. */
  frameErrors = 0;
  readonly #processor: PacketProcessor | null;
  readonly #bucket: TokenBucket | null;
  readonly #server: Server;
  readonly #cross: CrossTraffic | null;
  readonly #limitedByBucket: boolean;
  readonly #isLost: LossProcess;
  readonly #lossBreaksFrames: boolean;
  readonly #jitterRandom: Random;
  readonly #detourRandom: Random;
  readonly #copyRandom: Random;
  readonly #overheadBytes: number;
  readonly #isOnMedium: boolean;
  #observer = NOBODY;
  #passed: Packet[] = [];
  #forward = (packet: Packet): void => {
    this.#passed.push(packet);
  };
  #lastArriveNs = -Infinity;
  #playedBytes = 0;
  #playedNs = 0;
  #playedUntilNs = 0;

  /** Each random process of the hop draws from its own stream: switching one on does not change the others. */
  constructor(
    readonly model: HopModel,
    random: Random,
    openStation?: OpenStation,
  ) {
    const streams = createRandom(random.uint32());
    const nextStream = (): Random => createRandom(streams.uint32());
    const overheadBytes = model.overheadBytes ?? ETHERNET_HEADER_BYTES;
    const { rateBitsPerSec, limit } = computeLastingRate(model);
    this.#overheadBytes = overheadBytes;
    this.#limitedByBucket = limit === 'token-bucket';
    this.#processor = model.packetLimit === undefined ? null : new PacketProcessor(model.packetLimit);
    this.#bucket = model.tokenBucket === undefined ? null : createTokenBucket(model.tokenBucket);
    this.#cross = createCrossTraffic(model.crossTraffic, { rateBitsPerSec, overheadBytes }, nextStream());
    this.#isOnMedium = openStation !== undefined;
    this.#server = (openStation ?? createServerOf(model))(this.#buildSink(), nextStream());
    this.#detourRandom = nextStream();
    this.#copyRandom = nextStream();
    this.#isLost = createLossProcess(model.loss, createRandom(random.uint32()));
    this.#lossBreaksFrames = breaksFrames(model.loss);
    this.#jitterRandom = createRandom(random.uint32());
  }

  /** Takes packets over, moves on what passes to the instant of its last bit at the next node, and gives it back. */
  carry(packets: readonly Packet[], observer: HopObserver = NOBODY): Packet[] {
    this.#observer = observer;
    this.#passed = [];
    for (const packet of packets) this.#admit(packet);
    this.#settlePending();
    const passed = this.#passed;
    const { jitter, detour, routeChange } = this.model;
    const mayReorder = jitter?.keepsOrder === false || detour !== undefined || routeChange !== undefined;
    return mayReorder ? passed.sort((a, b) => a.atNs - b.atNs) : passed;
  }

  /** Whom to tell of packets that `take` gets: they pass when a medium or a turn lets them. */
  connect(observer: HopObserver, forward: (packet: Packet) => void): void {
    this.#observer = observer;
    this.#forward = forward;
  }

  /** Takes one packet over, at the instant at which it is due. */
  take(packet: Packet): void {
    this.#admit(packet);
  }

  /** When `serve` is due if one of our packets waits for its turn; Infinity where none does. */
  get nextServiceNs(): number {
    return this.#server.pending > 0 ? this.#server.nextServiceNs : Infinity;
  }

  /** Serves whose turn it is now. */
  serve(nowNs: number): void {
    if (this.#cross !== null) this.#playCross(this.#cross, nowNs);
    this.#server.runUntil(nowNs + TURN_NS);
  }

  /** Our packets that were taken and neither passed nor got lost. */
  get pending(): number {
    return this.#server.pending;
  }

  /** Other people's packets, for who plays them from outside: on a shared medium they contend while ours are elsewhere. */
  get crossTraffic(): CrossTraffic | null {
    return this.#cross;
  }

  takeOther(atNs: number, frameBytes: number): void {
    this.#offer(atNs, frameBytes, null);
  }

  /** Since the hop was made, up to `untilNs`, or to our last packet where that came later. */
  readPlayedTraffic(untilNs: number): PlayedTraffic {
    if (this.#cross !== null && !this.#isOnMedium && untilNs > this.#playedUntilNs)
      this.#playCross(this.#cross, untilNs);
    return { bytes: this.#playedBytes, playedNs: this.#playedNs, untilNs: this.#playedUntilNs };
  }

  #admit(packet: Packet): void {
    const { mtu, dropsFragments } = this.model;
    const partBytes = computePartBytes(packet, mtu);
    if (partBytes === null) {
      this.#observer.onRefused(packet, 'size');
      return;
    }
    if (dropsFragments && packet.partBytes < packet.sizeBytes) {
      this.#observer.onRefused(packet, 'filter');
      return;
    }
    packet.partBytes = partBytes;
    const fragments = countFragments(packet);
    const frameBytes = computeFrameBytes(packet.sizeBytes, fragments, this.#overheadBytes);
    if (this.#cross !== null && !this.#isOnMedium) this.#playCross(this.#cross, packet.atNs);
    this.#offer(packet.atNs, frameBytes, packet, fragments);
  }

  #offer(atNs: number, frameBytes: number, packet: Packet | null, packets = 1): void {
    const processedNs = this.#processor === null ? atNs : this.#processor.pass(atNs, packets);
    if (processedNs === null) {
      if (packet !== null) this.#observer.onRefused(packet, 'queue');
      return;
    }
    const queuedNs = this.#bucket === null ? processedNs : this.#bucket.pass(processedNs, frameBytes);
    if (queuedNs !== null) this.#server.offer(queuedNs, frameBytes, packet);
    else if (packet !== null) this.#observer.onRefused(packet, 'bucket');
  }

  #playCross(cross: CrossTraffic, untilNs: number): void {
    if (this.#isForgotten(cross, untilNs)) {
      this.#startCross(cross, untilNs);
      this.#playedUntilNs = untilNs;
    }
    // Ends at untilNs: each turn goes on by a packet's gap.
    while (cross.nextNs <= untilNs) {
      const busyUntilNs = this.#server.busyUntilNs;
      this.#offer(cross.nextNs, cross.nextBytes, null);
      if (this.#server.busyUntilNs > busyUntilNs) this.#playedBytes += cross.nextBytes;
      cross.advance();
    }
    this.#playedNs += untilNs - this.#playedUntilNs;
    this.#playedUntilNs = untilNs;
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
    const { queueBytes, slots, tokenBucket, packetLimit } = this.model;
    const isExact = slots === undefined && packetLimit === undefined && tokenBucket?.kind !== 'policer';
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

  #buildSink(): AsynchronousSink {
    return {
      served: (packet, startNs, endNs) => {
        this.#observer.onStart(packet, startNs);
        if (!this.#isLost(packet.sizeBytes, startNs, endNs)) this.#moveOn(packet, endNs + this.model.propagationNs);
        else if (this.#lossBreaksFrames) this.frameErrors += 1;
      },
      lost: (packet, startNs) => {
        this.#observer.onStart(packet, startNs);
      },
      refused: (packet) => {
        this.#observer.onRefused(packet, 'queue');
      },
    };
  }

  #moveOn(packet: Packet, propagatedNs: number): void {
    const { jitter, detour, remark, routeChange, duplicationRatio = 0 } = this.model;
    packet.atNs = jitter === undefined ? propagatedNs : this.#addJitter(jitter, propagatedNs);
    if (routeChange !== undefined && propagatedNs >= routeChange.atNs) {
      packet.atNs += routeChange.extraDelayNs;
      packet.extraHops += routeChange.extraHops;
    }
    if (detour !== undefined && this.#detourRandom.uniform() < detour.ratio) packet.atNs += detour.delayNs;
    if (remark !== undefined) packet.trafficClass = remarkClass(packet.trafficClass, remark);
    this.#forward(packet);
    if (duplicationRatio > 0 && this.#copyRandom.uniform() < duplicationRatio) {
      this.#forward({ ...packet, isCopy: true });
    }
  }

  #addJitter(jitter: JitterModel, propagatedNs: number): number {
    const jitteredNs = propagatedNs + this.#jitterRandom.exponential(jitter.meanNs);
    if (!jitter.keepsOrder) return jitteredNs;
    this.#lastArriveNs = Math.max(this.#lastArriveNs, jitteredNs);
    return this.#lastArriveNs;
  }
}

function createServerOf(model: HopModel): (sink: ServerSink, random: Random) => Server {
  return (sink, random) => {
    if (model.slots !== undefined) return new SlottedLink(model, model.slots, sink, random);
    return model.queueing === 'fair' ? new FairLink(model, sink) : new Link(model, sink);
  };
}
