// Fields of a JSON object that came from somebody else, each of the form that it must have. Nothing here trusts a length or a type.
import { ProtocolError } from '../model/errors.js';

export type JsonObject = Readonly<Record<string, unknown>>;

const LONGEST_SENTENCE = 1_000;
const CONTROLS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/** @throws ProtocolError */
export function parseJsonObject(bytes: Uint8Array, mostBytes: number): JsonObject {
  if (bytes.length > mostBytes)
    throw new ProtocolError(`${bytes.length} bytes are more than the ${mostBytes} of this topic`, 'protocol.too-large');
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new ProtocolError('this is no JSON');
  }
  return asObject(value, 'it');
}

/** @throws ProtocolError */
export function asObject(value: unknown, what: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw new ProtocolError(`${what} is no object`);
}

/** Without control characters, cut at 1,000 characters. @throws ProtocolError */
export function readSentence(from: JsonObject, key: string): string {
  const value = from[key];
  if (typeof value === 'string') return value.replace(CONTROLS, ' ').slice(0, LONGEST_SENTENCE);
  throw new ProtocolError(`${key} is no text`);
}

/** @throws ProtocolError */
export function readWord(from: JsonObject, key: string, form: RegExp): string {
  const value = from[key];
  if (typeof value === 'string' && form.test(value)) return value;
  throw new ProtocolError(`${key} does not have its form`);
}

/** @throws ProtocolError */
export function readChoice<T extends string>(from: JsonObject, key: string, choices: readonly T[]): T {
  const choice = choices.find((one) => one === from[key]);
  if (choice !== undefined) return choice;
  throw new ProtocolError(`${key} is none of ${choices.join(', ')}`);
}

/** Finite, from `least` on. @throws ProtocolError */
export function readNumber(from: JsonObject, key: string, least = -Infinity, most = Infinity): number {
  const value = from[key];
  if (typeof value === 'number' && Number.isFinite(value) && value >= least && value <= most) return value;
  throw new ProtocolError(`${key} is no number that it may be`);
}

/** @throws ProtocolError */
export function readCount(from: JsonObject, key: string): number {
  const value = readNumber(from, key, 0);
  if (Number.isSafeInteger(value)) return value;
  throw new ProtocolError(`${key} is no whole number`);
}

/** ISO 8601 to Unix ms. @throws ProtocolError */
export function readTimeMs(from: JsonObject, key: string): number {
  const value = from[key];
  const atMs = typeof value === 'string' && value.length <= 40 ? Date.parse(value) : NaN;
  if (Number.isFinite(atMs)) return atMs;
  throw new ProtocolError(`${key} is no time`);
}

/** @throws ProtocolError */
export function readList(from: JsonObject, key: string, most: number): readonly unknown[] {
  const value = from[key];
  if (Array.isArray(value) && value.length <= most) return value;
  throw new ProtocolError(`${key} is no list of at most ${most}`);
}

/** null for what is null or missing; else as `read` has it. @throws ProtocolError */
export function orNull<T>(from: JsonObject, key: string, read: (from: JsonObject, key: string) => T): T | null {
  return from[key] === null || from[key] === undefined ? null : read(from, key);
}
