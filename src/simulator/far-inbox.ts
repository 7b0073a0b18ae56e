// Requests on their way from the wire to the program at the far end, packet by packet: those that share an interrupt come together.
import type { EventQueue } from './event-queue.js';
import type { Packet } from './packet.js';
import type { CoalescingModel } from './path-model.js';

export class FarInbox {
  #waiting: Packet[] = [];

  constructor(
    private readonly events: EventQueue,
    private readonly coalescing: CoalescingModel | undefined,
    private readonly deliver: (requests: Packet[]) => void,
  ) {}

  get pending(): number {
    return this.#waiting.length;
  }

  /** `packet` is due now. */
  take(packet: Packet): void {
    const { coalescing } = this;
    this.#waiting.push(packet);
    if (coalescing === undefined || this.#waiting.length >= coalescing.maxFrames) this.#flush();
    else if (this.#waiting.length === 1) {
      const opened = this.#waiting;
      this.events.schedule(packet.atNs + coalescing.windowNs, () => {
        if (this.#waiting === opened) this.#flush();
      });
    }
  }

  #flush(): void {
    const requests = this.#waiting;
    this.#waiting = [];
    this.deliver(requests);
  }
}
