// The form of a token that a program shows: `apn_ID_SECRET`. The prefix lets secret scanners find one that leaked, the id says
// which it is without being secret.
import { randomBytes, randomInt } from 'node:crypto';

const ID_LETTERS = '23456789abcdefghjkmnpqrstuvwxyz';
const ID_LENGTH = 8;
const SECRET_BYTES = 32;
const FORM = /^apn_([2-9a-hjkmnp-z]{8})_([A-Za-z0-9_-]{43})$/;

export interface AccessToken {
  readonly id: string;
  readonly secret: string;
}

export function drawToken(): AccessToken {
  const id = Array.from({ length: ID_LENGTH }, () => ID_LETTERS.charAt(randomInt(ID_LETTERS.length))).join('');
  return { id, secret: randomBytes(SECRET_BYTES).toString('base64url') };
}

export function encodeToken({ id, secret }: AccessToken): string {
  return `apn_${id}_${secret}`;
}

/** null for what has not the form of a token. */
export function parseToken(text: string): AccessToken | null {
  const [, id, secret] = FORM.exec(text) ?? [];
  return id === undefined || secret === undefined ? null : { id, secret };
}
