// Whether API and page speak TLS, and with which certificate: on loopback they need none, beyond it they have one.
import { isIPv4, isIPv6 } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { findStateFolder } from '../../box/abilities-store.js';
import { openOwnCertificate } from '../../box/tls/own-certificate.js';
import { computeFingerprint, readTlsFiles, type TlsFiles } from '../../box/tls/tls-files.js';
import { isLoopback } from '../../model/loopback.js';
import { listOwnNames } from '../../model/own-headers.js';
import type { RunPartsOptions } from '../../model/parts.js';

export interface ChosenTls {
  /** null: plain HTTP. */
  readonly tls: TlsFiles | null;
  /** For the person who will meet a warning in the browser. */
  readonly notes: readonly string[];
  /** The same choice later, when files or addresses may be others. Rejects as `chooseTls` does. */
  readonly again: () => Promise<ChosenTls>;
}

type TlsChoice = Pick<RunPartsOptions, 'listen' | 'stateDir' | 'tls' | 'plainHttp'>;

/** @throws UsageError or ConfigError for files that cannot be used; StoreError where an own certificate cannot be kept. */
export async function chooseTls(choice: TlsChoice): Promise<ChosenTls> {
  const { listen, stateDir, tls: paths, plainHttp } = choice;
  const again = (): Promise<ChosenTls> => chooseTls(choice);
  if (paths) return { tls: readTlsFiles(paths, Date.now()), notes: [], again };
  if (plainHttp || listen === undefined || isLoopback(listen)) return { tls: null, notes: [], again };
  const own = listOwnAddresses();
  const tls = await openOwnCertificate({
    folder: stateDir ?? findStateFolder(),
    names: [...listOwnNames(hostname()), ...(isWildcard(listen) ? [] : [listen]), ...own.filter(isIPv4)],
    // Those that machines give themselves change every day (RFC 8981).
    passingNames: own.filter(isIPv6),
    nowMs: Date.now(),
  });
  return { tls, notes: [`its own certificate, which no browser knows; SHA-256 ${computeFingerprint(tls)}`], again };
}

/** Every address of the machine, and the name of none. */
function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

/** A service that may not open netlink sockets cannot list them; browsers warn of an own certificate anyway. */
function listOwnAddresses(): string[] {
  try {
    return Object.values(networkInterfaces()).flatMap((addresses = []) =>
      // A link-local address has a zone, which a certificate cannot name.
      addresses.filter(({ scopeid = 0 }) => scopeid === 0).map(({ address }) => address),
    );
  } catch {
    return [];
  }
}
