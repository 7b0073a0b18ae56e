// How frames reach the programs of a machine: a ring that is emptied at a limited rate, and interrupts that frames share.
import { ETHERNET_HEADER_BYTES, NS_PER_SEC, serialisationNs } from '../model/units.js';
import type { Packet } from './packet.js';
import type { CoalescingModel, ProbeModel, RateCeiling } from './path-model.js';
import { WaitingRoom } from './waiting-room.js';

/** Moves packets on to the interrupts that deliver them. Those of one call share none with those of another. */
export function coalesce(packets: readonly Packet[], { windowNs, maxFrames }: CoalescingModel): void {
  let first = 0;
  // Ends: each turn delivers at least one packet.
  while (first < packets.length) {
    const timerNs = (packets[first]?.atNs ?? NaN) + windowNs;
    let end = first + 1;
    while (end < packets.length && end - first < maxFrames && (packets[end]?.atNs ?? Infinity) <= timerNs) end += 1;
    const isFull = end - first === maxFrames;
    const interruptNs = isFull ? (packets[end - 1]?.atNs ?? timerNs) : timerNs;
    for (const packet of packets.slice(first, end)) packet.atNs = interruptNs;
    first = end;
  }
}

/** Least time between two packets of this IP length under a ceiling. */
export function computeTurnNs(sizeBytes: number, { packetsPerSec, bitsPerSec }: RateCeiling): number {
  return Math.max(NS_PER_SEC / packetsPerSec, serialisationNs(sizeBytes + ETHERNET_HEADER_BYTES, bitsPerSec));
}

/** Takes frames out of the ring one after the other. */
export class ReceiveRing {
  readonly #room: WaitingRoom;
  #freeNs = -Infinity;

  constructor(private readonly ceiling: NonNullable<ProbeModel['receiveCeiling']>) {
    this.#room = new WaitingRoom(ceiling.ringFrames);
  }

  /** False: the ring was full. The instant at which a frame came into it is its stamp, whenever it is taken out. */
  take({ atNs, sizeBytes }: Packet): boolean {
    const startNs = Math.max(atNs, this.#freeNs);
    if (startNs > atNs) {
      if (!this.#room.hasRoom(atNs, 1)) return false;
      this.#room.add(startNs, 1);
    }
    this.#freeNs = startNs + computeTurnNs(sizeBytes, this.ceiling);
    return true;
  }
}
