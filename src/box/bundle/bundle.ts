// The support bundle: one archive with what somebody needs who is to help, and a manifest that says what it holds, what is missing and
// why. Where its texts come from is said by their sources; no secret goes in.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { StoreError, UsageError } from '../../model/errors.js';
import type { MadeBundle, MissingSource } from '../../model/bundle.js';
import { leaveOutSecrets } from './leave-out-secrets.js';
import { encodeTar } from './tar.js';
import type { ArchivedFile } from './tar.js';

export interface BundleSource {
  /** In the archive, 1 to 100 octets of ASCII. */
  readonly name: string;
  /** Rejects, or resolves with null, where there is nothing. */
  readonly read: () => Promise<string | null> | string | null;
}

export interface BundleOptions {
  /** Of the box. */
  readonly id: string;
  readonly version: string;
  readonly sources: readonly BundleSource[];
  /** Taken out wherever they stand. */
  readonly secrets: readonly string[];
  /** Must not be there yet. */
  readonly path: string;
  /** Unix ms. */
  readonly atMs: number;
}

const SCHEMA = 'apparenet.bundle/1';
/** A source that has not told by then is left out, ms. */
const PATIENCE_MS = 15_000;
/** Of one source; what is beyond is cut off, the older part first. */
const MOST_CHARACTERS = 4_000_000;

/** @throws UsageError for a file that is there; StoreError `store.write` */
export async function makeBundle(options: BundleOptions): Promise<MadeBundle> {
  const { id, version, sources, secrets, path, atMs } = options;
  // One after the other: a box with many ports is not to start hundreds of programs at once.
  const told: Told[] = [];
  for (const source of sources) told.push(await ask(source));
  const missing: MissingSource[] = [];
  const files: ArchivedFile[] = [];
  for (const { name, text, reason } of told) {
    if (text === null) missing.push({ name, reason: leaveOutSecrets(reason, secrets) });
    else files.push({ name, bytes: Buffer.from(leaveOutSecrets(text, secrets)) });
  }
  const manifest = {
    ...{ schema: SCHEMA, id, version, madeAt: new Date(atMs).toISOString(), node: process.version },
    files: files.map(({ name, bytes }) => ({ name, bytes: bytes.length, sha256: computeSha256(bytes) })),
    missing,
  };
  const first = { name: 'manifest.json', bytes: Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`) };
  const archive = await promisify(gzip)(encodeTar([first, ...files], atMs));
  write(path, archive);
  return { path, bytes: archive.length, sha256: computeSha256(archive), files: files.map(({ name }) => name), missing };
}

interface Told {
  readonly name: string;
  readonly text: string | null;
  readonly reason: string;
}

/** One source that fails is no reason to do without the others. */
async function ask({ name, read }: BundleSource): Promise<Told> {
  const patience = sleep(PATIENCE_MS, { name, text: null, reason: 'did not tell in time' }, { ref: false });
  const asking = (async (): Promise<Told> => {
    try {
      const text = await read();
      const isThere = text !== null && text.trim() !== '';
      return {
        name,
        text: isThere ? text.slice(-MOST_CHARACTERS) : null,
        reason: 'there is none that this user may read',
      };
    } catch (error) {
      return { name, text: null, reason: error instanceof Error ? error.message : String(error) };
    }
  })();
  return Promise.race([asking, patience]);
}

/** For its owner alone. */
function write(path: string, bytes: Buffer): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, bytes, { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new UsageError('usage.argument', `${path} is there already`);
    throw new StoreError('store.write', `${path}: ${message}`, { cause });
  }
}

function computeSha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
