// The files that the configuration names for the broker, read anew for each attempt, so that a changed password needs no restart. What
// they hold goes to the connection and nowhere else: no message here shows any of it.
import { readFile, stat } from 'node:fs/promises';
import { parse } from 'yaml';
import type { MqttSettings } from '../model/configuration.js';
import { ConfigError } from '../model/errors.js';

export interface BrokerSecrets {
  readonly username?: string;
  readonly password?: string;
  /** PEM. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

const MOST_BYTES = 256 * 1024;

/** @throws ConfigError that names the key whose file cannot be used */
export async function readBrokerSecrets(settings: MqttSettings): Promise<BrokerSecrets> {
  const { credentialsFile, caFile, certificateFile, keyFile } = settings;
  return {
    ...(credentialsFile === undefined ? {} : await readCredentials(credentialsFile)),
    ...(caFile === undefined ? {} : { ca: await readText('mqtt.caFile', caFile) }),
    ...(certificateFile === undefined ? {} : { cert: await readText('mqtt.certificateFile', certificateFile) }),
    ...(keyFile === undefined ? {} : { key: await readText('mqtt.keyFile', keyFile) }),
  };
}

async function readCredentials(path: string): Promise<Pick<BrokerSecrets, 'username' | 'password'>> {
  const field = 'mqtt.credentialsFile';
  const text = await readText(field, path);
  let written: unknown;
  try {
    written = parse(text);
  } catch {
    // The parser's own words quote the line.
    throw new ConfigError(field, `${path} is no YAML with username and password`);
  }
  const { username, password } = (written ?? {}) as Readonly<Record<string, unknown>>;
  if (!isText(username)) throw new ConfigError(field, `${path} must say username: and password:`);
  if (password === undefined || password === null) return { username: String(username) };
  if (!isText(password)) throw new ConfigError(field, `the password in ${path} must be a text, in quotes`);
  return { username: String(username), password: String(password) };
}

/** A password of digits is one, too. */
function isText(value: unknown): value is string | number {
  return typeof value === 'string' || Number.isSafeInteger(value);
}

async function readText(field: string, path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES) throw new ConfigError(field, `${path} is larger than ${MOST_BYTES / 1024} KiB`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(field, `${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`);
  }
}
