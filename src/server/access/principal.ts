// Who asks, and what they may: the whole policy of the API as pure decisions. How somebody proves who they are is gate.ts.
import type { Role } from '../../model/access-role.js';

export interface Principal {
  /**
   * `local`: through the socket file that only root and the service's group may open. `open`: from this machine while nobody has
   * claimed the box. `session` and `token`: logged in.
   */
  readonly kind: 'local' | 'open' | 'session' | 'token';
  readonly role: Role;
  /** Of the user; of the token that a program holds; null for `local` and `open`. */
  readonly name: string | null;
}

/**
 * What a route asks of its caller. `look` and `act` are the roles. `keys` are routes over users and tokens: an admin, but not
 * somebody who only happens to be on the machine before it is claimed. `self`: whoever is logged in as a user.
 */
export const NEEDS = ['nothing', 'look', 'act', 'keys', 'self'] as const;
export type Need = (typeof NEEDS)[number];

/** Looking changes nothing (RFC 9110, 9.2.1). */
export function computeNeed(method: string): Need {
  return method === 'GET' || method === 'HEAD' ? 'look' : 'act';
}

export type Answer = 'welcome' | 'log-in' | 'forbidden';

/** `principal` is null for somebody who has shown nothing. */
export function decide(principal: Principal | null, need: Need): Answer {
  if (need === 'nothing') return 'welcome';
  if (principal === null) return 'log-in';
  switch (need) {
    case 'look':
      return 'welcome';
    case 'act':
      return principal.role === 'admin' ? 'welcome' : 'forbidden';
    case 'keys':
      return principal.role === 'admin' && principal.kind !== 'open' ? 'welcome' : 'forbidden';
    case 'self':
      return principal.kind === 'session' ? 'welcome' : 'forbidden';
  }
}

export interface Situation {
  /** The server is bound to loopback only. */
  readonly onLoopbackOnly: boolean;
  /** Somebody has a password. */
  readonly claimed: boolean;
  /** The caller's address is loopback, and so is that of whom it speaks for. */
  readonly callerIsHere: boolean;
}

/** Until somebody has a password, this machine's own users may do what they can do with the command line anyway. */
export function isOpenTo({ onLoopbackOnly, claimed, callerIsHere }: Situation): boolean {
  return onLoopbackOnly && !claimed && callerIsHere;
}
