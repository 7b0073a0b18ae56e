// Where a console keeps what many boxes tell: some histories beside each other, each of which holds all of its boxes, so that none has
// more series than a history is made for, and none of a box's questions meets two of them.
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { History } from '../history/history.js';
import { computeLimits } from '../history/retention.js';
import type { RetentionLimits } from '../history/retention.js';
import type { DiaryQuery, IncidentQuery, SummaryAnswer, SummaryQuery } from '../history/history-reader.js';
import type { Retention } from '../model/configuration.js';
import { StoreError } from '../model/errors.js';
import type { FleetEvent, FleetIncident } from '../model/fleet.js';
import type { BoxEvent } from '../model/incident.js';
import type { PeriodSummary } from '../model/period-summary.js';
import type { Report } from '../model/report.js';
import { readBoxOfId } from './incident-book.js';

/** At 1,000 boxes each has 31: a history is made for 20 targets, and holds more. */
const SHARES = 32;
/** How long a minute waits for others, ms: one sync of the disk serves them all. */
const FLUSH_MS = 10_000;
/** Each share moves its minutes into segments so often, ms: until then they are in memory, 1 kB each. */
const COMPACT_MS = 3_600_000;
/** Of a diary, so many rows are looked through for those of one box. */
const MOST_LOOKED_AT = 2_000;
const SHARE_NAME = /^share-(\d\d)$/;

export interface FleetHistoryOptions {
  /** Made where it is missing. */
  readonly folder: string;
  /** Of all together. */
  readonly retention: Retention;
  readonly onStoreError: (error: StoreError) => void;
  /** Between two compactions of one share, ms; an hour unless somebody cannot wait so long. */
  readonly compactMs?: number;
}

export class FleetHistory {
  readonly #shares = new Map<number, Promise<History>>();
  #waiting = new Map<number, PeriodSummary[]>();
  readonly #limits: RetentionLimits;
  readonly #timers: NodeJS.Timeout[];
  #next = 0;

  private constructor(private readonly options: FleetHistoryOptions) {
    const { maxMb, days } = options.retention;
    this.#limits = computeLimits({ maxMb: maxMb / SHARES, days });
    const run = (work: () => Promise<void>): void => void work().catch((error: unknown) => this.#tell(error));
    this.#timers = [
      setInterval(() => run(() => this.flush()), FLUSH_MS),
      // One share after the other, so that none of the others waits for it.
      setInterval(() => run(() => this.#compactNext()), (options.compactMs ?? COMPACT_MS) / SHARES),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  /** @throws StoreError as `History.open` */
  static async open(options: FleetHistoryOptions): Promise<FleetHistory> {
    await mkdir(options.folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
      throw new StoreError('store.write', `${options.folder} cannot be made: ${(cause as Error).message}`, { cause });
    });
    const history = new FleetHistory(options);
    for (const name of await readdir(options.folder)) {
      const [, number] = SHARE_NAME.exec(name) ?? [];
      if (number !== undefined && Number(number) < SHARES) await history.#open(Number(number));
    }
    return history;
  }

  /** Goes to the disk with others, within ten seconds. */
  addMinute(box: string, summary: PeriodSummary): void {
    const share = computeShare(box);
    const waiting = this.#waiting.get(share) ?? [];
    waiting.push({ ...summary, target: nameSeries(box, summary.target) });
    this.#waiting.set(share, waiting);
  }

  /** On the medium when it resolves. @throws StoreError: it waits, and goes with the next that is taken */
  async putIncident({ box, ...incident }: FleetIncident): Promise<void> {
    await (await this.#of(box)).putIncident(incident);
  }

  /** As `putIncident`. */
  async addEvent({ box, ...event }: FleetEvent): Promise<void> {
    // A newer box may tell of kinds that this program does not know: they are kept as they are.
    await (await this.#of(box)).addEvent(event as BoxEvent);
  }

  /** @throws StoreError: it is not kept */
  async addReport(box: string, report: Report): Promise<void> {
    await (await this.#of(box)).addReport(report);
  }

  async querySummaries(box: string, query: SummaryQuery): Promise<SummaryAnswer> {
    await this.#flushShare(computeShare(box));
    return (await this.#of(box)).querySummaries({ ...query, target: nameSeries(box, query.target) });
  }

  async readReport(box: string, id: string): Promise<Report | null> {
    return (await this.#of(box)).readReport(id);
  }

  /** Newest first; of one box, or of all. */
  async listIncidents(query: IncidentQuery, box?: string): Promise<FleetIncident[]> {
    const found = await this.#listFrom(box, query, (history, page) => history.listIncidents({ ...query, ...page }));
    return found.map((incident) => ({ ...incident, box: readBoxOfId(incident.id) }));
  }

  /** Newest first; of one box, or of all. */
  async listEvents(query: DiaryQuery, box?: string): Promise<FleetEvent[]> {
    const found = await this.#listFrom(box, query, (history, page) => history.listEvents({ ...query, ...page }));
    return found.map((event) => ({ ...event, box: readBoxOfId(event.id) }));
  }

  /** All minutes that wait. @throws StoreError: they wait in the history */
  async flush(): Promise<void> {
    for (const share of [...this.#waiting.keys()]) await this.#flushShare(share);
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.flush().catch((error: unknown) => this.#tell(error));
    for (const share of this.#shares.values()) await (await share).close().catch((error: unknown) => this.#tell(error));
  }

  /** With one box only its share is asked, page after page until enough of its rows are found; with none every share. */
  async #listFrom<Row extends { readonly id: string }>(
    box: string | undefined,
    { limit, beforeId }: DiaryQuery,
    list: (history: History, page: { limit: number; beforeId?: string }) => Promise<Row[]>,
  ): Promise<Row[]> {
    const ask = async (history: History): Promise<Row[]> => {
      const wide = box === undefined ? limit : MOST_LOOKED_AT;
      const rows = await list(history, { limit: wide, ...(beforeId === undefined ? {} : { beforeId }) });
      return box === undefined ? rows : rows.filter(({ id }) => readBoxOfId(id) === box);
    };
    const found: Row[] = [];
    const shares = box === undefined ? [...this.#shares.values()] : [this.#of(box)];
    for (const share of shares) found.push(...(await ask(await share)));
    return found.sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limit);
  }

  async #flushShare(share: number): Promise<void> {
    const minutes = this.#waiting.get(share);
    if (minutes === undefined) return;
    this.#waiting.delete(share);
    await (await this.#open(share)).append(minutes);
  }

  async #compactNext(): Promise<void> {
    const share = this.#shares.get((this.#next = (this.#next + 1) % SHARES));
    await (await share)?.compact();
  }

  #of(box: string): Promise<History> {
    return this.#open(computeShare(box));
  }

  #open(share: number): Promise<History> {
    const known = this.#shares.get(share);
    if (known) return known;
    const folder = join(this.options.folder, `share-${String(share).padStart(2, '0')}`);
    const opening = History.open(folder, { limits: this.#limits });
    this.#shares.set(share, opening);
    // The next who asks tries again.
    opening.catch(() => this.#shares.delete(share));
    return opening;
  }

  #tell(error: unknown): void {
    if (!(error instanceof StoreError)) throw error;
    this.options.onStoreError(error);
  }
}

const nameSeries = (box: string, target: string): string => `${box}/${target}`;

/** FNV-1a. The same for ever: it says where a box lies on the disk. */
export function computeShare(box: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < box.length; i += 1) hash = Math.imul(hash ^ box.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % SHARES;
}
