// What brokers may keep of this box, remembered over restarts, so that what is renamed or removed can be cleared away there. A file that
// cannot be read or written costs a leftover at the broker, nothing else.
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { replaceFile } from '../box/replace-file.js';
import { StoreError } from '../model/errors.js';
import type { AnnouncedEntities } from './home-assistant/discovery.js';

export interface Published {
  readonly topics: readonly string[];
  /** By the topic of their discovery. */
  readonly entities: Readonly<Record<string, AnnouncedEntities>>;
}

const NOTHING: Published = { topics: [], entities: {} };

export class PublishedMemory {
  #known: string;

  constructor(
    private readonly path: string,
    private readonly onStoreError: (error: StoreError) => void,
  ) {
    this.#known = '';
  }

  read(): Published {
    try {
      this.#known = readFileSync(this.path, 'utf8');
      return { ...NOTHING, ...(JSON.parse(this.#known) as Partial<Published>) };
    } catch {
      return NOTHING;
    }
  }

  /** Only where something changed. */
  write(published: Published): void {
    const text = JSON.stringify(published);
    if (text === this.#known) return;
    this.#known = text;
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
      replaceFile(this.path, text, 0o600);
    } catch (cause) {
      this.onStoreError(new StoreError('store.write', `${this.path}: ${(cause as Error).message}`, { cause }));
    }
  }
}
