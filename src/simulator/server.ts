// What a hop's queue and link promise, whatever their discipline.
import type { Packet } from './packet.js';

/** Told in the order in which packets leave. Other people's packets are not told of. */
export interface ServerSink {
  /** The first bit left at `startNs`, the last one at `endNs`. */
  served(packet: Packet, startNs: number, endNs: number): void;
  refused(packet: Packet): void;
}

/** Of servers whose packets can be lost after they began to leave, and whose services are events. */
export interface AsynchronousSink extends ServerSink {
  /** It began to leave at `startNs`, and nobody received it. */
  lost(packet: Packet, startNs: number): void;
}

/** Instants are given in ascending order. */
export interface Server {
  /** No work is left from this instant on, if nothing more is offered. */
  readonly busyUntilNs: number;
  /** Our packets whose fate is still open. */
  readonly pending: number;
  /** When the next of what waits is served; Infinity where nothing does, or where nobody needs to see to it. */
  readonly nextServiceNs: number;
  /** `packet` null: somebody else's. */
  offer(atNs: number, frameBytes: number, packet: Packet | null): void;
  /** Serves what begins before `nowNs`. */
  runUntil(nowNs: number): void;
}
