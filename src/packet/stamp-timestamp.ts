// Timestamps and error estimates of STAMP (RFC 8762 4.2.1) <-> ns since the Unix epoch.
//
// NTP  (Z=0, RFC 5905):  seconds since 1900, 32 bits | fraction of 2^-32 s, 32 bits   era 1 begins 2036-02-07
// PTP  (Z=1, IEEE 1588): seconds since 1970, 32 bits | nanoseconds, 32 bits           TAI or UTC is the sender's choice
//
// Error estimate:  S | Z | scale, 6 bits | multiplier, 8 bits;  error = multiplier * 2^(scale - 32) s  (RFC 4656 4.1.2)
import { putUint16, requireRange, uint16At, uint32At, uint64At } from './octets.js';

const NS_PER_SEC = 1_000_000_000n;
/** From 1900 to 1970: 70 years with 17 leap days. */
const NTP_TO_UNIX_SECONDS = 2_208_988_800n;
const ERA_SECONDS = 1n << 32n;

export type TimestampFormat = 'ntp' | 'ptp';

export interface ErrorEstimate {
  /** S: the clock follows an external source of UTC. */
  readonly synchronized: boolean;
  /** Z */
  readonly format: TimestampFormat;
  /** 0-63 */
  readonly scale: number;
  /** 1-255 to be valid; 0 from a peer that does not know. */
  readonly multiplier: number;
}

/**
 * `unixNs` (0 to the year 2104) as NTP format, rounded to the nearest 2^-32 s = 0.23 ns, so that parsing gives the same ns.
 */
export function encodeNtpTimestamp(unixNs: bigint): bigint {
  const seconds = unixNs / NS_PER_SEC + NTP_TO_UNIX_SECONDS;
  const fraction = ((unixNs % NS_PER_SEC) * ERA_SECONDS + NS_PER_SEC / 2n) / NS_PER_SEC;
  return BigInt.asUintN(64, (seconds << 32n) + fraction);
}

/** ns since 1970. Seconds below 2^31 belong to the era from 2036 (RFC 5905 6), so instants from 1968 to 2104 are told apart. */
export function parseNtpTimestamp(timestamp: bigint): bigint {
  const low = timestamp >> 32n;
  const seconds = low < ERA_SECONDS / 2n ? low + ERA_SECONDS : low;
  const ns = ((timestamp & 0xffff_ffffn) * NS_PER_SEC + ERA_SECONDS / 2n) >> 32n;
  return (seconds - NTP_TO_UNIX_SECONDS) * NS_PER_SEC + ns;
}

/** `unixNs` (0 to the year 2106) in truncated PTP format. */
export function encodePtpTimestamp(unixNs: bigint): bigint {
  return BigInt.asUintN(64, ((unixNs / NS_PER_SEC) << 32n) | (unixNs % NS_PER_SEC));
}

/** ns since 1970; a nanoseconds field above 10^9 carries into the seconds. */
export function parsePtpTimestamp(timestamp: bigint): bigint {
  return (timestamp >> 32n) * NS_PER_SEC + (timestamp & 0xffff_ffffn);
}

export function encodeTimestamp(unixNs: bigint, format: TimestampFormat): bigint {
  return format === 'ntp' ? encodeNtpTimestamp(unixNs) : encodePtpTimestamp(unixNs);
}

/** ns since 1970 of the raw 64 bits. */
export function parseTimestamp(timestamp: bigint, format: TimestampFormat): bigint {
  return format === 'ntp' ? parseNtpTimestamp(timestamp) : parsePtpTimestamp(timestamp);
}

/** ns since 1970, or null where all 64 bits are zero: the sender has no stamp. */
export function timestampAt(bytes: Uint8Array, at: number, format: TimestampFormat): bigint | null {
  if (uint32At(bytes, at) === 0 && uint32At(bytes, at + 4) === 0) return null;
  return parseTimestamp(uint64At(bytes, at), format);
}

export function errorEstimateAt(bytes: Uint8Array, at: number): ErrorEstimate {
  const word = uint16At(bytes, at);
  return {
    synchronized: (word & 0x8000) !== 0,
    format: (word & 0x4000) === 0 ? 'ntp' : 'ptp',
    scale: (word >> 8) & 0x3f,
    multiplier: word & 0xff,
  };
}

/** @throws InvariantError for values out of range. */
export function putErrorEstimate(bytes: Uint8Array, at: number, estimate: ErrorEstimate): void {
  requireRange(estimate.scale, 63, 'scale of the error estimate');
  requireRange(estimate.multiplier, 255, 'multiplier of the error estimate');
  const flags = (estimate.synchronized ? 0x8000 : 0) | (estimate.format === 'ptp' ? 0x4000 : 0);
  putUint16(bytes, at, flags | (estimate.scale << 8) | estimate.multiplier);
}
