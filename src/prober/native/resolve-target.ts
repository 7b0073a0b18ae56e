// From what a person typed to addresses. Which of them is used is the route's decision.
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { UsageError } from '../../model/errors.js';
import { formatAddress, parseAddress } from '../../packet/address.js';

export interface TargetAddress {
  /** 4 or 16 octets. */
  readonly bytes: Uint8Array;
  /** RFC 5952 text without zone. */
  readonly text: string;
  readonly version: 4 | 6;
  /** Port name of a link-local address (`fe80::1%eth0`), else null. */
  readonly zone: string | null;
  /** The name that led here, null where an address was typed. */
  readonly name: string | null;
}

/**
 * An address stands for itself; a name gives every address the system's resolver knows, in its order (RFC 6724).
 * @throws UsageError `usage.address`.
 */
export async function resolveTarget(target: string): Promise<TargetAddress[]> {
  const literal = parseLiteral(target);
  if (literal) return [literal];
  let found: { address: string; family: number }[];
  try {
    found = await lookup(target, { all: true, verbatim: true });
  } catch (cause) {
    throw new UsageError('usage.address', `"${target}" is neither an address nor a name that resolves`, { cause });
  }
  return found.flatMap(({ address }) => {
    const parsed = parseLiteral(address);
    return parsed ? [{ ...parsed, name: target }] : [];
  });
}

function parseLiteral(target: string): TargetAddress | null {
  const text = target.replace(/^\[(.*)\]$/, '$1');
  if (isIP(text) === 0) return null;
  const { bytes, family, zone } = parseAddress(text);
  return { bytes, text: formatAddress(bytes), version: family, zone, name: null };
}
