// Secrets at rest: scrypt (RFC 7914) in PHC string form, `$scrypt$ln=14,r=8,p=5$SALT$HASH` with unpadded base64. What a good
// password is, accounts.ts decides.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/**
 * OWASP's Password Storage Cheat Sheet lists settings of equal strength; this one takes 16 MiB for about 0.2 s, which a box
 * with 512 MiB can spare. Hashes that are already kept carry their own.
 */
const COST = { log2N: 14, r: 8, p: 5 };
/** What a kept hash may ask of this machine: 64 MiB. */
const MOST = { log2N: 16, r: 8, p: 16 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const MAX_MEMORY_BYTES = 80 * 1024 * 1024;
const PHC = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{1,88})\$([A-Za-z0-9+/]{22,88})$/;

interface Cost {
  readonly log2N: number;
  readonly r: number;
  readonly p: number;
}

/** One at a time: whoever sends many log-ins at once waits, and the memory of one is the memory of all. */
let turn: Promise<unknown> = Promise.resolve();

/** A PHC string with a fresh salt. */
export async function hashSecret(secret: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(secret, salt, { cost: COST, bytes: HASH_BYTES });
  return `$scrypt$ln=${COST.log2N},r=${COST.r},p=${COST.p}$${encode(salt)}$${encode(hash)}`;
}

/** False for a wrong secret and for a string that is no scrypt hash within bounds; the comparison takes the same time for both. */
export async function verifySecret(secret: string, phc: string): Promise<boolean> {
  const kept = parsePhc(phc);
  if (kept === null) return false;
  const hash = await derive(secret, kept.salt, { cost: kept.cost, bytes: kept.hash.length });
  return timingSafeEqual(hash, kept.hash);
}

/** Whether `phc` is a hash that `verifySecret` can check. */
export function isSecretHash(phc: unknown): phc is string {
  return typeof phc === 'string' && parsePhc(phc) !== null;
}

function parsePhc(phc: string): { readonly cost: Cost; readonly salt: Buffer; readonly hash: Buffer } | null {
  const match = PHC.exec(phc);
  if (!match) return null;
  const [, ln, r, p, salt = '', hash = ''] = match;
  const cost = { log2N: Number(ln), r: Number(r), p: Number(p) };
  const fits = cost.log2N >= 1 && cost.log2N <= MOST.log2N && cost.r >= 1 && cost.r <= MOST.r;
  if (!fits || cost.p < 1 || cost.p > MOST.p) return null;
  return { cost, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
}

function derive(secret: string, salt: Buffer, { cost, bytes }: { cost: Cost; bytes: number }): Promise<Buffer> {
  const mine = turn.then(
    () =>
      new Promise<Buffer>((resolve, reject) => {
        const options = { N: 2 ** cost.log2N, r: cost.r, p: cost.p, maxmem: MAX_MEMORY_BYTES };
        // The same characters typed on different keyboards are the same password (RFC 8265).
        scrypt(secret.normalize('NFC'), salt, bytes, options, (error, hash) => {
          if (error) reject(error);
          else resolve(hash);
        });
      }),
  );
  turn = mine.catch(() => undefined);
  return mine;
}

function encode(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
