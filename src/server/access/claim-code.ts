// The code that makes whoever can read the console the first admin: fresh at each start, for as long as nobody has a password.
import { randomInt } from 'node:crypto';
import { isSameText } from './sessions.js';

/** Without the letters and digits that are mistaken for one another. */
const LETTERS = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
const GROUPS = 3;
const GROUP_LENGTH = 4;

/** Such as `K7QX-M2RD-9WPA`: 59 bits, against a limited rate of attempts. */
export function drawClaimCode(): string {
  const drawGroup = () =>
    Array.from({ length: GROUP_LENGTH }, () => LETTERS.charAt(randomInt(LETTERS.length))).join('');
  return Array.from({ length: GROUPS }, drawGroup).join('-');
}

/** Small letters, spaces and missing hyphens are forgiven; the time does not tell how much of it was right. */
export function isClaimCode(given: string, code: string): boolean {
  return isSameText(given.toUpperCase().replace(/[\s-]/g, ''), code.replaceAll('-', ''));
}
