// Plays other people's packets as events, on a medium where they matter also while none of ours is near.
import type { CrossTraffic } from './cross-traffic.js';
import type { EventQueue } from './event-queue.js';

export interface CrossFeedOptions {
  readonly events: EventQueue;
  readonly cross: CrossTraffic;
  readonly queueBytes: number;
  readonly offer: (atNs: number, frameBytes: number) => void;
}

export class CrossFeed {
  #turn = 0;

  constructor(private readonly options: CrossFeedOptions) {}

  /** Goes on where it stopped, or afresh where that tells nothing more. What it schedules has no end: the queue is left at will. */
  resume(startNs: number): void {
    const { cross, events } = this.options;
    this.#turn += 1;
    if (cross.nextNs === -Infinity || startNs - events.nowNs > cross.settleNs) this.#startAfresh(startNs);
    this.#scheduleNext(this.#turn);
  }

  #startAfresh(startNs: number): void {
    const { cross, queueBytes, offer } = this.options;
    const backlogBytes = cross.startAfresh(startNs, queueBytes);
    for (let restBytes = backlogBytes; restBytes > 0; restBytes -= cross.meanFrameBytes) {
      offer(startNs, Math.min(restBytes, cross.meanFrameBytes));
    }
  }

  #scheduleNext(turn: number): void {
    const { cross, events, offer } = this.options;
    events.schedule(cross.nextNs, () => {
      if (turn !== this.#turn) return;
      offer(cross.nextNs, cross.nextBytes);
      cross.advance();
      this.#scheduleNext(turn);
    });
  }
}
