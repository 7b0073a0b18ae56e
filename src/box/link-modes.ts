// Link modes as ethtool's bit maps give them, turned into speeds and duplex. Which modes a port has is read elsewhere.
import type { LinkMode } from '../model/path.js';

/**
 * Bits of enum ethtool_link_mode_bit_indices (linux/ethtool.h) by speed in Mb/s and duplex. Media of one speed (copper, fibre,
 * backplane, single pair) fall together: a path only sees the rate. Speeds above 100 Gb/s and 20, 56 Gb/s are left out.
 */
const BITS_BY_MODE: readonly (readonly [speedMbps: number, duplex: 'half' | 'full', bits: readonly number[]])[] = [
  [10, 'half', [0, 100, 101]],
  [10, 'full', [1, 92, 99, 102]],
  [100, 'half', [2, 90]],
  [100, 'full', [3, 67, 91]],
  [1_000, 'half', [4]],
  [1_000, 'full', [5, 17, 41, 68]],
  [2_500, 'full', [15, 47]],
  [5_000, 'full', [48]],
  [10_000, 'full', [12, 18, 19, 20, 42, 43, 44, 45, 46]],
  [25_000, 'full', [31, 32, 33]],
  [40_000, 'full', [23, 24, 25, 26]],
  [50_000, 'full', [34, 35, 40, 52, 53, 54, 55, 56]],
  [100_000, 'full', [36, 37, 38, 39, 57, 58, 59, 60, 61, 75, 76, 77, 78, 79]],
];

const BITS_PER_SEC_PER_MBPS = 1_000_000;

/** `words` are little-endian 32-bit words of the map: bit 0 is the lowest of the first word. Slowest mode first. */
export function decodeLinkModes(words: Uint32Array): LinkMode[] {
  const isSet = (bit: number): boolean => (((words[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 1;
  return BITS_BY_MODE.filter(([, , bits]) => bits.some(isSet)).map(([speedMbps, duplex]) => ({
    speedBitsPerSec: speedMbps * BITS_PER_SEC_PER_MBPS,
    duplex,
  }));
}

/** Mb/s as the kernel gives them (−1, 0 and 2^32 − 1 mean unknown) to bits per second. */
export function decodeSpeed(speedMbps: number | null): number | null {
  if (speedMbps === null || speedMbps <= 0 || speedMbps >= 0xffff_ffff) return null;
  return speedMbps * BITS_PER_SEC_PER_MBPS;
}
