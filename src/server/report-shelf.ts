// Where finished reports are put and found again: in the history; in memory while there is none or its disk takes nothing.
import { StoreError } from '../model/errors.js';
import type { Report } from '../model/report.js';

/** More that could not be kept are not remembered, the oldest go first. */
export const MAX_UNKEPT = 100;

/** A history that takes reports. */
export interface ReportKeeper {
  /** @throws StoreError `store.write`: it is not kept. */
  addReport(report: Report): Promise<void>;
  listReports(query: ReportQuery): Promise<Report[]>;
  readReport(id: string): Promise<Report | null>;
  countReports(): Promise<number>;
}

export interface ReportQuery {
  readonly limit: number;
  /** The last of the page before. */
  readonly beforeId?: string;
}

export class ReportShelf {
  /** Newest first. */
  #unkept: Report[] = [];

  constructor(
    private readonly keeper: ReportKeeper | null,
    private readonly onStoreError: (error: StoreError) => void,
  ) {}

  /** Resolves when the report is on the medium or will be tried again with the next one. */
  async add(report: Report): Promise<void> {
    this.#unkept = [report, ...this.#unkept].slice(0, MAX_UNKEPT);
    if (this.keeper === null) return;
    for (const waiting of this.#unkept.toReversed()) {
      try {
        await this.keeper.addReport(waiting);
        this.#unkept = this.#unkept.filter((one) => one !== waiting);
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        this.onStoreError(error);
        return;
      }
    }
  }

  /** Newest first; those in memory before those of the history. */
  async list({ limit, beforeId }: ReportQuery): Promise<Report[]> {
    const at = this.#unkept.findIndex(({ id }) => id === beforeId);
    const isPastUnkept = beforeId !== undefined && at < 0;
    const unkept = isPastUnkept ? [] : this.#unkept.slice(at + 1, at + 1 + limit);
    if (this.keeper === null || unkept.length === limit) return unkept;
    const rest = { limit: limit - unkept.length, ...(isPastUnkept ? { beforeId } : {}) };
    return [...unkept, ...(await this.keeper.listReports(rest))];
  }

  /** Null for one that is not kept. */
  async find(id: string): Promise<Report | null> {
    return this.#unkept.find((report) => report.id === id) ?? (await this.keeper?.readReport(id)) ?? null;
  }

  /** How many there are, and where the next one will be. */
  async count(): Promise<{ readonly reports: number; readonly where: 'history' | 'memory' }> {
    const kept = (await this.keeper?.countReports()) ?? 0;
    return { reports: kept + this.#unkept.length, where: this.keeper === null ? 'memory' : 'history' };
  }
}
