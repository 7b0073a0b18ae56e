// The quantities every room speaks in: ns, bytes, bits per second, ratios; and instants branded by their clock.
// Conversion to ms or Mb/s belongs to the edges (cli, ui, mqtt), not here.

/** The clocks an instant can belong to: CLOCK_MONOTONIC, CLOCK_REALTIME, a NIC's own hardware clock. */
export type ClockName = 'mono' | 'wall' | 'phc';

declare const clockBrand: unique symbol;

/** Nanoseconds since the epoch of clock `C`. Instants of two clocks do not assign to each other. */
export type Instant<C extends ClockName> = bigint & { readonly [clockBrand]: C };
export type MonoNs = Instant<'mono'>;
export type WallNs = Instant<'wall'>;
export type PhcNs = Instant<'phc'>;

export const monoNs = (ns: bigint): MonoNs => ns as MonoNs;
export const wallNs = (ns: bigint): WallNs => ns as WallNs;
export const phcNs = (ns: bigint): PhcNs => ns as PhcNs;

/** `later − earlier` in ns as a number; exact while the difference stays below 2^53 ns (104 days). */
export function differenceNs<C extends ClockName>(later: Instant<C>, earlier: Instant<C>): number {
  return Number((later as bigint) - (earlier as bigint));
}

export const NS_PER_US = 1_000;
export const NS_PER_MS = 1_000_000;
export const NS_PER_SEC = 1_000_000_000;
export const BITS_PER_BYTE = 8;

/** Ethernet header without VLAN tag, preamble or FCS: what a Linux queueing discipline counts beside the IP packet. */
export const ETHERNET_HEADER_BYTES = 14;

/** Time in ns to clock `bytes` out at `rateBitsPerSec` (> 0). */
export function serialisationNs(bytes: number, rateBitsPerSec: number): number {
  return (bytes * BITS_PER_BYTE * NS_PER_SEC) / rateBitsPerSec;
}
