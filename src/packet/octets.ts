// Big-endian integers in byte arrays, and the two ways a codec refuses: ProtocolError for what arrived, InvariantError for
// what we were about to send. What the bytes mean is the codecs' business.
import { InvariantError, ProtocolError } from '../model/errors.js';

export const NO_OCTETS = new Uint8Array(0);

/** Reads past the end give zero octets; callers bound themselves with requireOctets first. */
export function uint16At(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

export function uint32At(bytes: Uint8Array, at: number): number {
  return uint16At(bytes, at) * 0x1_0000 + uint16At(bytes, at + 2);
}

export function uint64At(bytes: Uint8Array, at: number): bigint {
  return (BigInt(uint32At(bytes, at)) << 32n) | BigInt(uint32At(bytes, at + 4));
}

export function putUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

export function putUint32(bytes: Uint8Array, at: number, value: number): void {
  putUint16(bytes, at, value >>> 16);
  putUint16(bytes, at + 2, value & 0xffff);
}

export function putUint64(bytes: Uint8Array, at: number, value: bigint): void {
  putUint32(bytes, at, Number((value >> 32n) & 0xffff_ffffn));
  putUint32(bytes, at + 4, Number(value & 0xffff_ffffn));
}

/** @throws ProtocolError unless `count` octets stand at `at`. */
export function requireOctets(bytes: Uint8Array, at: number, count: number, what: string): void {
  if (at + count > bytes.length) {
    throw new ProtocolError(`${what}: ${count} bytes needed, ${Math.max(0, bytes.length - at)} there`);
  }
}

/** @throws InvariantError unless `value` is an integer in 0..max. */
export function requireRange(value: number, max: number, what: string): void {
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new InvariantError(`${what} is ${value}, must be an integer from 0 to ${max}`);
  }
}

/** @throws InvariantError unless `bytes` has `length` octets. */
export function requireLength(bytes: Uint8Array, length: number, what: string): void {
  if (bytes.length !== length) throw new InvariantError(`${what} has ${bytes.length} bytes, must have ${length}`);
}

export function equalOctets(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function concatOctets(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
