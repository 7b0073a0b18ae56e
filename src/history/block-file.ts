// A file of records in blocks, one block a key, each with its checksum: a target's part is read alone, and damage costs its block alone.
// The first frame is the head, which says what should follow. lowdb's adapter for everything of the history but the journal.
import type { Adapter } from 'lowdb';
import { readErrorCode } from './disk.js';
import type { Disk } from './disk.js';
import { encodeFrame, parseFrame, parseFrameHeader, parseFrames } from './frames.js';
import type { Frame } from './frames.js';
import type { LossKind, StoreLoss } from './losses.js';
import { BACKUP_SUFFIX, replaceWithBackup } from './replace-with-backup.js';
import { migrate, SCHEMA_NUMBER } from './schema.js';

/** Records by the key of their block, in the order in which they are kept. */
export type Blocks<Row> = ReadonlyMap<string, readonly Row[]>;

/** How a kind of record is kept. */
export interface BlockCodec<Row> {
  readonly kind: string;
  /** To JSON and back; `decode` may throw, which counts as damage. */
  encode(key: string, rows: readonly Row[]): unknown;
  decode(json: unknown): readonly Row[];
  /** What makes two rows of a block the same record, the later of which counts; rows are kept in its order. */
  identify(row: Row): string | number;
}

interface Head {
  readonly schema: number;
  readonly kind: string;
  readonly blocks: readonly { readonly key: string; readonly records: number; readonly lengthBytes: number }[];
}

interface Decoded<Row> {
  readonly blocks: Blocks<Row>;
  /** Blocks that the head announces and that are not there, with the records they held; nulls for a lost head. */
  readonly missing: readonly { readonly key: string | null; readonly records: number | null }[];
}

/** More than the head of a file of a hundred targets: one read finds it. */
const HEAD_READ_BYTES = 4096;

export class BlockFile<Row> implements Adapter<Blocks<Row>> {
  /** `onLoss` hears of what cannot be read, each time that it is met. */
  constructor(
    private readonly disk: Disk,
    readonly path: string,
    private readonly codec: BlockCodec<Row>,
    private readonly onLoss: (loss: StoreLoss) => void,
  ) {}

  /** What can be read, from the version before where this one is damaged; null where there is neither. Rejects as `Disk` does. */
  async read(): Promise<Blocks<Row> | null> {
    const bytes = await this.disk.read(this.path);
    const current = bytes === null ? null : this.#decode(bytes);
    if (current !== null && current.missing.length === 0) return current.blocks;
    const backup = await this.disk.read(`${this.path}${BACKUP_SUFFIX}`);
    const before = backup === null ? null : this.#decode(backup);
    if (current === null && before === null) return null;
    return this.#restore(current, before);
  }

  /** The records of one key without reading the others; empty where there are none. */
  async readBlock(key: string): Promise<readonly Row[]> {
    try {
      const rows = await this.#findBlock(key);
      return rows ?? (await this.read())?.get(key) ?? [];
    } catch (error) {
      // Retention removed it since it was listed.
      if (readErrorCode(error) === 'ENOENT') return [];
      throw error;
    }
  }

  /** Whether every block that the head announces is there and whole; a file that does not exist is sound. */
  async isSound(): Promise<boolean> {
    const bytes = await this.disk.read(this.path);
    if (bytes === null) return true;
    const { frames, damaged } = parseFrames(bytes);
    const [first] = frames;
    const head = first?.number === 0 ? parseHead(first) : null;
    return damaged.length === 0 && head !== null && frames.length === head.blocks.length + 1;
  }

  /** Keys of all blocks; empty for a file that does not exist. */
  async listKeys(): Promise<string[]> {
    if ((await this.disk.measureBytes(this.path)) === 0) return [];
    const found = await this.#readHead();
    if (found !== null) return found.head.blocks.map(({ key }) => key);
    return [...((await this.read()) ?? new Map<string, readonly Row[]>()).keys()];
  }

  /** Null where the file must be read whole: its head or the block is damaged, or it was replaced between two reads. */
  async #findBlock(key: string): Promise<readonly Row[] | null> {
    const found = await this.#readHead();
    if (found === null) return null;
    let at = found.endBytes;
    for (const block of found.head.blocks) {
      if (block.key === key) {
        const bytes = await this.disk.readRange(this.path, at, block.lengthBytes);
        return this.#decodeBlock(parseFrame(bytes, 0), found.head.schema);
      }
      at += block.lengthBytes;
    }
    return [];
  }

  async #readHead(): Promise<{ readonly head: Head; readonly endBytes: number } | null> {
    const start = await this.disk.readRange(this.path, 0, HEAD_READ_BYTES);
    const header = parseFrameHeader(start, 0);
    if (header === null) return null;
    const isWhole = header.lengthBytes <= start.length;
    const bytes = isWhole ? start : await this.disk.readRange(this.path, 0, header.lengthBytes);
    const frame = parseFrame(bytes, 0);
    const head = frame === null ? null : parseHead(frame);
    return frame === null || head === null ? null : { head, endBytes: frame.end };
  }

  /** Durable when it resolves. */
  async write(blocks: Blocks<Row>): Promise<void> {
    await replaceWithBackup(this.disk, this.path, await this.#encode(blocks));
  }

  /** Compressing a block takes about a millisecond: the event loop has a turn after each. */
  async #encode(blocks: Blocks<Row>): Promise<Uint8Array> {
    const heads: Head['blocks'][number][] = [];
    const frames: Uint8Array[] = [];
    for (const [key, rows] of blocks) {
      const frame = encodeFrame(frames.length + 1, JSON.stringify(this.codec.encode(key, rows)));
      frames.push(frame);
      heads.push({ key, records: rows.length, lengthBytes: frame.length });
      await new Promise((resolve) => setImmediate(resolve));
    }
    const head: Head = { schema: SCHEMA_NUMBER, kind: this.codec.kind, blocks: heads };
    return Buffer.concat([encodeFrame(0, JSON.stringify(head)), ...frames]);
  }

  #decode(bytes: Uint8Array): Decoded<Row> {
    const { frames } = parseFrames(bytes);
    const headFrame = frames.find(({ number }) => number === 0);
    const head = headFrame === undefined ? null : parseHead(headFrame);
    const blocks = new Map<string, readonly Row[]>();
    const missing: { key: string | null; records: number | null }[] =
      head === null ? [{ key: null, records: null }] : [];
    for (const frame of head === null ? frames.filter(({ number }) => number > 0) : []) {
      const rows = this.#decodeBlock(frame, SCHEMA_NUMBER);
      // Without the head the key is not known; rows that tell it themselves are found again by it.
      if (rows !== null) blocks.set(this.#keyOf(frame), rows);
    }
    head?.blocks.forEach(({ key, records }, i) => {
      const rows = this.#decodeBlock(frames.find(({ number }) => number === i + 1) ?? null, head.schema);
      if (rows === null) missing.push({ key, records });
      else blocks.set(key, rows);
    });
    return { blocks, missing };
  }

  #keyOf(frame: Frame): string {
    const { target } = JSON.parse(frame.text) as { readonly target?: unknown };
    return typeof target === 'string' ? target : '';
  }

  #decodeBlock(frame: Frame | null, schema: number): readonly Row[] | null {
    if (frame === null) return null;
    const json = migrate(JSON.parse(frame.text), schema);
    try {
      return this.codec.decode(json);
    } catch {
      return null;
    }
  }

  #restore(current: Decoded<Row> | null, before: Decoded<Row> | null): Blocks<Row> {
    const blocks = new Map([...(before?.blocks ?? []), ...(current?.blocks ?? [])]);
    const lost = (current?.missing ?? []).map(({ key, records }) =>
      key === null || records === null ? null : Math.max(0, records - (blocks.get(key)?.length ?? 0)),
    );
    const records =
      current === null || lost.includes(null) ? null : lost.reduce<number>((sum, one) => sum + (one ?? 0), 0);
    const kind: LossKind = before === null ? 'damaged' : 'restored';
    this.onLoss({ file: this.path, kind, records });
    return blocks;
  }
}

/** Null for a frame that is no head. @throws StoreError `store.newer` */
function parseHead(frame: Frame): Head | null {
  const head = JSON.parse(frame.text) as Partial<Head> | null;
  if (typeof head?.schema !== 'number' || typeof head.kind !== 'string' || !Array.isArray(head.blocks)) return null;
  if (head.schema > SCHEMA_NUMBER) migrate(null, head.schema);
  return head as Head;
}

/** Adds rows to a block, each in the place of the same record if there is one; sorted by identity. */
export function upsertRows<Row>(codec: BlockCodec<Row>, rows: readonly Row[], added: readonly Row[]): Row[] {
  const byIdentity = new Map([...rows, ...added].map((row) => [codec.identify(row), row]));
  return [...byIdentity].sort(([a], [b]) => (a < b ? -1 : Number(a > b))).map(([, row]) => row);
}
