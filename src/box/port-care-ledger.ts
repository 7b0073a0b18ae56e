// What was changed on which port for which measurement, on disk, so that a killed process leaves nothing changed for ever and two
// measurements of one port do not undo each other's changes. What to change and when to put it back is decided elsewhere.
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { HostFiles } from './host-files.js';
import type { PortSettingName, PortSettingValues } from './native-host.js';

export interface CareEntry {
  /** Its file. */
  readonly path: string;
  /** The port's name then. */
  readonly port: string;
  /** The kernel's number of the port, which stays when the name changes and is not given again; null where it is not told. */
  readonly portIndex: number | null;
  /** Of the process that changed it; a number alone may have been given to another one since. */
  readonly pid: number;
  readonly startedAt: string;
  /** The values to put back. */
  readonly settings: PortSettingValues;
}

const FOLDER = '/run/apparenet/ports';
const SETTING_NAMES: readonly PortSettingName[] = ['gro', 'lro', 'gso', 'tso', 'rxUsecs', 'rxAdaptive', 'eee'];
const LARGEST_VALUE = 1e6;

/** Measurements of one process are told apart by it. */
let measurements = 0;

/** One file a measurement; those of other network namespaces, where names mean other ports, are left alone. */
export class CareLedger {
  readonly #namespace: string;

  constructor(
    private readonly folder = FOLDER,
    private readonly files = new HostFiles(),
  ) {
    this.#namespace = /\d+/.exec(files.readLink('proc/self/ns/net') ?? '')?.[0] ?? '0';
  }

  /** null where it cannot be written: then nothing may be changed, either. */
  enter(port: string, settings: PortSettingValues): CareEntry | null {
    const startedAt = this.#readStart(process.pid) ?? '';
    const entry = { port, portIndex: this.#readIndex(port), pid: process.pid, startedAt, settings };
    const name = `${port}-${process.pid}-${++measurements}.json`;
    const path = join(this.folder, `${this.#namespace}-${name}`);
    const draft = join(this.folder, `.${name}`);
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o755 });
      writeWhole(draft, JSON.stringify(entry));
      // At once whole: others take what they cannot read for torn.
      renameSync(draft, path);
      return { ...entry, path };
    } catch {
      removeFile(draft);
      return null;
    }
  }

  remove({ path }: CareEntry): void {
    removeFile(path);
  }

  /** What living measurements of the port, but for `except`, are going to put back. */
  readHeld(port: string, except?: CareEntry): PortSettingValues {
    const index = this.#readIndex(port);
    const held = this.#readAll().filter((entry) => {
      const isSame = index === null || entry.portIndex === null ? entry.port === port : entry.portIndex === index;
      return isSame && entry.path !== except?.path && this.#isAlive(entry);
    });
    return Object.assign({}, ...held.map(({ settings }) => settings)) as PortSettingValues;
  }

  /** Entries whose process is gone; they are the caller's to restore and to remove. */
  readAbandoned(): CareEntry[] {
    return this.#readAll().filter((entry) => !this.#isAlive(entry));
  }

  /** The name that the port of an entry has now; null where it is gone. */
  findName({ port, portIndex }: CareEntry): string | null {
    if (portIndex === null) return port;
    const names = this.files.list('sys/class/net') ?? [];
    return names.find((name) => this.#readIndex(name) === portIndex) ?? null;
  }

  /** All of this namespace. What is torn is thrown away. */
  #readAll(): CareEntry[] {
    const names = listFiles(this.folder).filter((name) => name.startsWith(`${this.#namespace}-`));
    return names.flatMap((name) => {
      const path = join(this.folder, name);
      const entry = readEntry(path);
      if (entry === null) removeFile(path);
      return entry ?? [];
    });
  }

  #readIndex(port: string): number | null {
    return this.files.readInteger(`sys/class/net/${port}/ifindex`);
  }

  #isAlive({ pid, startedAt }: CareEntry): boolean {
    return this.#readStart(pid) === startedAt;
  }

  /** Field 22 of /proc/PID/stat, ticks since boot (proc(5)); the name in field 2 may hold spaces and brackets. */
  #readStart(pid: number): string | null {
    const stat = this.files.readText(`proc/${pid}/stat`);
    return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  }
}

/** null for a file that is no entry: not ours, or of an older version. */
function readEntry(path: string): CareEntry | null {
  try {
    const { port, portIndex, pid, startedAt, settings } = JSON.parse(readFileSync(path, 'utf8')) as Partial<CareEntry>;
    if (typeof port !== 'string' || typeof pid !== 'number' || typeof startedAt !== 'string') return null;
    const index = Number.isInteger(portIndex) ? Number(portIndex) : null;
    return { path, port, portIndex: index, pid, startedAt, settings: selectSettings(settings) };
  } catch {
    return null;
  }
}

function selectSettings(settings: unknown): PortSettingValues {
  const values = (settings ?? {}) as Readonly<Record<string, unknown>>;
  const isValue = (value: unknown): boolean =>
    Number.isInteger(value) && Number(value) >= 0 && Number(value) <= LARGEST_VALUE;
  return Object.fromEntries(SETTING_NAMES.filter((name) => isValue(values[name])).map((name) => [name, values[name]]));
}

function writeWhole(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o644);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** What another user left may not be his who finds it, and a disk may have become read-only: no measurement fails for that. */
function removeFile(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    return;
  }
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
