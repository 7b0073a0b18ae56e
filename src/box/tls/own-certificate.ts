// The certificate that the box makes for itself: it keeps what is sent from being read on the way, and whoever remembers its fingerprint
// sees that it is still the same box. Nobody else vouches for it. A new one is a warning in each browser again: only where there must be.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isIP, isIPv6 } from 'node:net';
import { StoreError } from '../../model/errors.js';
import type { TlsFiles } from './tls-files.js';

const DAY_MS = 86_400_000;
/** As long as a box lives. */
const VALID_MS = 3_650 * DAY_MS;
/** Long before anybody is warned of its end. */
const RENEWED_BEFORE_MS = 60 * DAY_MS;
/** Of the one before that stay in the next, so that a box that goes to and fro between networks has one for all of them. */
const MOST_OLD_NAMES = 64;
/** A box may start before its clock is set. */
const VALID_FROM = new Date('2020-01-01T00:00:00Z');

export interface OwnName {
  readonly folder: string;
  /** Names and addresses by which the box is asked for; a certificate without one of them is no use. */
  readonly names: readonly string[];
  /** Addresses that come and go: those that are there when it is made. */
  readonly passingNames?: readonly string[];
  readonly nowMs: number;
}

/** Certificate and key lie in one file, which only the service may read. @throws StoreError `store.write` */
export async function openOwnCertificate({ folder, names, passingNames = [], nowMs }: OwnName): Promise<TlsFiles> {
  const path = join(folder, 'tls.pem');
  const wanted = names.filter((name) => isIP(name) !== 0 || NAME_FORM.test(name));
  const kept = readKept(path, wanted, nowMs);
  if (kept) return kept;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    const made = await makeCertificate([...new Set([...wanted, ...passingNames, ...listKeptNames(path)])], nowMs);
    // API and page may be two processes that make one at the same time: the first one's counts.
    const other = readKept(path, wanted, nowMs);
    if (other) return other;
    rmSync(path, { force: true });
    keepOnce(path, `${made.cert.trim()}\n${made.key.trim()}\n`);
    return readKept(path, wanted, nowMs) ?? made;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError('store.write', `${path} cannot be written: ${reason}`, { cause });
  }
}

/** A host name that a certificate holds as it stands. */
const NAME_FORM = /^[a-z0-9._-]{1,253}$/i;

/** null for none, a damaged one, one that is about to expire and one without a name of those. */
function readKept(path: string, wanted: readonly string[], nowMs: number): TlsFiles | null {
  try {
    const text = readFileSync(path, 'utf8');
    const certificate = new X509Certificate(text);
    const held = listNames(certificate);
    const isSound =
      certificate.checkPrivateKey(createPrivateKey(text)) &&
      Date.parse(certificate.validTo) > nowMs + RENEWED_BEFORE_MS &&
      wanted.every((name) => (isIPv6(name) ? certificate.checkIP(name) !== undefined : held.includes(name)));
    return isSound ? { cert: text, key: text, isOwn: true } : null;
  } catch {
    return null;
  }
}

/** Host names and IPv4 addresses: IPv6 ones are written in another form there. */
function listNames({ subjectAltName = '' }: X509Certificate): string[] {
  return subjectAltName.split(', ').flatMap((entry) => {
    const [, name = ''] = /^(?:DNS|IP Address):(.*)$/.exec(entry) ?? [];
    return NAME_FORM.test(name) ? [name] : [];
  });
}

/** None where there is no certificate, or a damaged one. */
function listKeptNames(path: string): string[] {
  try {
    return listNames(new X509Certificate(readFileSync(path, 'utf8'))).slice(0, MOST_OLD_NAMES);
  } catch {
    return [];
  }
}

/** Whole or not at all, and never over another's. */
function keepOnce(path: string, text: string): void {
  const next = `${path}.${process.pid}.new`;
  writeFileSync(next, text, { mode: 0o600 });
  try {
    linkSync(next, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(next, { force: true });
  }
}

async function makeCertificate(names: readonly string[], nowMs: number): Promise<TlsFiles> {
  const { generate } = await import('selfsigned');
  const altNames = names.map((name) =>
    isIP(name) === 0 ? { type: 2 as const, value: name } : { type: 7 as const, ip: name },
  );
  const { cert, private: key } = await generate([{ name: 'commonName', value: names[0] ?? 'apparenet' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: VALID_FROM,
    notAfterDate: new Date(Math.max(nowMs, VALID_FROM.getTime()) + VALID_MS),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames },
    ],
  });
  return { cert, key, isOwn: true };
}
