// What a server on loopback that has no log-in accepts, and how it says that it cannot listen: the same for API and page.
// A page from elsewhere in a browser on this machine must not use it, neither directly (Origin) nor through a name that its
// owner lets point to 127.0.0.1 (DNS rebinding: Host).
import { DeviceError, PermissionError } from './errors.js';

export const LOOPBACK_ADDRESS = '127.0.0.1';
const LOCAL_NAMES = [LOOPBACK_ADDRESS, 'localhost', '[::1]'];

export interface LocalHeaders {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
}

/** Which header, if any, shows that a request to TCP `port` was not meant for this server. */
export function checkLocalHeaders(headers: LocalHeaders, port: number): 'host' | 'origin' | null {
  const { host, origin } = headers;
  // The name is what an attacker would have to change; programs often leave out the port.
  if (host === undefined || !isOwnName(host, port)) return 'host';
  const [scheme, authority] = origin?.split('://') ?? [];
  if (origin !== undefined && (scheme !== 'http' || authority?.toLowerCase() !== host.toLowerCase())) return 'origin';
  return null;
}

function isOwnName(host: string, port: number): boolean {
  return LOCAL_NAMES.some((name) => host.toLowerCase() === name || host.toLowerCase() === `${name}:${port}`);
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
