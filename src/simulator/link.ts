// One queue and the link it feeds: Lindley's recursion with drop tail.
import { BITS_PER_BYTE, NS_PER_SEC } from '../model/units.js';
import type { Packet } from './packet.js';
import type { HopModel } from './path-model.js';
import type { Server, ServerSink } from './server.js';
import { WaitingRoom } from './waiting-room.js';

export class Link implements Server {
  readonly pending = 0;
  readonly nextServiceNs = Infinity;
  readonly #nsPerByte: number;
  readonly #room: WaitingRoom;
  #freeNs = -Infinity;

  constructor(
    { rateBitsPerSec, queueBytes }: HopModel,
    private readonly sink: ServerSink,
  ) {
    this.#nsPerByte = (BITS_PER_BYTE * NS_PER_SEC) / rateBitsPerSec;
    this.#room = new WaitingRoom(queueBytes);
  }

  get busyUntilNs(): number {
    return this.#freeNs;
  }

  /** W(n+1) = max(0, W(n) + S(n) − A(n)) (Lindley 1952), kept as the instant at which the link falls idle. */
  offer(atNs: number, frameBytes: number, packet: Packet | null): void {
    let startNs = atNs;
    if (this.#freeNs > atNs) {
      if (!this.#room.hasRoom(atNs, frameBytes)) {
        if (packet !== null) this.sink.refused(packet);
        return;
      }
      startNs = this.#freeNs;
      this.#room.add(startNs, frameBytes);
    }
    this.#freeNs = startNs + frameBytes * this.#nsPerByte;
    if (packet !== null) this.sink.served(packet, startNs, this.#freeNs);
  }

  /** A packet's service is known when it comes. */
  runUntil(): void {
    return;
  }
}
