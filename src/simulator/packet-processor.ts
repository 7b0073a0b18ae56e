// A device whose processor takes as long for a short packet as for a long one.
import { NS_PER_SEC } from '../model/units.js';
import { WaitingRoom } from './waiting-room.js';

export class PacketProcessor {
  readonly #nsPerPacket: number;
  readonly #room: WaitingRoom;
  #freeNs = -Infinity;

  constructor({ packetsPerSec, queuePackets }: { readonly packetsPerSec: number; readonly queuePackets: number }) {
    this.#nsPerPacket = NS_PER_SEC / packetsPerSec;
    this.#room = new WaitingRoom(queuePackets);
  }

  /** When `packets` that come together at `atNs` (ascending) are done; null where they find no room. */
  pass(atNs: number, packets: number): number | null {
    const startNs = Math.max(atNs, this.#freeNs);
    if (startNs > atNs) {
      if (!this.#room.hasRoom(atNs, packets)) return null;
      this.#room.add(startNs, packets);
    }
    this.#freeNs = startNs + packets * this.#nsPerPacket;
    return this.#freeNs;
  }
}
