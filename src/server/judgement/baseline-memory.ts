// What judging remembers over a restart, in two files of a folder: the hours that were learnt, a line each as they come, and where each
// target stands, written anew now and then. A file that cannot be read costs learning again, never a measurement.
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { applyLearning } from '../../analysis/baseline/decision.js';
import type { Decision } from '../../analysis/baseline/decision.js';
import type { BoxState, WatchState } from '../../analysis/baseline/judge-box.js';
import { nativeDisk } from '../../history/disk.js';
import { replaceWithBackup } from '../../history/replace-with-backup.js';
import { StoreError } from '../../model/errors.js';
import type { HourNorm } from '../../model/hour-norm.js';

/** A file of another one is not read: what it holds would be counted wrongly. */
const SCHEMA = 'apparenet.baseline/1';
const HOURS_FILE = 'hours.jsonl';
const WATCHES_FILE = 'watches.json.gz';

export type Learning = Extract<Decision, { kind: 'learn' | 'forget' }>;
type Standing = Pick<WatchState, 'watch' | 'route'>;

export class BaselineMemory {
  constructor(
    private readonly folder: string,
    /** Hears what was there and could not be read. */
    private readonly onLoss: (what: string) => void,
  ) {}

  /** Empty where nothing was kept. Lines that no longer count are dropped from the file. */
  async read(): Promise<BoxState> {
    const { norms, lines } = await this.#readHours();
    const standings = await this.#readStandings();
    const kept = [...norms.values()].flat();
    if (lines > kept.length) {
      await this.#write(() =>
        this.#replace(HOURS_FILE, kept.map((norm) => formatLine({ kind: 'learn', norm })).join('')),
      );
    }
    const states = Object.entries(standings).map(([name, standing]): [string, WatchState] => [
      name,
      { ...standing, norms: norms.get(name) ?? [] },
    ]);
    return Object.fromEntries(states);
  }

  /** Not synced: what a power cut takes is an hour that another day teaches. @throws StoreError */
  async addLearning(learnt: readonly Learning[]): Promise<void> {
    if (learnt.length === 0) return;
    await this.#write(() => appendFile(join(this.folder, HOURS_FILE), learnt.map(formatLine).join('')));
  }

  /** Where each target stands, in place of what was written before. @throws StoreError */
  async writeStandings(state: BoxState): Promise<void> {
    const standings = Object.entries(state).map(([name, { watch, route }]): [string, Standing] => [
      name,
      { watch, route },
    ]);
    const text = JSON.stringify({ schema: SCHEMA, targets: Object.fromEntries(standings) });
    await this.#write(() => this.#replace(WATCHES_FILE, gzipSync(text)));
  }

  async #replace(name: string, content: string | Uint8Array): Promise<void> {
    await replaceWithBackup(nativeDisk, join(this.folder, name), Buffer.from(content));
  }

  async #write(write: () => Promise<void>): Promise<void> {
    try {
      await nativeDisk.makeFolder(this.folder);
      await write();
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new StoreError('store.write', `what was learnt is not kept in ${this.folder}: ${why}`, { cause });
    }
  }

  async #readStandings(): Promise<Readonly<Record<string, Standing>>> {
    try {
      const packed = await nativeDisk.read(join(this.folder, WATCHES_FILE));
      if (packed === null) return {};
      const kept = JSON.parse(gunzipSync(packed).toString()) as { schema: string; targets: Record<string, Standing> };
      if (kept.schema === SCHEMA) return mapStandings(kept.targets);
      this.onLoss(`${WATCHES_FILE} is of ${kept.schema}`);
    } catch (error) {
      this.onLoss(`${WATCHES_FILE} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
    return {};
  }

  async #readHours(): Promise<{ readonly norms: ReadonlyMap<string, readonly HourNorm[]>; readonly lines: number }> {
    const norms = new Map<string, readonly HourNorm[]>();
    const text = await this.#readText(HOURS_FILE);
    const lines = text.split('\n').filter((line) => line !== '');
    let unread = 0;
    for (const line of lines) {
      const learning = parseLine(line);
      if (learning === null) {
        unread += 1;
        continue;
      }
      const target = learning.kind === 'learn' ? learning.norm.target : learning.target;
      norms.set(target, applyLearning(norms.get(target) ?? [], [learning]));
    }
    if (unread > 0) this.onLoss(`${unread} of ${lines.length} hours in ${HOURS_FILE} cannot be read`);
    return { norms, lines: lines.length };
  }

  async #readText(name: string): Promise<string> {
    try {
      return Buffer.from((await nativeDisk.read(join(this.folder, name))) ?? []).toString();
    } catch (error) {
      this.onLoss(`${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
      return '';
    }
  }
}

/** Incidents of older files do not say whether they are a part of another: none of them is. */
function mapStandings(kept: Readonly<Record<string, Standing>>): Readonly<Record<string, Standing>> {
  const mapped = Object.entries(kept).map(([name, { watch, route }]): [string, Standing] => {
    const incidents = watch.incidents.map((incident) => ({ ...incident, partOf: incident.partOf ?? null }));
    return [name, { route, watch: { ...watch, incidents } }];
  });
  return Object.fromEntries(mapped);
}

function formatLine(learning: Learning): string {
  return `${JSON.stringify({ schema: SCHEMA, ...learning })}\n`;
}

/** null for a line that was cut or damaged, or is of another schema. */
function parseLine(line: string): Learning | null {
  try {
    const { schema, ...learning } = JSON.parse(line) as Learning & { readonly schema: string };
    return schema === SCHEMA ? learning : null;
  } catch {
    return null;
  }
}
