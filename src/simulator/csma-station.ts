// One station of a shared medium: its queue and its media access control, half duplex (CSMA/CD as in clause 4 of IEEE 802.3, 10
// and 100 Mb/s) or full duplex, which neither listens nor defers. A station of each kind on one cable is a duplex mismatch.
import type { Random } from '../model/random.js';
import type { Packet } from './packet.js';
import type { AsynchronousSink, Server } from './server.js';
import type { MediumStation, SharedMedium, Signal } from './shared-medium.js';
import { Shipment } from './shipment.js';

/** Bit times and attempts of IEEE 802.3, table 4-2. */
export const SLOT_BITS = 512;
export const GAP_BITS = 96;
/** In the second part of the gap a station no longer listens, so that all who wait have the same chance. */
const GAP_PART_TWO_BITS = 32;
const PREAMBLE_BITS = 64;
const JAM_BITS = 32;
const ATTEMPT_LIMIT = 16;
const BACKOFF_LIMIT = 10;
/** A carrier is noticed within a bit: one that comes as the gap ends is too late to be heeded. */
const SENSE_BITS = 1;

/** Of a frame with preamble, FCS and gap: 46 bytes of payload at least, 1500 at most. */
const MIN_FRAME_BYTES = 84;
const MAX_FRAME_BYTES = 1_538;
/** What is shorter is a runt, which is not even counted as broken. */
const MIN_FCS_BITS = 512;
const BITS_PER_BYTE = 8;

interface Frame {
  /** On the medium: without the gap. */
  readonly bits: number;
  readonly bytes: number;
  readonly shipment: Shipment | null;
}

/** What the station's controller counted since the beginning. */
export interface StationCounters {
  /** Of each attempt, late ones included. */
  collisions: number;
  lateCollisions: number;
  /** Frames given up after the last attempt. */
  excessiveCollisions: number;
  /** Signals of others that ended early, long enough to pass for a frame. */
  fcsErrors: number;
}

export interface StationOptions {
  readonly duplex: 'half' | 'full';
  /** Frames that may wait, gaps counted; the one being sent is not. */
  readonly queueBytes: number;
  readonly random: Random;
  /** Told what became of the packets that it sends; null where it sends only traffic of others. */
  readonly sink: AsynchronousSink | null;
}

export class CsmaStation implements MediumStation, Server {
  readonly counters: StationCounters = { collisions: 0, lateCollisions: 0, excessiveCollisions: 0, fcsErrors: 0 };
  readonly nextServiceNs = Infinity;
  pending = 0;
  readonly #sink: AsynchronousSink | null;
  readonly #waiting: Frame[] = [];
  #waitingBytes = 0;
  #current: Frame | null = null;
  #collisionsOfCurrent = 0;
  /** From when on the current frame may go: since it is there, or since its backoff is over. */
  #readyNs = -Infinity;
  /** End of the gap behind the last signal; Infinity while a carrier must be waited for. */
  #clearNs = -Infinity;
  #plan = 0;
  #sending: Signal | null = null;
  #sendingSinceNs = -Infinity;
  #isJamming = false;
  /** What is on the air here, and whether something else was at the same time. */
  readonly #heard = new Map<Signal, { isSpoiled: boolean; readonly sinceNs: number }>();

  constructor(
    private readonly medium: SharedMedium,
    private readonly options: StationOptions,
  ) {
    medium.join(this);
    this.#sink = options.sink === null ? null : this.#countOut(options.sink);
  }

  get busyUntilNs(): number {
    return this.medium.events.nowNs;
  }

  /** Fragments of a packet go one after the other. `atNs` not before now. `packet` null: somebody else's. */
  offer(atNs: number, frameBytes: number, packet: Packet | null): void {
    if (packet !== null) this.pending += 1;
    if (atNs <= this.medium.events.nowNs) this.#take(frameBytes, packet);
    else this.medium.events.schedule(atNs, () => this.#take(frameBytes, packet));
  }

  /** What happens on a medium is an event. */
  runUntil(): void {
    return;
  }

  #take(frameBytes: number, packet: Packet | null): void {
    const sink = this.#sink;
    const isFree = this.#current === null;
    if (!isFree && this.#waitingBytes + frameBytes > this.options.queueBytes) {
      if (packet !== null) sink?.refused(packet);
      return;
    }
    const frames = Math.ceil(frameBytes / MAX_FRAME_BYTES);
    const shipment = packet === null || sink === null ? null : new Shipment(packet, frames, sink);
    for (let restBytes = frameBytes; restBytes > 0; restBytes -= MAX_FRAME_BYTES) {
      const bytes = Math.max(MIN_FRAME_BYTES, Math.min(restBytes, MAX_FRAME_BYTES));
      this.#waiting.push({ bits: bytes * BITS_PER_BYTE - GAP_BITS, bytes, shipment });
      this.#waitingBytes += bytes;
    }
    if (isFree) this.#takeNext();
  }

  #countOut(sink: AsynchronousSink): AsynchronousSink {
    return {
      served: (packet, startNs, endNs) => {
        this.pending -= 1;
        sink.served(packet, startNs, endNs);
      },
      lost: (packet, startNs) => {
        this.pending -= 1;
        sink.lost(packet, startNs);
      },
      refused: (packet) => {
        this.pending -= 1;
        sink.refused(packet);
      },
    };
  }

  #takeNext(): void {
    this.#current = this.#waiting.shift() ?? null;
    this.#waitingBytes -= this.#current?.bytes ?? 0;
    this.#collisionsOfCurrent = 0;
    this.#readyNs = this.medium.events.nowNs;
    this.#planStart();
  }

  /** Deference (4.2.3.2.1): a new plan makes those before it void. */
  #planStart(): void {
    this.#plan += 1;
    if (this.#current === null || this.#sending !== null) return;
    const plan = this.#plan;
    const startNs = this.#computeStartNs(Math.max(this.#readyNs, this.medium.events.nowNs));
    if (startNs === Infinity) return;
    this.medium.events.schedule(startNs, () => {
      if (plan === this.#plan && this.#current !== null) this.#start(this.#current);
    });
  }

  #computeStartNs(readyNs: number): number {
    if (this.#heard.size === 0 || this.options.duplex === 'full') return Math.max(readyNs, this.#clearNs);
    // A carrier that came too late to be heeded: who waits at the end of the gap goes, who is ready later defers.
    return readyNs <= this.#clearNs ? this.#clearNs : Infinity;
  }

  #start(frame: Frame): void {
    const { events, bitNs } = this.medium;
    const signal: Signal = { sender: this, shipment: frame.shipment, isCut: false };
    this.#sending = signal;
    this.#sendingSinceNs = events.nowNs;
    this.#isJamming = false;
    frame.shipment?.noteStart(events.nowNs);
    this.medium.begin(signal);
    if (this.options.duplex === 'half' && this.#heard.size > 0) {
      this.#spoilAll();
      this.#collide(signal);
      return;
    }
    events.schedule(events.nowNs + frame.bits * bitNs, () => {
      if (!signal.isCut) this.#finish(signal);
    });
  }

  #finish(signal: Signal): void {
    this.#release(signal);
    this.#takeNext();
  }

  #release(signal: Signal): void {
    this.medium.end(signal);
    this.#sending = null;
    const isBusy = this.options.duplex === 'half' && this.#heard.size > 0;
    this.#clearNs = isBusy ? Infinity : this.#gapFromNow();
  }

  #gapFromNow(): number {
    return this.medium.events.nowNs + GAP_BITS * this.medium.bitNs;
  }

  /** The preamble is finished, then comes the jam, so that everybody notices (4.2.3.2.4). */
  #collide(signal: Signal): void {
    if (this.#isJamming) return;
    const { events, bitNs } = this.medium;
    this.#isJamming = true;
    signal.isCut = true;
    this.counters.collisions += 1;
    const isLate = events.nowNs - this.#sendingSinceNs > SLOT_BITS * bitNs;
    const jamNs = Math.max(events.nowNs, this.#sendingSinceNs + PREAMBLE_BITS * bitNs) + JAM_BITS * bitNs;
    events.schedule(jamNs, () => {
      this.#release(signal);
      if (isLate) this.counters.lateCollisions += 1;
      this.#afterCollision(signal, isLate);
    });
  }

  /** As most controllers do, a frame is given up after a late collision. */
  #afterCollision({ shipment }: Signal, isLate: boolean): void {
    const { events, bitNs } = this.medium;
    this.#collisionsOfCurrent += 1;
    const isExcessive = !isLate && this.#collisionsOfCurrent >= ATTEMPT_LIMIT;
    if (isExcessive) this.counters.excessiveCollisions += 1;
    if (isLate || isExcessive) {
      shipment?.endFrame(events.nowNs, false);
      this.#takeNext();
      return;
    }
    // Truncated binary exponential backoff (4.2.3.2.5).
    const range = 2 ** Math.min(this.#collisionsOfCurrent, BACKOFF_LIMIT);
    this.#readyNs = events.nowNs + Math.floor(this.options.random.uniform() * range) * SLOT_BITS * bitNs;
    this.#planStart();
  }

  hear(signal: Signal): void {
    const { events, bitNs } = this.medium;
    const isFirst = this.#heard.size === 0;
    this.#heard.set(signal, { isSpoiled: false, sinceNs: events.nowNs });
    if (!isFirst) this.#spoilAll();
    if (this.options.duplex === 'full') return;
    if (this.#sending !== null) this.#spoilAll();
    if (this.#sending !== null) this.#collide(this.#sending);
    else if (isFirst) {
      const isHeeded =
        events.nowNs < this.#clearNs - GAP_PART_TWO_BITS * bitNs || events.nowNs >= this.#clearNs + SENSE_BITS * bitNs;
      if (isHeeded) this.#clearNs = Infinity;
      this.#planStart();
    }
  }

  loseCarrier(signal: Signal): void {
    const reception = this.#heard.get(signal);
    this.#heard.delete(signal);
    if (this.options.duplex === 'half' && this.#heard.size === 0 && this.#sending === null) {
      this.#clearNs = this.#gapFromNow();
      this.#planStart();
    }
    if (reception === undefined) return;
    const { nowNs } = this.medium.events;
    if (signal.isCut) this.#countFragment(nowNs - reception.sinceNs, reception.isSpoiled);
    // What was cut short its sender reports, or sends again; those who send nothing of ours receive nothing of ours.
    else if (this.#sink !== null) signal.shipment?.endFrame(nowNs - this.medium.propagationNs, !reception.isSpoiled);
  }

  #countFragment(lengthNs: number, isSpoiled: boolean): void {
    const minBits = PREAMBLE_BITS + MIN_FCS_BITS;
    if (!isSpoiled && lengthNs >= minBits * this.medium.bitNs) this.counters.fcsErrors += 1;
  }

  #spoilAll(): void {
    for (const reception of this.#heard.values()) reception.isSpoiled = true;
  }
}
