// The certificate and key that API and page show: those of the administrator, checked so that what is wrong with them is said when
// the service starts and not to each browser.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigError, UsageError } from '../../model/errors.js';

export interface TlsFiles {
  /** PEM, with the chain below the first. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
  /** The box made it for itself. */
  readonly isOwn?: true;
}

export interface TlsPaths {
  readonly certPath: string;
  readonly keyPath: string;
  /** Who named them; without it the command line. */
  readonly saidBy?: 'configuration';
}

/** One of the two files, in the words of whoever named it. */
interface NamedFile {
  readonly path: string;
  readonly option: '--tls-cert' | '--tls-key';
  /** Of the configuration; null where the command line named it. */
  readonly field: string | null;
}

/** @throws UsageError that names the option, or ConfigError that names the field, and says what is wrong with its file. */
export function readTlsFiles({ certPath, keyPath, saidBy }: TlsPaths, nowMs: number): TlsFiles {
  const field = (name: string): string | null => (saidBy === 'configuration' ? `server.${name}` : null);
  const certFile: NamedFile = { path: certPath, option: '--tls-cert', field: field('tlsCertificate') };
  const keyFile: NamedFile = { path: keyPath, option: '--tls-key', field: field('tlsKey') };
  const cert = readText(certFile);
  const key = readText(keyFile);
  const certificate = parseCertificate(cert, certFile);
  const { validFrom, validTo, publicKey } = certificate;
  if (Date.parse(validTo) <= nowMs) throw refuse(certFile, `expired on ${validTo}`);
  if (Date.parse(validFrom) > nowMs)
    throw refuse(certFile, `is valid from ${validFrom} on: is the clock of this machine right?`);
  if (!certificate.checkPrivateKey(parseKey(key, keyFile))) {
    const kind = publicKey.asymmetricKeyType ?? 'unknown';
    throw refuse(keyFile, `is not the key of ${certPath}, whose public key (${kind}) is another one`);
  }
  return { cert, key };
}

/** Two figures of hexadecimal each, as browsers show them. */
export function computeFingerprint({ cert }: Pick<TlsFiles, 'cert'>): string {
  return new X509Certificate(cert).fingerprint256;
}

function readText(file: NamedFile): string {
  try {
    return readFileSync(file.path, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: 'is not there',
      EACCES: 'may not be read by this user',
    };
    throw refuse(file, reasons[code ?? ''] ?? `cannot be read: ${message}`, cause);
  }
}

function parseCertificate(text: string, file: NamedFile): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch (cause) {
    throw refuse(file, 'holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)', cause);
  }
}

function parseKey(text: string, file: NamedFile): KeyObject {
  try {
    return createPrivateKey(text);
  } catch (cause) {
    const isLocked = text.includes('ENCRYPTED');
    const reason = isLocked ? 'is locked by a pass phrase; give one without' : 'holds no private key in PEM form';
    throw refuse(file, reason, cause);
  }
}

function refuse({ option, field, path }: NamedFile, reason: string, cause?: unknown): UsageError | ConfigError {
  if (field !== null) return new ConfigError(field, `${path} ${reason}`);
  return new UsageError('usage.argument', `${option}: ${path} ${reason}`, { cause });
}
