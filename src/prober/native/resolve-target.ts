// From what a person typed to addresses. Which of them is used is the route's decision.
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { readDefaultGateway } from '../../box/default-gateway.js';
import { CanceledError, DeviceError, UsageError } from '../../model/errors.js';
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

/** The word for the default gateway, whichever it is. */
const GATEWAY = 'gateway';

/**
 * An address stands for itself, `gateway` for the default gateway; a name gives every address the system's resolver knows, in its order (RFC 6724).
 * @throws UsageError `usage.address`; DeviceError `device.route` without a default gateway; CanceledError as soon as `signal` aborts: a dead name server can take half a minute.
 */
export async function resolveTarget(target: string, signal: AbortSignal): Promise<TargetAddress[]> {
  const literal = parseLiteral(target);
  if (literal) return [literal];
  if (target === GATEWAY) return [resolveGateway()];
  let found: { address: string; family: number }[];
  try {
    found = await Promise.race([lookup(target, { all: true, verbatim: true }), rejectOnAbort(signal)]);
  } catch (cause) {
    if (cause instanceof CanceledError) throw cause;
    throw new UsageError('usage.address', `"${target}" is neither an address nor a name that resolves`, { cause });
  }
  return found.flatMap(({ address }) => {
    const parsed = parseLiteral(address);
    return parsed ? [{ ...parsed, name: target }] : [];
  });
}

function resolveGateway(): TargetAddress {
  const parsed = parseLiteral(readDefaultGateway() ?? '');
  if (!parsed) throw new DeviceError('device.route', 'this machine has no default gateway: see ip route show default');
  return { ...parsed, name: GATEWAY };
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const cancel = (): void => reject(new CanceledError());
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel, { once: true });
  });
}

function parseLiteral(target: string): TargetAddress | null {
  const text = target.replace(/^\[(.*)\]$/, '$1');
  if (isIP(text) === 0) return null;
  const { bytes, family, zone } = parseAddress(text);
  return { bytes, text: formatAddress(bytes), version: family, zone, name: null };
}
