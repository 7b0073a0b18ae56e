// The files of the spool: one for each message, whole or not there, named so that their order, kind and time need no reading.
// Which of them are kept is decided elsewhere.
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '../../model/errors.js';

export type StoredKind = 'event' | 'report';

export interface StoredMessage {
  /** Ascending in the order of adding. */
  readonly serial: number;
  readonly kind: StoredKind;
  readonly atMs: number;
  readonly bytes: number;
}

const NAME = /^(\d{12})-(event|report)-(\d{1,16})\.json$/;

export class SpoolFolder {
  constructor(private readonly path: string) {}

  /** In the order of adding. What a power cut left half written is removed. @throws StoreError where it cannot be used */
  async open(): Promise<StoredMessage[]> {
    try {
      await mkdir(this.path, { recursive: true, mode: 0o700 });
      const found: StoredMessage[] = [];
      for (const name of (await readdir(this.path)).sort()) {
        const [, serial, kind, atMs] = NAME.exec(name) ?? [];
        if (serial === undefined) await rm(join(this.path, name), { force: true, recursive: true });
        else {
          const { size } = await stat(join(this.path, name));
          found.push({ serial: Number(serial), kind: kind as StoredKind, atMs: Number(atMs), bytes: size });
        }
      }
      return found;
    } catch (cause) {
      throw this.#explain(cause);
    }
  }

  /** Resolves when it would survive a power cut. @throws StoreError */
  async write(message: StoredMessage, payload: string): Promise<void> {
    const path = this.#place(message);
    try {
      const file = await open(`${path}.new`, 'w', 0o600);
      try {
        await file.writeFile(payload);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(`${path}.new`, path);
      const folder = await open(this.path, 'r');
      await folder.sync().finally(() => folder.close());
    } catch (cause) {
      await rm(`${path}.new`, { force: true }).catch(() => undefined);
      throw this.#explain(cause);
    }
  }

  /** null for one that is not there any more. @throws StoreError */
  async read(message: StoredMessage): Promise<string | null> {
    try {
      return await readFile(this.#place(message), 'utf8');
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw this.#explain(cause);
    }
  }

  /** A power cut may bring it back; it is then sent once more. @throws StoreError */
  async remove(message: StoredMessage): Promise<void> {
    try {
      await rm(this.#place(message), { force: true });
    } catch (cause) {
      throw this.#explain(cause);
    }
  }

  #place({ serial, kind, atMs }: StoredMessage): string {
    return join(this.path, `${String(serial).padStart(12, '0')}-${kind}-${Math.max(0, Math.round(atMs))}.json`);
  }

  #explain(cause: unknown): StoreError {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new StoreError('store.write', `the spool of MQTT messages: ${reason}`, { cause });
  }
}
