// Which requests were begun, and what was answered, over restarts: so that none runs twice, however often it arrives, and that one that
// a restart cut off is answered all the same. Without a disk it remembers as long as the program runs.
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { replaceFile } from '../../box/replace-file.js';
import { StoreError } from '../../model/errors.js';
import type { RequestVerb } from '../../model/mqtt-request.js';

export interface JournalEntry {
  readonly verb: RequestVerb;
  readonly transaction: string;
  readonly replyTopic: string;
  /** base64; null where none was given. */
  readonly correlation: string | null;
  /** The last answer but progress. */
  readonly answer: string;
  /** Nothing more comes after it. */
  readonly isOver: boolean;
  /** The broker has taken it. */
  readonly isTold: boolean;
}

const SCHEMA = 'apparenet.requests/1';
/** Those that are over are forgotten, the oldest first. */
const MOST_KEPT = 256;

export class RequestJournal {
  /** In the order of their beginning. */
  #entries: Map<string, JournalEntry>;

  constructor(
    private readonly path: string,
    private readonly onStoreError: (error: StoreError) => void,
  ) {
    this.#entries = new Map(readEntries(path).map((entry) => [keyOf(entry), entry]));
  }

  find(verb: RequestVerb, transaction: string): JournalEntry | null {
    return this.#entries.get(keyOf({ verb, transaction })) ?? null;
  }

  list(): readonly JournalEntry[] {
    return [...this.#entries.values()];
  }

  /** On disk when it returns. */
  put(entry: JournalEntry): void {
    this.#entries.set(keyOf(entry), entry);
    const over = [...this.#entries].filter(([, { isOver }]) => isOver);
    for (const [key] of over.slice(0, Math.max(0, this.#entries.size - MOST_KEPT))) this.#entries.delete(key);
    const text = JSON.stringify({ schema: SCHEMA, entries: this.list() });
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
      replaceFile(this.path, text, 0o600);
    } catch (cause) {
      this.onStoreError(new StoreError('store.write', `${this.path}: ${(cause as Error).message}`, { cause }));
    }
  }
}

function keyOf({ verb, transaction }: Pick<JournalEntry, 'verb' | 'transaction'>): string {
  return `${verb} ${transaction}`;
}

/** Of a file that cannot be read nothing is known. */
function readEntries(path: string): readonly JournalEntry[] {
  try {
    const { schema, entries } = JSON.parse(readFileSync(path, 'utf8')) as {
      readonly schema?: unknown;
      readonly entries?: unknown;
    };
    return schema === SCHEMA && Array.isArray(entries) ? (entries as JournalEntry[]) : [];
  } catch {
    return [];
  }
}
