// What a hop's queue and link promise, whatever their discipline.
import type { Packet } from './packet.js';

/** Told in the order in which packets leave. Other people's packets are not told of. */
export interface ServerSink {
  /** The first bit left at `startNs`, the last one at `endNs`. */
  served(packet: Packet, startNs: number, endNs: number): void;
  refused(packet: Packet): void;
}

/** Instants are given in ascending order. */
export interface Server {
  /** No work is left from this instant on, if nothing more is offered. */
  readonly busyUntilNs: number;
  /** Our packets whose fate is still open. */
  readonly pending: number;
  /** `packet` null: somebody else's. */
  offer(atNs: number, frameBytes: number, packet: Packet | null): void;
  /** Serves what begins before `nowNs`. */
  runUntil(nowNs: number): void;
}
