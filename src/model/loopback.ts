// Where the servers of this product listen unless told otherwise, and how one says that it cannot: the same for API and page.
import { DeviceError, PermissionError } from './errors.js';

export const LOOPBACK_ADDRESS = '127.0.0.1';

/** Whether packets from `address` cannot have come from another machine; also in the form of an IPv4 address within IPv6. */
export function isLoopback(address: string): boolean {
  return /^(::ffff:)?127(\.\d{1,3}){3}$|^::1$/.test(address);
}

/** Why `part` could not listen on TCP `port`; `errno` is symbolic. */
export function createListenError(part: string, port: number, errno: string, cause: unknown): Error {
  const details = { errno, syscall: 'listen', port: null };
  if (errno === 'EADDRINUSE') {
    const message = `${part} cannot have tcp/${port}: another program listens there; "apparenet ports" says which`;
    return new DeviceError('device.busy', message, details, { cause });
  }
  if (errno === 'EACCES' || errno === 'EPERM') {
    const message = `${part} may not listen on tcp/${port}: ports below 1024 need CAP_NET_BIND_SERVICE`;
    return new PermissionError('permission.socket', message, 'choose a port from 1024, or run as root', { cause });
  }
  return new DeviceError('device.open', `${part} cannot listen on tcp/${port}: ${errno}`, details, { cause });
}
