// Which sources the reflector answers: prefixes as a person writes them become the rows the native engine compares. Pure.
import { ConfigError, ProtocolError } from '../../model/errors.js';
import { encodePrefix, parsePrefix } from '../../packet/address.js';

/** Addresses that no stranger on the internet has: private, shared (RFC 6598), link-local and loopback ranges. */
export const DEFAULT_ALLOWED_PREFIXES: readonly string[] = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '100.64.0.0/10',
  '127.0.0.0/8',
  'fc00::/7',
  'fe80::/10',
  '::1/128',
];

const ROW_BYTES = 17;

/**
 * Rows of 17 bytes, one a prefix, in the given order; an address without length stands for itself. No rows allow nobody.
 * @throws ConfigError naming the element of `field` that is no prefix
 */
export function encodeAllowList(prefixes: readonly string[], field: string): Uint8Array {
  const rows = new Uint8Array(ROW_BYTES * prefixes.length);
  prefixes.forEach((text, i) => {
    rows.set(encodeRow(text, `${field}[${i}]`), ROW_BYTES * i);
  });
  return rows;
}

function encodeRow(text: string, field: string): Uint8Array {
  try {
    return encodePrefix(parsePrefix(text));
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ConfigError(field, `"${text}" is no prefix such as 192.0.2.0/24 or 2001:db8::/32`);
  }
}
