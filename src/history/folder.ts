// Where everything lies in the folder of a history, and its parts as lowdb databases over durable files.
import { join } from 'node:path';
import { Low } from 'lowdb';
import { UsageError } from '../model/errors.js';
import type { BoxEvent, Incident } from '../model/incident.js';
import type { PeriodName, PeriodSummary } from '../model/period-summary.js';
import type { Report } from '../model/report.js';
import { BlockFile, upsertRows } from './block-file.js';
import type { BlockCodec, Blocks } from './block-file.js';
import type { Disk } from './disk.js';
import { encodeSegmentName, parseSegmentName, SEGMENT_SUFFIX } from './levels.js';
import type { StoreLoss } from './losses.js';
import { eventCodec, incidentCodec, reportCodec, summaryCodec } from './record-codecs.js';
import { BACKUP_SUFFIX, NEXT_SUFFIX } from './replace-with-backup.js';
import type { KeptFile } from './retention.js';

const DIARY_NAME = /^(\d{4}-\d\d)\.json\.gz$/;
const REPORT_NAME = /^(\d{4}-\d\d-\d\dT\d\d)-(\d\d)-(\d\d)-([0-9A-Z]{1,32})\.json\.gz$/;
/** The key of the only block of a file that is not parted by targets. */
export const WHOLE = '';

export type DiaryKind = 'incidents' | 'events';

export interface ReportName {
  readonly id: string;
  /** Unix ms, whole seconds. */
  readonly startedMs: number;
}

export class HistoryFolder {
  constructor(
    readonly disk: Disk,
    readonly path: string,
    readonly onLoss: (loss: StoreLoss) => void,
  ) {}

  get journalPath(): string {
    return join(this.path, 'journal.gz');
  }

  get lockPath(): string {
    return join(this.path, 'lock');
  }

  get checkpointPath(): string {
    return join(this.path, 'checkpoint.json.gz');
  }

  /** Makes what is missing, and removes what a cut left half written. */
  async prepare(): Promise<void> {
    for (const folder of ['summaries', 'incidents', 'events', 'reports']) {
      const path = join(this.path, folder);
      await this.disk.makeFolder(path);
      for (const name of await this.disk.list(path)) {
        if (name.endsWith(NEXT_SUFFIX)) await this.disk.remove(join(path, name));
      }
    }
    await this.disk.syncFolder(this.path);
  }

  segment(period: PeriodName, windowStartMs: number): BlockFile<PeriodSummary> {
    return this.#file(join('summaries', encodeSegmentName(period, windowStartMs)), summaryCodec);
  }

  /** By the month (UTC) of `atMs`. */
  incidents(atMs: number): BlockFile<Incident> {
    return this.#file(join('incidents', encodeDiaryName(atMs)), incidentCodec);
  }

  events(atMs: number): BlockFile<BoxEvent> {
    return this.#file(join('events', encodeDiaryName(atMs)), eventCodec);
  }

  report(name: ReportName): BlockFile<Report> {
    return this.#file(join('reports', encodeReportName(name)), reportCodec);
  }

  #file<Row>(name: string, codec: BlockCodec<Row>): BlockFile<Row> {
    return new BlockFile(this.disk, join(this.path, name), codec, this.onLoss);
  }

  /** Windows of this period that have a file, ascending, Unix ms. */
  async listWindows(period: PeriodName): Promise<number[]> {
    const names = await this.disk.list(join(this.path, 'summaries'));
    return names
      .map(parseSegmentName)
      .filter((name) => name?.period === period)
      .map((name) => name?.startMs ?? 0)
      .sort((a, b) => a - b);
  }

  /** Begins of the months that have a file, ascending, Unix ms. */
  async listMonths(kind: DiaryKind): Promise<number[]> {
    const names = await this.disk.list(join(this.path, kind));
    return names.flatMap((name) => {
      const month = DIARY_NAME.exec(name)?.[1];
      return month === undefined ? [] : [Date.parse(`${month}-01T00:00:00Z`)];
    });
  }

  /** Ascending with time. */
  async listReportNames(): Promise<ReportName[]> {
    const names = await this.disk.list(join(this.path, 'reports'));
    return names.map(parseReportName).filter((name) => name !== null);
  }

  /** Everything that retention may remove, with its size. */
  async listKept(): Promise<KeptFile[]> {
    const kept: KeptFile[] = [];
    const add = async (file: Omit<KeptFile, 'bytes'>): Promise<void> => {
      const sizes = [file.path, `${file.path}${BACKUP_SUFFIX}`].map((path) => this.disk.measureBytes(path));
      kept.push({ ...file, bytes: (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0) });
    };
    for (const name of await this.disk.list(join(this.path, 'summaries'))) {
      const segment = parseSegmentName(name);
      if (segment === null) continue;
      await add({ path: join(this.path, 'summaries', name), kind: segment.period, startMs: segment.startMs });
    }
    for (const kind of ['incidents', 'events'] as const) {
      for (const startMs of await this.listMonths(kind)) {
        await add({ path: join(this.path, kind, encodeDiaryName(startMs)), kind, startMs });
      }
    }
    for (const name of await this.listReportNames()) {
      await add({ path: this.report(name).path, kind: 'reports', startMs: name.startedMs });
    }
    return kept;
  }

  async remove(file: KeptFile): Promise<void> {
    await this.disk.remove(`${file.path}${BACKUP_SUFFIX}`);
    await this.disk.remove(file.path);
  }
}

const encodeDiaryName = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 7)}${SEGMENT_SUFFIX}`;

/** Such as `2026-11-23T10-18-44-7QX2.json.gz`: sorted by name they are sorted by time. */
function encodeReportName({ id, startedMs }: ReportName): string {
  const name = `${new Date(startedMs).toISOString().slice(0, 19).replaceAll(':', '-')}-${id}${SEGMENT_SUFFIX}`;
  if (!REPORT_NAME.test(name)) throw new UsageError('usage.argument', `"${id}" is no identifier of a report`);
  return name;
}

function parseReportName(name: string): ReportName | null {
  const [, hour, minutes, seconds, id] = REPORT_NAME.exec(name) ?? [];
  if (hour === undefined || minutes === undefined || seconds === undefined || id === undefined) return null;
  return { id, startedMs: Date.parse(`${hour}:${minutes}:${seconds}Z`) };
}

/** Adds rows to blocks of a file, each in the place of the same record; durable when it resolves, with all that the file holds. */
export async function upsertBlocks<Row>(
  file: BlockFile<Row>,
  codec: BlockCodec<Row>,
  added: ReadonlyMap<string, readonly Row[]>,
): Promise<Blocks<Row>> {
  const low = new Low<Blocks<Row>>(file, new Map());
  await low.read();
  const blocks = new Map(low.data);
  for (const [key, rows] of added) blocks.set(key, upsertRows(codec, blocks.get(key) ?? [], rows));
  low.data = blocks;
  await low.write();
  return blocks;
}
