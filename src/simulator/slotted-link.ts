// A link that sends only in slots it is granted. What a slot carries arrives together.
import type { Random } from '../model/random.js';
import { serialisationNs } from '../model/units.js';
import type { Packet } from './packet.js';
import type { HopModel, SlotModel } from './path-model.js';
import type { Server, ServerSink } from './server.js';
import { WaitingRoom } from './waiting-room.js';

export class SlottedLink implements Server {
  readonly pending = 0;
  readonly nextServiceNs = Infinity;
  readonly #room: WaitingRoom;
  readonly #phaseNs: number;
  readonly #airtimeNs: number;
  /** The slot in which the last frame went, what of its grant is left, and when its content arrives. */
  #slot = -Infinity;
  #creditBytes = 0;
  #slotEndNs = -Infinity;

  constructor(
    { queueBytes, rateBitsPerSec }: HopModel,
    private readonly slots: SlotModel,
    private readonly sink: ServerSink,
    private readonly random: Random,
  ) {
    this.#room = new WaitingRoom(queueBytes);
    this.#phaseNs = random.uniform() * slots.periodNs;
    this.#airtimeNs = Math.min(slots.periodNs, serialisationNs(slots.grantBytes, rateBitsPerSec));
  }

  get busyUntilNs(): number {
    return this.#slotEndNs;
  }

  offer(atNs: number, frameBytes: number, packet: Packet | null): void {
    if (!this.#room.hasRoom(atNs, frameBytes)) {
      if (packet !== null) this.sink.refused(packet);
      return;
    }
    const { periodNs, grantBytes } = this.slots;
    const nextSlot = Math.ceil((atNs - this.#phaseNs) / periodNs);
    if (nextSlot > this.#slot) this.#enterSlot(nextSlot, grantBytes);
    while (this.#creditBytes < frameBytes) this.#enterSlot(this.#slot + 1, this.#creditBytes + grantBytes);
    this.#creditBytes -= frameBytes;
    const startNs = this.#phaseNs + this.#slot * periodNs;
    this.#room.add(startNs, frameBytes);
    if (packet !== null) this.sink.served(packet, startNs, this.#slotEndNs);
  }

  /** A frame's slot is known when it comes. */
  runUntil(): void {
    return;
  }

  #enterSlot(slot: number, creditBytes: number): void {
    this.#slot = slot;
    this.#creditBytes = creditBytes;
    let endNs = this.#phaseNs + slot * this.slots.periodNs + this.#airtimeNs;
    const { retransmission } = this.slots;
    // Ends when a transmission succeeds.
    while (retransmission !== undefined && this.random.uniform() < retransmission.ratio)
      endNs += retransmission.delayNs;
    this.#slotEndNs = Math.max(this.#slotEndNs, endNs);
  }
}
