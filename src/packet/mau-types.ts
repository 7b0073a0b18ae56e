// Operational MAU types (dot3MauType, RFC 4836 and the IANA registry that continues it) as speed and duplex.

export interface MauMode {
  readonly speedBitsPerSec: number;
  /** null where the type does not say. */
  readonly duplex: 'full' | 'half' | null;
}

const MBPS = 1_000_000;
const GBPS = 1_000_000_000;

/** First and last number of a run of types of one speed and duplex. */
const RUNS: readonly (readonly [first: number, last: number, speedBitsPerSec: number, duplex: MauMode['duplex']])[] = [
  [2, 9, 10 * MBPS, null],
  [10, 10, 10 * MBPS, 'half'],
  [11, 11, 10 * MBPS, 'full'],
  [12, 12, 10 * MBPS, 'half'],
  [13, 13, 10 * MBPS, 'full'],
  [14, 14, 100 * MBPS, 'half'],
  [15, 15, 100 * MBPS, 'half'],
  [16, 16, 100 * MBPS, 'full'],
  [17, 17, 100 * MBPS, 'half'],
  [18, 18, 100 * MBPS, 'full'],
  [19, 19, 100 * MBPS, 'half'],
  [20, 20, 100 * MBPS, 'full'],
  [21, 21, GBPS, 'half'],
  [22, 22, GBPS, 'full'],
  [23, 23, GBPS, 'half'],
  [24, 24, GBPS, 'full'],
  [25, 25, GBPS, 'half'],
  [26, 26, GBPS, 'full'],
  [27, 27, GBPS, 'half'],
  [28, 28, GBPS, 'full'],
  [29, 29, GBPS, 'half'],
  [30, 30, GBPS, 'full'],
  [31, 41, 10 * GBPS, 'full'],
  [44, 46, 100 * MBPS, 'full'],
  [47, 53, GBPS, 'full'],
  [54, 55, 10 * GBPS, 'full'],
  [56, 56, GBPS, 'full'],
  [57, 58, 10 * GBPS, 'full'],
];

/** null for a type that is unknown, or has no rate of its own. */
export function decodeMauType(type: number): MauMode | null {
  const run = RUNS.find(([first, last]) => type >= first && type <= last);
  return run === undefined ? null : { speedBitsPerSec: run[2], duplex: run[3] };
}
