// Who is logged in by a browser, in memory only: a restart logs everybody out. Only digests of the secrets are kept, so that a
// core dump or a debugger shows none that works.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Ended when not used for so long, and in any case after so long, ms. */
export const SESSION_IDLE_MS = 12 * 3_600_000;
export const SESSION_LIFE_MS = 7 * 24 * 3_600_000;
/** The least recently used one goes first. */
const MAX_SESSIONS = 64;
const SECRET_BYTES = 32;

export interface Session {
  readonly user: string;
  /** What a page must repeat in a header with each request that changes something. */
  readonly csrfToken: string;
  readonly endsMs: number;
}

interface Kept extends Session {
  usedMs: number;
}

export class Sessions {
  /** By the digest of the cookie's secret; the order is that of use. */
  readonly #kept = new Map<string, Kept>();

  /** `secret` is the cookie's value, 43 letters of base64url. */
  start(user: string, nowMs: number): { readonly secret: string; readonly session: Session } {
    const secret = randomBytes(SECRET_BYTES).toString('base64url');
    const csrfToken = randomBytes(SECRET_BYTES).toString('base64url');
    const session = { user, csrfToken, endsMs: nowMs + SESSION_LIFE_MS, usedMs: nowMs };
    this.#kept.set(digest(secret), session);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_SESSIONS && oldest !== undefined) this.#kept.delete(oldest);
    return { secret, session };
  }

  /** The session of that secret, which counts as used; null where it ended or never was. */
  find(secret: string, nowMs: number): Session | null {
    const key = digest(secret);
    const session = this.#kept.get(key);
    if (!session) return null;
    this.#kept.delete(key);
    if (nowMs >= session.endsMs || nowMs - session.usedMs >= SESSION_IDLE_MS) return null;
    session.usedMs = nowMs;
    this.#kept.set(key, session);
    return session;
  }

  end(secret: string): void {
    this.#kept.delete(digest(secret));
  }

  endAllOf(user: string): void {
    for (const [key, session] of this.#kept) if (session.user === user) this.#kept.delete(key);
  }
}

/** In the same time for every text of the right length. */
export function isSameText(given: string, expected: string): boolean {
  return timingSafeEqual(hash(given), hash(expected));
}

function digest(secret: string): string {
  return hash(secret).toString('base64');
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
