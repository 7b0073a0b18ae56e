// Turns what somebody shows - a claim code, a password, a cookie, a token - into who they are, at a limited rate.
import { AccessError } from '../../model/errors.js';
import type { Accounts } from './accounts.js';
import type { User } from './accounts.js';
import { AttemptLimit, LOG_IN_RATES } from './attempt-limit.js';
import { drawClaimCode, isClaimCode } from './claim-code.js';
import type { Principal } from './principal.js';
import { isSameText, Sessions } from './sessions.js';
import type { Session } from './sessions.js';

export interface LoggedIn {
  readonly user: User;
  readonly session: Session;
  /** The cookie's value. */
  readonly secret: string;
}

export interface Claim {
  readonly code: string;
  readonly name: string;
  readonly password: string;
}

export class AccessDesk {
  readonly accounts: Accounts;
  readonly #sessions = new Sessions();
  readonly #limit: AttemptLimit;
  readonly #claimCode: string | null;
  readonly #nowMs: () => number;

  constructor(accounts: Accounts, nowMs: () => number) {
    this.accounts = accounts;
    this.#nowMs = nowMs;
    this.#limit = new AttemptLimit(LOG_IN_RATES, nowMs());
    this.#claimCode = accounts.isClaimed ? null : drawClaimCode();
  }

  /** For the console; null where somebody has a password. */
  get claimCode(): string | null {
    return this.accounts.isClaimed ? null : this.#claimCode;
  }

  /** Makes the first admin and logs them in. @throws AccessError, UsageError for a bad name or password, StoreError */
  async claim({ code, name, password }: Claim, source: string): Promise<LoggedIn> {
    this.#takeAttempt(source);
    const expected = this.claimCode;
    if (expected === null) throw new AccessError('access.claim', 'this box has been claimed already: log in');
    if (!isClaimCode(code, expected)) {
      throw new AccessError('access.claim', 'this is not the claim code that the analysis server printed at its start');
    }
    this.#limit.giveBack(source);
    return this.#startSession(await this.accounts.claim({ name, password }, this.#nowMs()));
  }

  /** @throws AccessError in the same words for an unknown name and a wrong password. */
  async logIn(name: string, password: string, source: string): Promise<LoggedIn> {
    this.#takeAttempt(source);
    const user = await this.accounts.verifyPassword(name, password);
    if (!user) throw new AccessError('access.log-in', 'there is no such user with this password');
    this.#limit.giveBack(source);
    return this.#startSession(user);
  }

  logOut(secret: string): void {
    this.#sessions.end(secret);
  }

  /** Ends every session of that user and starts a new one. @throws AccessError for a wrong current password. */
  async changeOwnPassword(
    name: string,
    passwords: { current: string; next: string },
    source: string,
  ): Promise<LoggedIn> {
    this.#takeAttempt(source);
    const user = await this.accounts.verifyPassword(name, passwords.current);
    if (!user) throw new AccessError('access.log-in', 'this is not your current password');
    this.#limit.giveBack(source);
    await this.setPassword(name, passwords.next);
    return this.#startSession(user);
  }

  async setPassword(name: string, password: string): Promise<void> {
    await this.accounts.setPassword(name, password);
    this.#sessions.endAllOf(name);
  }

  removeUser(name: string): void {
    this.accounts.removeUser(name);
    this.#sessions.endAllOf(name);
  }

  /** null for a cookie that is not, or no longer, one of a session. */
  readSession(secret: string): { readonly principal: Principal; readonly session: Session } | null {
    const session = this.#sessions.find(secret, this.#nowMs());
    const user = session && this.accounts.findUser(session.user);
    return user ? { principal: { kind: 'session', role: user.role, name: user.name }, session } : null;
  }

  /** @throws AccessError `access.role` unless `given` is the token of that session. */
  checkCsrf(session: Session, given: string | undefined): void {
    if (given !== undefined && isSameText(given, session.csrfToken)) return;
    throw new AccessError('access.role', 'the header x-csrf-token must repeat the csrfToken of the session');
  }

  /** Those that were right before cost nothing and are not limited. @throws AccessError for a wrong one. */
  async readToken(text: string, source: string): Promise<Principal> {
    let token = this.accounts.recallToken(text);
    if (!token) {
      this.#takeAttempt(source);
      token = await this.accounts.verifyToken(text);
      if (!token) throw new AccessError('access.log-in', 'this token is not, or no longer, one of this box');
      this.#limit.giveBack(source);
    }
    return { kind: 'token', role: token.role, name: token.name };
  }

  #startSession(user: User): LoggedIn {
    return { user, ...this.#sessions.start(user.name, this.#nowMs()) };
  }

  #takeAttempt(source: string): void {
    const waitSec = this.#limit.take(source, this.#nowMs());
    if (waitSec === null) return;
    throw new AccessError('access.limited', `too many attempts: try again in ${waitSec} s`, waitSec);
  }
}
