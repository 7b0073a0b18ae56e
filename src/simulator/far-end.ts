// What answers at the far end: when, how long, and with which stamps of its own; and the trains it sends itself.
import { createRandom } from '../model/random.js';
import type { Random } from '../model/random.js';
import type { Schedule } from '../model/sequence.js';
import { BITS_PER_BYTE } from '../model/units.js';
import { createAnsweringPace } from './answering-pace.js';
import type { AnsweringPace } from './answering-pace.js';
import { FarClock } from './far-clock.js';
import type { Answer, Packet } from './packet.js';
import type { FarEndModel, StampReflectorModel } from './path-model.js';
import { Pauses } from './pauses.js';
import { coalesce } from './receiver.js';
import { createSharedStamper, createStamper } from './stamper.js';
import type { Stamper } from './stamper.js';
import { createTokenBucket } from './token-bucket.js';
import type { TokenBucket } from './token-bucket.js';

const ECN_MASK = 0b11;

export class FarEnd {
  readonly #pace: AnsweringPace;
  readonly #reflector: Reflector | null;
  readonly #limiter: TokenBucket | null;
  readonly #pauses: Pauses | null;
  #freeNs = -Infinity;

  constructor(
    private readonly model: FarEndModel,
    random: Random,
  ) {
    this.#pace = createAnsweringPace(model, createRandom(random.uint32()));
    const stampRandom = createRandom(random.uint32());
    this.#reflector = model.kind === 'stamp' ? new Reflector(model, stampRandom) : null;
    this.#limiter = model.kind === 'silent' ? null : createReplyLimiter(model.replyLimit);
    this.#pauses =
      model.kind === 'silent' || model.pauses === undefined
        ? null
        : new Pauses(model.pauses, createRandom(random.uint32()));
  }

  /** Whole seconds that its clock is ahead of virtual time. */
  get baseShiftNs(): number {
    return this.#reflector?.clock.baseShiftNs ?? 0;
  }

  /** Whether it performs `Sequence.farPattern`. */
  get sends(): boolean {
    return this.model.kind === 'stamp' && this.model.sends === true;
  }

  /** Reads its clock as it stamps what it sends. */
  stampTx(atNs: number): number {
    return this.#reflector?.stampTx(atNs) ?? NaN;
  }

  /** The replies, in the order in which they leave. */
  answerAll(requests: readonly Packet[]): Packet[] {
    const { model } = this;
    if (model.kind === 'silent') return [];
    if (model.kind === 'stamp' && model.coalescing !== undefined) coalesce(requests, model.coalescing);
    for (const request of requests) request.atNs = this.#awaitMachine(request.atNs);
    const replies: Packet[] = [];
    for (const request of requests) {
      if (this.#limiter !== null && this.#limiter.pass(request.atNs, 1) === null) continue;
      this.#freeNs = this.#awaitMachine(this.#pace.computeLeaveNs(Math.max(request.atNs, this.#freeNs)));
      const sizeBytes = model.kind === 'small-reply' ? model.replySizeBytes : request.sizeBytes;
      replies.push({
        ...request,
        sizeBytes,
        partBytes: sizeBytes,
        trafficClass: this.#reflector === null ? request.trafficClass : request.plannedClass & ~ECN_MASK,
        // Our reflector's replies come whole or not at all, whatever the request allowed (IP_PMTUDISC_PROBE).
        dontFragment: this.#reflector !== null || request.dontFragment,
        answer: this.#reflector?.note(request, this.#freeNs) ?? null,
        extraHops: 0,
        atNs: this.#freeNs,
      });
    }
    return replies;
  }

  /** Its own packets, the first of which leaves at `startNs`. */
  startTrain(schedule: Schedule, startNs: number, dontFragment: boolean): Packet[] {
    return Array.from(schedule.offsetNs, (offsetNs, row) => ({
      sender: 'far',
      row,
      flow: schedule.flow[row] ?? 0,
      dontFragment,
      isCopy: false,
      answer: null,
      sizeBytes: schedule.sizeBytes[row] ?? 0,
      plannedClass: schedule.trafficClass[row] ?? 0,
      trafficClass: schedule.trafficClass[row] ?? 0,
      partBytes: schedule.sizeBytes[row] ?? 0,
      extraHops: 0,
      atNs: this.#awaitMachine(startNs + offsetNs),
    }));
  }

  #awaitMachine(atNs: number): number {
    return this.#pauses?.computeHappensNs(atNs) ?? atNs;
  }
}

/** The stateful part of a STAMP reflector. */
class Reflector {
  readonly clock: FarClock;
  readonly #stampRx: Stamper;
  readonly #stampTx: Stamper;
  #answered = 0;

  constructor(model: StampReflectorModel, random: Random) {
    this.clock = new FarClock(model, random);
    this.#stampTx = createStamper(model.stamp, random);
    this.#stampRx = model.coalescing === undefined ? this.#stampTx : createSharedStamper(this.#stampTx);
  }

  stampTx(atNs: number): number {
    return this.#stampTx(this.clock.readNs(atNs));
  }

  note(request: Packet, leaveNs: number): Answer {
    const farSequence = this.#answered;
    this.#answered += 1;
    return {
      farRxNs: this.#stampRx(this.clock.readNs(request.atNs)),
      farTxNs: this.stampTx(leaveNs),
      farSequence,
      farClass: request.trafficClass,
    };
  }
}

/** A policer whose bytes are packets. */
function createReplyLimiter(
  limit: { readonly packetsPerSec: number; readonly burstPackets: number } | undefined,
): TokenBucket | null {
  if (limit === undefined) return null;
  const { packetsPerSec, burstPackets } = limit;
  return createTokenBucket({
    kind: 'policer',
    rateBitsPerSec: packetsPerSec * BITS_PER_BYTE,
    burstBytes: burstPackets,
  });
}
