// The journal: what was appended and is in no other file yet, one frame a commit, on the medium when the commit is acknowledged.
// lowdb's adapter for the open records: `write` appends what is new, `read` plays all of it back.
//
// The file is written from its beginning again once its records are in segments. Its blocks then have their place on the medium, so
// that a commit writes its pages and no metadata. Frames of an earlier round are told by their numbers, which only grow; behind the
// last frame are zeros, so that a record that was begun and cut is seen.
import type { Adapter } from 'lowdb';
import { StoreError } from '../model/errors.js';
import type { BoxEvent, Incident } from '../model/incident.js';
import type { PeriodSummary } from '../model/period-summary.js';
import type { Disk, DiskFile } from './disk.js';
import { encodeFrame, parseFrames } from './frames.js';
import type { Frame } from './frames.js';
import type { StoreLoss } from './losses.js';
import { migrate, SCHEMA_NUMBER } from './schema.js';
import { decodeSummaries, encodeSummaries } from './summary-columns.js';
import type { SummaryColumns } from './summary-columns.js';

/** What is committed together. */
export interface JournalEntry {
  readonly summaries: readonly PeriodSummary[];
  readonly incidents: readonly Incident[];
  readonly events: readonly BoxEvent[];
}

interface JournalRecord {
  readonly schema: number;
  readonly targets: readonly string[];
  readonly summaries: SummaryColumns;
  readonly incidents: readonly Incident[];
  readonly events: readonly BoxEvent[];
}

/** The file grows by so much at once: growing costs metadata, and a day grows a few times. */
const GROWTH_BYTES = 65_536;
const TERMINATOR_BYTES = 32;
/** What waited for a disk goes in records of so many entries: each attempt that fails costs no more than one of them. */
const MOST_JOINED = 32;

export class Journal implements Adapter<JournalEntry[]> {
  #file: DiskFile | null = null;
  #position = 0;
  /** Entries of `data` that are on the medium. */
  #kept = 0;

  #number: number;
  #isTorn = false;

  /** `closedThrough`: number of the last record that is in segments, so that older ones are passed over; null where it is not known. */
  constructor(
    private readonly disk: Disk,
    readonly path: string,
    private readonly closedThrough: number | null,
    private readonly onLoss: (loss: StoreLoss) => void,
  ) {
    this.#number = closedThrough ?? 0;
  }

  /** Of the last record that is on the medium. */
  get lastNumber(): number {
    return this.#number;
  }

  /** Something in it could not be read, and will not be until it begins anew. */
  get isTorn(): boolean {
    return this.#isTorn;
  }

  /** How many of the entries given to `write` are on the medium. */
  get keptEntries(): number {
    return this.#kept;
  }

  /** All entries since the segments were written. Makes no file. @throws StoreError `store.newer`; rejects as `Disk` does. */
  async read(): Promise<JournalEntry[]> {
    const bytes = (await this.disk.read(this.path)) ?? new Uint8Array(0);
    const { frames } = parseFrames(bytes);
    const fresh = frames.filter(({ number }) => number > this.#number).sort((a, b) => a.number - b.number);
    const last = fresh.at(-1);
    this.#position = last?.end ?? 0;
    // At the front of a round that has not begun lies the round before.
    if (last !== undefined || frames[0]?.at !== 0) this.#tellLosses(bytes, fresh);
    this.#number = last?.number ?? this.#number;
    const entries = fresh.flatMap(({ text }) => this.#decode(text));
    this.#kept = entries.length;
    return entries;
  }

  /** Appends what `entries` hold beyond those that are kept; on the medium when it resolves. Ends with the entries. */
  async write(entries: readonly JournalEntry[]): Promise<void> {
    while (this.#kept < entries.length) {
      this.#file ??= await this.#open();
      const next = entries.slice(this.#kept, this.#kept + MOST_JOINED);
      const frame = encodeFrame(this.#number + 1, encodeEntry(joinEntries(next)));
      await this.#put(this.#file, frame);
      await this.#file.sync();
      this.#position += frame.length;
      this.#number += 1;
      this.#kept += next.length;
    }
  }

  /** Begins at the front again: everything up to `lastNumber` is in segments, durably. */
  restart(): void {
    this.#position = 0;
    this.#kept = 0;
    this.#isTorn = false;
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = null;
  }

  async #open(): Promise<DiskFile> {
    const file = await this.disk.open(this.path);
    // The name must outlive a power cut, too.
    if (file.sizeBytes === 0) await this.disk.syncFolder(this.path.slice(0, this.path.lastIndexOf('/')));
    return file;
  }

  /** A failed call leaves the position, so that the next one writes over what was begun. */
  async #put(file: DiskFile, frame: Uint8Array): Promise<void> {
    const neededBytes = frame.length + TERMINATOR_BYTES;
    const endBytes = this.#position + neededBytes;
    const grownBytes = Math.ceil(endBytes / GROWTH_BYTES) * GROWTH_BYTES - this.#position;
    const bytes = new Uint8Array(endBytes > file.sizeBytes ? grownBytes : neededBytes);
    bytes.set(frame);
    try {
      await file.write(bytes, this.#position);
    } catch (error) {
      // A disk may be too full to grow the file and have room for a record.
      if (bytes.length === neededBytes) throw error;
      await file.write(bytes.subarray(0, neededBytes), this.#position);
    }
  }

  #tellLosses(bytes: Uint8Array, fresh: readonly Frame[]): void {
    const first = this.closedThrough === null ? fresh[0]?.number : this.closedThrough + 1;
    const last = fresh.at(-1);
    const lost = first === undefined || last === undefined ? 0 : last.number - first + 1 - fresh.length;
    if (lost > 0) this.#tell({ file: this.path, kind: 'damaged', records: lost });
    const behind = bytes.subarray(this.#position, this.#position + TERMINATOR_BYTES);
    if (behind.some((octet) => octet !== 0)) this.#tell({ file: this.path, kind: 'unfinished', records: null });
  }

  /** A record whose checksum fits and whose content does not costs itself, no more. @throws StoreError `store.newer` */
  #decode(text: string): JournalEntry[] {
    try {
      return [decodeEntry(text)];
    } catch (error) {
      if (error instanceof StoreError) throw error;
      this.#tell({ file: this.path, kind: 'damaged', records: 1 });
      return [];
    }
  }

  #tell(loss: StoreLoss): void {
    this.#isTorn = true;
    this.onLoss(loss);
  }
}

export function joinEntries(entries: readonly JournalEntry[]): JournalEntry {
  return {
    summaries: entries.flatMap(({ summaries }) => summaries),
    incidents: entries.flatMap(({ incidents }) => incidents),
    events: entries.flatMap(({ events }) => events),
  };
}

/** Rows of all targets in one set of columns: a set for each would be mostly names of fields. */
function encodeEntry({ summaries, incidents, events }: JournalEntry): string {
  const record: JournalRecord = {
    schema: SCHEMA_NUMBER,
    targets: summaries.map(({ target }) => target),
    summaries: encodeSummaries('', summaries),
    incidents,
    events,
  };
  return JSON.stringify(record);
}

function decodeEntry(text: string): JournalEntry {
  const json = JSON.parse(text) as JournalRecord;
  const { targets, summaries, incidents, events } = migrate(json, json.schema) as JournalRecord;
  const rows = decodeSummaries(summaries).map((row, i) => ({ ...row, target: targets[i] ?? '' }));
  return { summaries: rows, incidents, events };
}
