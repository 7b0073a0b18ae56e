// The history of a box: what to append and where to ask. Minutes, incidents and events are on the medium when their promise resolves,
// reports as well; longer periods are made of minutes, files beyond the limits removed.
import { setTimeout } from 'node:timers/promises';
import { InvariantError, StoreError } from '../model/errors.js';
import type { BoxEvent, Incident } from '../model/incident.js';
import type { PeriodSummary } from '../model/period-summary.js';
import type { Report } from '../model/report.js';
import { readCheckpoint, writeCheckpoint } from './checkpoint.js';
import { nativeDisk, readErrorCode } from './disk.js';
import type { Disk } from './disk.js';
import { HistoryFolder, WHOLE } from './folder.js';
import { HistoryReader } from './history-reader.js';
import { Journal } from './journal.js';
import type { JournalEntry } from './journal.js';
import { takeLock } from './lock.js';
import { composeLossEvent } from './losses.js';
import type { StoreLoss } from './losses.js';
import { repairFiles } from './repair.js';
import { DEFAULT_LIMITS } from './retention.js';
import type { RetentionLimits } from './retention.js';
import { HistoryWriter } from './writer.js';
import type { HistoryState } from './writer.js';

export interface HistoryOptions {
  readonly disk?: Disk;
  readonly limits?: RetentionLimits;
  /** Hears of everything that could not be read or kept, once a file. The diary gets an event `store-damaged` of it anyway. */
  readonly onLoss?: (loss: StoreLoss, event: BoxEvent) => void;
  /** Unix ms, for these events. */
  readonly readClockMs?: () => number;
}

export interface ReadingOptions {
  readonly disk?: Disk;
  /** Hears of everything that could not be read, once a file. */
  readonly onLoss?: (loss: StoreLoss) => void;
}

const SHARE_STEPS = 10_000;
/** A commit or a compaction of the writer is over by then. */
const READ_ATTEMPTS = 4;
const READ_PAUSE_MS = 100;
const NOTHING: JournalEntry = { summaries: [], incidents: [], events: [] };

export class History extends HistoryReader {
  #isClosed = false;

  private constructor(
    folder: HistoryFolder,
    private readonly writer: HistoryWriter,
    private readonly release: () => Promise<void>,
  ) {
    super(folder, () => writer.open);
  }

  /**
   * Opens the folder for writing and makes it where it is missing. On a disk that cannot be written it opens as well: it reads, and
   * tries again with each record.
   * @throws StoreError `store.busy` where another process writes it, `store.newer` for a format of the future, `store.write` where
   *   it cannot even be read
   */
  static async open(path: string, options: HistoryOptions = {}): Promise<History> {
    const { readClockMs = Date.now } = options;
    const lost: BoxEvent[] = [];
    let record = (event: BoxEvent): void => void lost.push(event);
    let serial = 0;
    const onLoss = tellOnce((loss) => {
      const event = composeLossEvent(loss, readClockMs(), (serial += 1));
      record(event);
      options.onLoss?.(loss, event);
    });
    const folder = new HistoryFolder(options.disk ?? nativeDisk, path, onLoss);
    let unlock: (() => Promise<void>) | null = null;
    const ensureReady = async (): Promise<void> => {
      unlock ??= await prepareFolder(folder);
    };
    try {
      try {
        await ensureReady();
      } catch (error) {
        if (readErrorCode(error) === null || error instanceof StoreError) throw error;
      }
      const writer = await openWriter(folder, options.limits ?? DEFAULT_LIMITS, ensureReady);
      // A disk that does not take it keeps it waiting, like everything else.
      record = (event) => void writer.append({ ...NOTHING, events: [event] }).catch(() => undefined);
      lost.forEach(record);
      return new History(folder, writer, async () => {
        // What stays on a disk that cannot be written is known to be dead when this process has ended.
        await unlock?.().catch(() => undefined);
      });
    } catch (error) {
      await (unlock as (() => Promise<void>) | null)?.();
      throw readErrorCode(error) === null || error instanceof StoreError
        ? error
        : new StoreError(
            'store.write',
            `${path} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
            { cause: error },
          );
    }
  }

  /** Minutes of any targets; fractions of a nanosecond and shares below 0.0001 are rounded. @throws StoreError `store.write`: they wait in memory, and go with the next record that is taken */
  append(summaries: readonly PeriodSummary[]): Promise<void> {
    return this.#write({ ...NOTHING, summaries: summaries.map(roundSummary) });
  }

  /** Adds an incident, or replaces the one with its id. Throws as `append` does. */
  putIncident(incident: Incident): Promise<void> {
    return this.#write({ ...NOTHING, incidents: [incident] });
  }

  /** Throws as `append` does. */
  addEvent(event: BoxEvent): Promise<void> {
    return this.#write({ ...NOTHING, events: [event] });
  }

  /** @throws StoreError `store.write`: it is not kept */
  async addReport(report: Report): Promise<void> {
    const file = this.folder.report({ id: report.id, startedMs: Date.parse(report.startedAt) });
    await this.writer.write(() => file.write(new Map([[WHOLE, [report]]])));
  }

  state(): HistoryState {
    return this.writer.state();
  }

  /** Counts from the next compaction on. */
  setLimits(limits: RetentionLimits): void {
    this.writer.limits = limits;
  }

  /** Moves everything open into segments now and applies the limits, which else happens every six hours. @throws StoreError `store.write` */
  async compact(): Promise<void> {
    await this.writer.compact();
  }

  /**
   * Looks at every file and writes anew what is damaged, from what can be read: for a quiet hour, since a year of 20 targets is
   * 400 MB to read. Resolves to the number of files. @throws StoreError `store.write`
   */
  async repair(): Promise<number> {
    let repaired = 0;
    await this.writer.write(async () => {
      repaired = await repairFiles(this.folder);
    });
    return repaired;
  }

  /** Gives the folder free; what is open stays in the journal. @throws StoreError `store.write` where something that waited is lost */
  async close(): Promise<void> {
    this.#isClosed = true;
    try {
      await this.writer.finish();
    } finally {
      await this.release();
    }
  }

  #write(entry: JournalEntry): Promise<void> {
    if (this.#isClosed) throw new InvariantError('the history is closed');
    return this.writer.append(entry);
  }
}

/**
 * The folder as it is now, for reading beside the process that writes it; what is appended later is not seen.
 * @throws StoreError `store.newer`
 */
export async function openForReading(path: string, options: ReadingOptions = {}): Promise<HistoryReader> {
  const onLoss = tellOnce(options.onLoss);
  // Ends when the journal is read whole, or has been found damaged as often as a writer beside us could explain.
  for (let attempt = 1; ; attempt += 1) {
    const losses: StoreLoss[] = [];
    const folder = new HistoryFolder(options.disk ?? nativeDisk, path, (loss) => losses.push(loss));
    const journal = new Journal(folder.disk, folder.journalPath, await readCheckpoint(folder), folder.onLoss);
    const open = await journal.read();
    if (losses.length === 0 || attempt === READ_ATTEMPTS) {
      losses.forEach(onLoss);
      return new HistoryReader(new HistoryFolder(folder.disk, path, onLoss), () => open);
    }
    await setTimeout(READ_PAUSE_MS);
  }
}

async function prepareFolder(folder: HistoryFolder): Promise<() => Promise<void>> {
  await folder.disk.makeFolder(folder.path);
  const unlock = await takeLock(folder.disk, folder.lockPath);
  try {
    await folder.prepare();
    const isNew = (await folder.disk.measureBytes(folder.journalPath)) === 0;
    if (isNew && (await readCheckpoint(folder)) === null) await writeCheckpoint(folder, 0);
    return unlock;
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function openWriter(
  folder: HistoryFolder,
  limits: RetentionLimits,
  ensureReady: () => Promise<void>,
): Promise<HistoryWriter> {
  const closedThrough = await readCheckpoint(folder);
  const journal = new Journal(folder.disk, folder.journalPath, closedThrough, folder.onLoss);
  const writer = new HistoryWriter(folder, journal, limits, ensureReady);
  await writer.load();
  return writer;
}

/** Digits that mean nothing would take more room than the rest of a minute. */
function roundSummary(summary: PeriodSummary): PeriodSummary {
  const roundShare = (share: number): number => Math.round(share * SHARE_STEPS) / SHARE_STEPS;
  return {
    ...summary,
    coverage: roundShare(summary.coverage),
    disturbed: roundShare(summary.disturbed),
    jitterNs: summary.jitterNs === null ? null : Math.round(summary.jitterNs),
  };
}

/** A damaged file is met with every question about it. */
function tellOnce(onLoss: ((loss: StoreLoss) => void) | undefined): (loss: StoreLoss) => void {
  const told = new Set<string>();
  return (loss) => {
    if (loss.kind !== 'forgotten' && told.has(loss.file)) return;
    told.add(loss.file);
    onLoss?.(loss);
  };
}
