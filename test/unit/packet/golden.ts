// Loads golden packets (see test/fixtures/packets/README.md) and runs them as parse, generate and mirror.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { IpAddresses } from '../../../src/packet/udp.js';
import type { StampMode } from '../../../src/packet/stamp.js';

export interface Golden {
  readonly name: string;
  readonly source: string;
  readonly hex: string;
  /** Of the IP header around a transport segment. */
  readonly addresses?: IpAddresses;
  /** Of STAMP packets. */
  readonly mode?: StampMode;
  readonly fields: unknown;
}

export interface Codec {
  readonly parse: (bytes: Uint8Array, golden: Golden) => unknown;
  readonly encode: (fields: unknown, golden: Golden) => Uint8Array;
}

export function octets(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (octet) => octet.toString(16).padStart(2, '0')).join('');
}

export function readGoldens(file: string): Golden[] {
  const path = join('test', 'fixtures', 'packets', `${file}.json`);
  return JSON.parse(readFileSync(path, 'utf8'), (key, value: unknown) => {
    if (typeof value !== 'string' || key === 'name' || key === 'source' || key === 'hex') return reviveText(key, value);
    if (value.startsWith('0x')) return octets(value.slice(2));
    return /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value;
  }) as Golden[];
}

/** `source` is prose in a case and an address in its fields. */
function reviveText(key: string, value: unknown): unknown {
  return key === 'source' && typeof value === 'string' && value.startsWith('0x') ? octets(value.slice(2)) : value;
}

/** Turns views into plain Uint8Arrays, so that only octets are compared. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

export function runGoldens(file: string, codec: Codec): void {
  for (const golden of readGoldens(file)) {
    const bytes = octets(golden.hex);
    test(`${file}: parse ${golden.name}`, () => {
      assert.deepEqual(plain(codec.parse(bytes, golden)), golden.fields);
    });
    test(`${file}: generate ${golden.name}`, () => {
      assert.equal(hexOf(codec.encode(golden.fields, golden)), golden.hex);
    });
    test(`${file}: mirror ${golden.name}`, () => {
      assert.equal(hexOf(codec.encode(codec.parse(bytes, golden), golden)), golden.hex);
    });
  }
}
