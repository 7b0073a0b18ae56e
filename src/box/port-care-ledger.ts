// What was changed on which port by which process, on disk, so that a killed process leaves nothing changed for ever.
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HostFiles } from './host-files.js';
import type { PortSettingName, PortSettingValues } from './native-host.js';

export interface CareEntry {
  readonly port: string;
  /** Of the process that changed it; a number alone may have been given to another one since. */
  readonly pid: number;
  readonly startedAt: string;
  /** The values to put back. */
  readonly settings: PortSettingValues;
}

const FOLDER = '/run/apparenet/ports';
const SETTING_NAMES: readonly PortSettingName[] = ['gro', 'lro', 'gso', 'tso', 'rxUsecs', 'rxAdaptive', 'eee'];
const LARGEST_VALUE = 1e6;

/** One file a port and network namespace: names of ports mean something only inside one. */
export class CareLedger {
  readonly #namespace: string;

  constructor(
    private readonly folder = FOLDER,
    private readonly files = new HostFiles(),
  ) {
    this.#namespace = /\d+/.exec(files.readLink('proc/self/ns/net') ?? '')?.[0] ?? '0';
  }

  /** null where it cannot be written: then nothing may be changed, either. */
  write(port: string, settings: PortSettingValues): CareEntry | null {
    const entry = { port, pid: process.pid, startedAt: this.#readStart(process.pid) ?? '', settings };
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o755 });
      const file = openSync(this.#pathOf(port), 'wx', 0o644);
      writeFileSync(file, JSON.stringify(entry));
      fsyncSync(file);
      closeSync(file);
      return entry;
    } catch {
      return null;
    }
  }

  remove({ port }: CareEntry): void {
    rmSync(this.#pathOf(port), { force: true });
  }

  isHeldByOther(port: string): boolean {
    const entry = this.#read(this.#pathOf(port));
    return entry !== null && this.#isAlive(entry);
  }

  /** Entries of this namespace whose process is gone; they are the caller's to restore. */
  takeAbandoned(): CareEntry[] {
    const abandoned: CareEntry[] = [];
    for (const name of listFiles(this.folder)) {
      if (!name.startsWith(`${this.#namespace}-`)) continue;
      const path = join(this.folder, name);
      const entry = this.#read(path);
      if (entry !== null && this.#isAlive(entry)) continue;
      if (entry !== null) abandoned.push(entry);
      rmSync(path, { force: true });
    }
    return abandoned;
  }

  #isAlive({ pid, startedAt }: CareEntry): boolean {
    return this.#readStart(pid) === startedAt;
  }

  /** Field 22 of /proc/PID/stat, ticks since boot (proc(5)); the name in field 2 may hold spaces and brackets. */
  #readStart(pid: number): string | null {
    const stat = this.files.readText(`proc/${pid}/stat`);
    return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  }

  #pathOf(port: string): string {
    return join(this.folder, `${this.#namespace}-${port}.json`);
  }

  /** null for a file that is no entry: cut off by a full disk, or not ours. */
  #read(path: string): CareEntry | null {
    try {
      const { port, pid, startedAt, settings } = JSON.parse(readFileSync(path, 'utf8')) as Partial<CareEntry>;
      if (typeof port !== 'string' || typeof pid !== 'number' || typeof startedAt !== 'string') return null;
      return { port, pid, startedAt, settings: selectSettings(settings) };
    } catch {
      return null;
    }
  }
}

function selectSettings(settings: unknown): PortSettingValues {
  const values = (settings ?? {}) as Readonly<Record<string, unknown>>;
  const isValue = (value: unknown): boolean =>
    Number.isInteger(value) && Number(value) >= 0 && Number(value) <= LARGEST_VALUE;
  return Object.fromEntries(SETTING_NAMES.filter((name) => isValue(values[name])).map((name) => [name, values[name]]));
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
