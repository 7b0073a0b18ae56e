// Where a request comes from, as far as it can be known: directly, through the page's server, or through the socket file of this
// machine's own programs.
import type { IncomingMessage } from 'node:http';
import { isIP, isIPv6 } from 'node:net';
import type { Socket } from 'node:net';
import { isLoopback } from '../../model/loopback.js';

export interface Caller {
  /** null: through the socket file, for itself. */
  readonly address: string | null;
  readonly isHere: boolean;
  readonly isEncrypted: boolean;
}

/** Marks the connections of the socket file. */
export class LocalConnections {
  readonly #sockets = new WeakSet<Socket>();

  add(socket: Socket): void {
    this.#sockets.add(socket);
  }

  has(socket: Socket): boolean {
    return this.#sockets.has(socket);
  }
}

/**
 * Only a program of this machine may say for whom it asks, as the page's server does; it can thereby lose rights and never gain
 * any, so nothing has to prove that it is the page's server.
 */
export function readCaller(request: IncomingMessage, local: LocalConnections): Caller {
  const { socket, headers } = request;
  const isLocal = local.has(socket);
  const direct = isLocal ? null : (socket.remoteAddress ?? 'unknown');
  const isEncrypted = 'encrypted' in socket && socket.encrypted === true;
  if (direct !== null && !isLoopback(direct)) return { address: direct, isHere: false, isEncrypted };
  const forwarded = headers['x-forwarded-for'];
  if (forwarded === undefined) return { address: direct, isHere: true, isEncrypted };
  const address = String(forwarded).split(',').at(-1)?.trim() ?? '';
  const isRelayEncrypted = headers['x-forwarded-proto'] === 'https';
  return isIP(address)
    ? { address, isHere: isLoopback(address), isEncrypted: isRelayEncrypted }
    : { address: 'unknown', isHere: false, isEncrypted: isRelayEncrypted };
}

/** What shares a limit of attempts: an address, or the /64 that one IPv6 host can choose its addresses from. */
export function nameSource({ address }: Caller): string {
  if (address === null) return 'local';
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('::');
  const groups = head === '' ? [] : head.split(':');
  const rest = tail === undefined || tail === '' ? [] : tail.split(':');
  const whole =
    tail === undefined ? groups : [...groups, ...Array<string>(8 - groups.length - rest.length).fill('0'), ...rest];
  return `${whole.slice(0, 4).join(':')}::/64`;
}
