// The file of users and tokens: its shape, and that a file that cannot be read never means "nobody has a password yet".
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { replaceFile } from '../../box/replace-file.js';
import { StoreError } from '../../model/errors.js';
import { isSecretHash } from './password-hash.js';
import { ROLES } from '../../model/access-role.js';
import type { Role } from '../../model/access-role.js';

const SCHEMA = 'apparenet.access/1';
const MODE = 0o600;

export interface KeptUser {
  readonly name: string;
  readonly role: Role;
  /** scrypt, PHC string form. */
  readonly passwordHash: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

export interface KeptToken {
  readonly id: string;
  /** What it is for, in the words of whoever made it. */
  readonly name: string;
  readonly role: Role;
  readonly secretHash: string;
  readonly createdAt: string;
}

export interface KeptAccess {
  readonly users: readonly KeptUser[];
  readonly tokens: readonly KeptToken[];
}

/** `damaged` says in one sentence what is wrong with a file that is there. */
export type ReadAccess = { readonly access: KeptAccess } | { readonly damaged: string };

/** A file that is not there holds nobody. */
export function readAccessFile(path: string): ReadAccess {
  if (!existsSync(path)) return { access: { users: [], tokens: [] } };
  try {
    const document = JSON.parse(readFileSync(path, 'utf8')) as unknown;
    return isAccess(document) ? { access: document } : { damaged: `${path} has not the shape of ${SCHEMA}` };
  } catch (error) {
    return { damaged: `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** For nobody's eyes but the service's. @throws StoreError */
export function writeAccessFile(path: string, { users, tokens }: KeptAccess): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    replaceFile(path, `${JSON.stringify({ schema: SCHEMA, users, tokens }, null, 2)}\n`, MODE);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError('store.write', `${path} cannot be written: ${reason}`, { cause });
  }
}

/** Keeps a damaged file for a person to look at, beside the new one. @throws StoreError */
export function putDamagedFileAside(path: string): void {
  try {
    renameSync(path, `${path}.damaged`);
  } catch (cause) {
    throw new StoreError('store.write', `${path} is damaged and cannot be put aside`, { cause });
  }
}

function isAccess(document: unknown): document is KeptAccess {
  const { schema, users, tokens } = readFields(document);
  if (schema !== SCHEMA || !Array.isArray(users) || !Array.isArray(tokens)) return false;
  return users.every(isUser) && tokens.every(isToken);
}

function isUser(entry: unknown): boolean {
  const { name, role, passwordHash, createdAt } = readFields(entry);
  return areTexts([name, createdAt]) && isRole(role) && isSecretHash(passwordHash);
}

function isToken(entry: unknown): boolean {
  const { id, name, role, secretHash, createdAt } = readFields(entry);
  return areTexts([id, name, createdAt]) && isRole(role) && isSecretHash(secretHash);
}

function readFields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function areTexts(values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === 'string');
}

function isRole(value: unknown): boolean {
  return ROLES.some((role) => role === value);
}
