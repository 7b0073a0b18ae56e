// The quantities every room speaks in: ns, bytes, bits per second, ratios.
// Conversion to ms or Mb/s belongs to the edges (cli, ui, mqtt), not here.

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
