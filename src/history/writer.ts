// Commits what is appended, in turn and together, and moves it into segments from time to time. A disk that takes nothing costs no
// measurement: what was appended waits in memory and goes with the next commit that succeeds.
import { Low } from 'lowdb';
import { StoreError } from '../model/errors.js';
import type { PeriodSummary } from '../model/period-summary.js';
import { writeCheckpoint } from './checkpoint.js';
import { compact } from './compact.js';
import { readErrorCode } from './disk.js';
import type { HistoryFolder } from './folder.js';
import { joinEntries } from './journal.js';
import type { Journal, JournalEntry } from './journal.js';
import { computeWindowStart } from './levels.js';
import { planRemovals } from './retention.js';
import type { RetentionLimits } from './retention.js';

/** How the store is at the moment. */
export interface HistoryState {
  /** Why the disk takes nothing, in words; null while it does. */
  readonly problem: string | null;
  /** Records in memory that are not on the medium yet. */
  readonly waiting: number;
  /** Records that were given up while the disk took nothing, since the start. */
  readonly forgotten: number;
}

/** With fewer commits than this since the last compaction another window starts none: a clock set to and fro would start many. */
const LEAST_COMMITS = 60;
/** Commits until a compaction that failed is tried again. */
const COMMITS_TO_RETRY = 10;
/** Two days of 20 targets, some 60 MB of memory: beyond, windows are not waited for, and what the disk does not take is given up. */
const MOST_OPEN_RECORDS = 60_000;

interface Waiting {
  readonly entry: JournalEntry;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class HistoryWriter {
  readonly #open: Low<JournalEntry[]>;
  #waiting: Waiting[] = [];
  #turn: Promise<void> = Promise.resolve();
  #commitsUntilRetry = 0;
  #problem: string | null = null;
  #forgotten = 0;
  #toldForgotten = 0;

  /** `ensureReady` is asked before anything is written, and rejects while the folder cannot be. */
  constructor(
    private readonly folder: HistoryFolder,
    private readonly journal: Journal,
    public limits: RetentionLimits,
    private readonly ensureReady: () => Promise<void>,
  ) {
    this.#open = new Low<JournalEntry[]>(journal, []);
  }

  /** What is in no segment yet, oldest first. */
  get open(): readonly JournalEntry[] {
    return this.#open.data;
  }

  state(): HistoryState {
    const waiting = countRecords(this.#open.data.slice(this.journal.keptEntries));
    return { problem: this.#problem, waiting, forgotten: this.#forgotten };
  }

  /** Plays the journal back. Rejects as `Disk` does. */
  async load(): Promise<void> {
    await this.#open.read();
  }

  /** On the medium when it resolves. @throws StoreError `store.write`: it waits, and goes with the next commit that succeeds */
  append(entry: JournalEntry): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, resolve, reject });
      // Whoever finds others waiting goes with them.
      if (this.#waiting.length === 1) void this.#inTurn(() => this.#commitWaiting());
    });
  }

  /** Nothing else writes meanwhile. @throws StoreError `store.write` where `work` fails */
  write(work: () => Promise<void>): Promise<void> {
    return this.#inTurn(async () => {
      try {
        await this.ensureReady();
        await work();
        this.#problem = null;
      } catch (error) {
        throw this.#note(error);
      }
    });
  }

  /** Everything open into segments, then the journal from its beginning. @throws StoreError `store.write` */
  compact(): Promise<void> {
    return this.write(() => this.#compact());
  }

  /** The last attempt to keep what waits; the journal is closed. @throws StoreError `store.write` where something is lost */
  async finish(): Promise<void> {
    try {
      if (this.state().waiting > 0 || this.#waiting.length > 0) await this.write(() => this.#open.write());
      else await this.#turn;
    } finally {
      await this.journal.close();
    }
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /** Never rejects: those who wait hear of it. */
  async #commitWaiting(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    const entry = joinEntries(batch.map((one) => one.entry));
    const isTime = this.#isTimeToCompact(entry);
    try {
      await this.ensureReady();
      if (isTime) await this.#tryToCompact();
      this.#open.data.push(entry);
      await this.#open.write();
      this.#problem = null;
      this.#tellForgotten();
      for (const { resolve } of batch) resolve();
    } catch (error) {
      const told = this.#keepWaiting(entry, error);
      for (const { reject } of batch) reject(told);
    }
  }

  /** What no disk would take, a defect of who made it, must not stand in the way of all that follows. */
  #keepWaiting(entry: JournalEntry, error: unknown): unknown {
    const { data } = this.#open;
    const isThere = data.at(-1) === entry;
    if (!isDiskError(error)) {
      if (isThere) data.pop();
      return error;
    }
    if (!isThere) data.push(entry);
    this.#forgetOldest();
    return this.#note(error);
  }

  #isTimeToCompact({ summaries }: JournalEntry): boolean {
    const { data } = this.#open;
    this.#commitsUntilRetry = Math.max(0, this.#commitsUntilRetry - 1);
    if (data.length === 0 || this.#commitsUntilRetry > 0) return false;
    if (this.journal.isTorn || countRecords(data) >= MOST_OPEN_RECORDS) return true;
    const windowOf = (summary: PeriodSummary | undefined): number | null =>
      summary === undefined ? null : computeWindowStart('minute', summary.startMs);
    const oldest = windowOf(data.find((entry) => entry.summaries.length > 0)?.summaries[0]);
    const next = windowOf(summaries[0]);
    return data.length >= LEAST_COMMITS && next !== null && oldest !== null && next !== oldest;
  }

  /** Segments may wait; the commit must not. */
  async #tryToCompact(): Promise<void> {
    try {
      await this.#compact();
    } catch (error) {
      this.#note(error);
      this.#commitsUntilRetry = COMMITS_TO_RETRY;
    }
  }

  async #compact(): Promise<void> {
    const { data } = this.#open;
    if (data.length === 0) return;
    const entry = joinEntries(data);
    await this.#removeOld(entry);
    await compact(this.folder, entry);
    await writeCheckpoint(this.folder, this.journal.lastNumber);
    this.journal.restart();
    this.#open.data = [];
  }

  async #removeOld({ summaries, events }: JournalEntry): Promise<void> {
    const newestMs = Math.max(summaries.at(-1)?.startMs ?? 0, events.at(-1)?.atMs ?? 0);
    for (const file of planRemovals(await this.folder.listKept(), newestMs, this.limits))
      await this.folder.remove(file);
  }

  /** Only what the journal does not hold: the rest is safe, and memory gets rid of it with the next compaction. */
  #forgetOldest(): void {
    const { data } = this.#open;
    while (countRecords(data) > MOST_OPEN_RECORDS && data.length > this.journal.keptEntries) {
      const [oldest] = data.splice(this.journal.keptEntries, 1);
      const records = oldest === undefined ? 0 : countRecords([oldest]);
      this.#forgotten += records;
    }
  }

  /** Once for each time that the disk took nothing: when it takes again, so that the diary can hold it. */
  #tellForgotten(): void {
    const records = this.#forgotten - this.#toldForgotten;
    if (records === 0) return;
    this.#toldForgotten = this.#forgotten;
    this.folder.onLoss({ file: this.folder.path, kind: 'forgotten', records });
  }

  #note(error: unknown): StoreError {
    if (!isDiskError(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    this.#problem = reason;
    return error instanceof StoreError
      ? error
      : new StoreError('store.write', `${this.folder.path} cannot be written: ${reason}`, { cause: error });
  }
}

const isDiskError = (error: unknown): boolean => error instanceof StoreError || readErrorCode(error) !== null;

const countRecords = (entries: readonly JournalEntry[]): number =>
  entries.reduce(
    (sum, { summaries, incidents, events }) => sum + summaries.length + incidents.length + events.length,
    0,
  );
