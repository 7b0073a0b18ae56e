// Users with passwords and tokens for programs: who exists, who proves to be one, and the rules that keep somebody able to get in.
import { createHash, randomBytes } from 'node:crypto';
import { AccessError, UsageError } from '../../model/errors.js';
import { readAccessFile, putDamagedFileAside, writeAccessFile } from './access-file.js';
import type { KeptAccess, KeptToken, KeptUser } from './access-file.js';
import { drawToken, encodeToken, parseToken } from './access-token.js';
import { hashSecret, verifySecret } from './password-hash.js';
import type { Role } from '../../model/access-role.js';

/** Length only, as NIST SP 800-63B advises: rules about kinds of characters make passwords worse. */
export const PASSWORD_LENGTH = { least: 12, most: 256 } as const;
export const USER_NAME_FORM = '^[a-z][a-z0-9._-]{0,31}$';
const MOST_USERS = 32;
const MOST_TOKENS = 64;

export type User = Omit<KeptUser, 'passwordHash'>;
export type Token = Omit<KeptToken, 'secretHash'>;

export interface NewUser {
  readonly name: string;
  readonly role: Role;
  readonly password: string;
}

export class Accounts {
  readonly #path: string;
  #access: KeptAccess;
  #damaged: string | null;
  /** Digests of tokens that were verified, so that a request need not wait for scrypt again. */
  readonly #verified = new Map<string, string>();
  /** What an unknown name is verified against, so that it takes as long as a known one. */
  #nobody: Promise<string> | null = null;

  constructor(path: string) {
    this.#path = path;
    const read = readAccessFile(path);
    this.#access = 'access' in read ? read.access : { users: [], tokens: [] };
    this.#damaged = 'damaged' in read ? read.damaged : null;
  }

  /** Somebody has a password, or had one before the file was damaged. */
  get isClaimed(): boolean {
    return this.#damaged !== null || this.#access.users.length > 0;
  }

  /** Why nobody can log in, or null. */
  get problem(): string | null {
    if (this.#damaged === null) return null;
    return `nobody can log in: ${this.#damaged}; add a user through the socket file to start a new one`;
  }

  listUsers(): User[] {
    return this.#access.users.map(({ name, role, createdAt }) => ({ name, role, createdAt }));
  }

  findUser(name: string): User | null {
    return this.listUsers().find((user) => user.name === name) ?? null;
  }

  listTokens(): Token[] {
    return this.#access.tokens.map(({ id, name, role, createdAt }) => ({ id, name, role, createdAt }));
  }

  /** @throws UsageError for a bad password, a name that is taken, too many; StoreError when it cannot be kept. */
  async addUser(user: NewUser, nowMs: number): Promise<User> {
    checkPassword(user);
    this.#checkRoomFor(user.name);
    const passwordHash = await hashSecret(user.password);
    // Somebody else may have come first in the meantime.
    this.#checkRoomFor(user.name);
    const { name, role } = user;
    const kept = { name, role, passwordHash, createdAt: new Date(nowMs).toISOString() };
    this.#keep({ ...this.#access, users: [...this.#access.users, kept] });
    return { name, role, createdAt: kept.createdAt };
  }

  /** The first user, an admin. @throws UsageError when there is one already, and as `addUser`. */
  async claim(user: Omit<NewUser, 'role'>, nowMs: number): Promise<User> {
    const checkUnclaimed = () => {
      if (this.isClaimed) throw new AccessError('access.claim', 'this box has been claimed already: log in');
    };
    checkUnclaimed();
    checkPassword(user);
    const passwordHash = await hashSecret(user.password);
    checkUnclaimed();
    const kept: KeptUser = { name: user.name, role: 'admin', passwordHash, createdAt: new Date(nowMs).toISOString() };
    this.#keep({ ...this.#access, users: [kept] });
    return { name: kept.name, role: kept.role, createdAt: kept.createdAt };
  }

  /** @throws UsageError for an unknown name, and for the last admin. */
  removeUser(name: string): void {
    const user = this.#requireUser(name);
    const admins = this.#access.users.filter(({ role }) => role === 'admin');
    if (user.role === 'admin' && admins.length === 1) {
      throw new UsageError('usage.argument', `${name} is the only admin: add another one first`);
    }
    this.#keep({ ...this.#access, users: this.#access.users.filter((other) => other.name !== name) });
  }

  /** @throws UsageError for an unknown name or a bad password. */
  async setPassword(name: string, password: string): Promise<void> {
    this.#requireUser(name);
    checkPassword({ name, password });
    const passwordHash = await hashSecret(password);
    this.#requireUser(name);
    const users = this.#access.users.map((user) => (user.name === name ? { ...user, passwordHash } : user));
    this.#keep({ ...this.#access, users });
  }

  /** null for a wrong password and for an unknown name, after the same time. */
  async verifyPassword(name: string, password: string): Promise<User | null> {
    const user = this.#access.users.find((candidate) => candidate.name === name);
    const isRight = await verifySecret(password, user?.passwordHash ?? (await this.#readNobody()));
    return user && isRight ? this.findUser(name) : null;
  }

  /** `text` is shown once: only its hash is kept. @throws UsageError when there are too many. */
  async createToken(name: string, role: Role, nowMs: number): Promise<Token & { readonly text: string }> {
    if (this.#access.tokens.length >= MOST_TOKENS) {
      throw new UsageError('usage.argument', `there are ${MOST_TOKENS} tokens already: remove one first`);
    }
    const drawn = drawToken();
    const secretHash = await hashSecret(drawn.secret);
    const token = { id: drawn.id, name, role, createdAt: new Date(nowMs).toISOString() };
    this.#keep({ ...this.#access, tokens: [...this.#access.tokens, { ...token, secretHash }] });
    return { ...token, text: encodeToken(drawn) };
  }

  /** @throws UsageError for an unknown id. */
  removeToken(id: string): void {
    if (!this.#access.tokens.some((token) => token.id === id)) {
      throw new UsageError('usage.argument', `there is no token ${id}`);
    }
    for (const [digest, verified] of this.#verified) if (verified === id) this.#verified.delete(digest);
    this.#keep({ ...this.#access, tokens: this.#access.tokens.filter((token) => token.id !== id) });
  }

  /** At once, for a token that was right before; null asks for `verifyToken`. */
  recallToken(text: string): Token | null {
    const id = this.#verified.get(digestToken(text));
    return id === undefined ? null : (this.listTokens().find((token) => token.id === id) ?? null);
  }

  async verifyToken(text: string): Promise<Token | null> {
    const shown = parseToken(text);
    const kept = this.#access.tokens.find(({ id }) => id === shown?.id);
    const isRight = await verifySecret(shown?.secret ?? '', kept?.secretHash ?? (await this.#readNobody()));
    // It may have been removed while its hash was computed.
    const token = this.listTokens().find(({ id }) => id === kept?.id);
    if (!isRight || !token) return null;
    this.#verified.set(digestToken(text), token.id);
    return token;
  }

  #readNobody(): Promise<string> {
    this.#nobody ??= hashSecret(randomBytes(16).toString('hex'));
    return this.#nobody;
  }

  #requireUser(name: string): User {
    const user = this.findUser(name);
    if (!user) throw new UsageError('usage.argument', `there is no user ${name}`);
    return user;
  }

  #checkRoomFor(name: string): void {
    if (this.findUser(name)) throw new UsageError('usage.argument', `there is a user ${name} already`);
    if (this.#access.users.length >= MOST_USERS) {
      throw new UsageError('usage.argument', `there are ${MOST_USERS} users already: remove one first`);
    }
  }

  #keep(access: KeptAccess): void {
    if (this.#damaged !== null) putDamagedFileAside(this.#path);
    this.#damaged = null;
    writeAccessFile(this.#path, access);
    this.#access = access;
  }
}

function checkPassword({ name, password }: Pick<NewUser, 'name' | 'password'>): void {
  const { least, most } = PASSWORD_LENGTH;
  if (!new RegExp(USER_NAME_FORM).test(name)) {
    throw new UsageError(
      'usage.argument',
      `${name} is no user name: a-z first, then up to 31 of a-z, 0-9, ".", "_" and "-"`,
    );
  }
  if (password.length < least || password.length > most) {
    throw new UsageError(
      'usage.argument',
      `a password has ${least} to ${most} characters; several words make a good one`,
    );
  }
  if (password.toLowerCase().includes(name)) {
    throw new UsageError('usage.argument', 'a password must not contain the name of its user');
  }
}

function digestToken(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
