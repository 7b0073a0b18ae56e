// What the calendar remembers over a restart: which due times were dealt with, what was spent, how jobs ended and what was told.
// One small file that is replaced as a whole.
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { replaceFile } from '../../box/replace-file.js';
import { StoreError } from '../../model/errors.js';
import type { JobResult } from '../../model/calendar.js';
import { startDues } from './plan-dues.js';
import type { DueState } from './plan-dues.js';
import type { Spending } from './spending.js';

/** A file of another one is not read: what it holds would be counted wrongly. */
const SCHEMA = 'apparenet.calendar/1';

/** JSON as it stands. */
export interface CalendarRecord {
  readonly dues: DueState;
  readonly spending: Spending;
  /** By the name of the job. */
  readonly results: Readonly<Record<string, JobResult>>;
  /** By the name of the job: the target that had no turn the last time and is to be the first of the next. */
  readonly firsts: Readonly<Record<string, string>>;
  /** What was told on which local day, so that it is told once a day. */
  readonly told: Readonly<Record<string, string>>;
  /** Of the last event, so that no two share an id when the clock is set back. */
  readonly serial: number;
}

type KeptRecord = Omit<CalendarRecord, 'firsts'> &
  Partial<Pick<CalendarRecord, 'firsts'>> & { readonly schema: unknown };

export interface CalendarMemoryOptions {
  readonly path: string;
  readonly nowMs: number;
  /** Hears what was there and could not be read, or could not be kept; once each until it works again. */
  readonly onProblem: (error: StoreError) => void;
}

export class CalendarMemory {
  #record: CalendarRecord;
  #isFailing = false;

  constructor(private readonly options: CalendarMemoryOptions) {
    const { path, nowMs, onProblem } = options;
    const empty = { dues: startDues(nowMs), spending: {}, results: {}, firsts: {}, told: {}, serial: 0 };
    try {
      this.#record = readCalendarRecord(path) ?? empty;
    } catch (error) {
      this.#record = empty;
      if (!(error instanceof StoreError)) throw error;
      onProblem(error);
    }
  }

  get record(): CalendarRecord {
    return this.#record;
  }

  /** On the medium when it returns, or a problem was told: the work goes on with what is in memory. */
  change(changed: Partial<CalendarRecord>): void {
    this.#record = { ...this.#record, ...changed };
    const { path, onProblem } = this.options;
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
      replaceFile(path, `${JSON.stringify({ schema: SCHEMA, ...this.#record })}\n`);
      this.#isFailing = false;
    } catch (cause) {
      if (!this.#isFailing) onProblem(new StoreError('store.write', describeFailure(path, cause), { cause }));
      this.#isFailing = true;
    }
  }

  /** Not written by itself: it goes with the next change, since what it says can be found out again. */
  advance(dues: DueState): void {
    this.#record = { ...this.#record, dues };
  }
}

/** null where there is none. @throws StoreError where it cannot be read, is damaged or of another version */
export function readCalendarRecord(path: string): CalendarRecord | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new StoreError('store.write', describeFailure(path, cause), { cause });
  }
  try {
    const { schema, ...record } = JSON.parse(text) as KeptRecord;
    // Older files have no `firsts`.
    if (schema === SCHEMA) return { ...record, firsts: record.firsts ?? {} };
  } catch (cause) {
    throw new StoreError('store.write', `${path} is damaged: what was spent and done is not known`, { cause });
  }
  throw new StoreError('store.write', `${path} is of another version: what was spent and done is not known`);
}

function describeFailure(path: string, cause: unknown): string {
  return `${path} is not kept: ${cause instanceof Error ? cause.message : String(cause)}`;
}
