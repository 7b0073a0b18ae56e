// What the ports of this machine were measured to do, on disk. A file that cannot be read or written costs a measurement, never
// an examination.
import { mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { StoreError } from '../model/errors.js';
import type { PortAbilities } from '../model/path.js';
import { HostFiles } from './host-files.js';
import { replaceFile } from './replace-file.js';

const SCHEMA = 'apparenet.abilities/1';
const FILE_NAME = 'abilities.json';
/** Ports come and go with containers and USB adapters; the oldest measurements go first. */
const MOST_PORTS = 64;
const FIELDS = [
  'stampNoiseNs',
  'sendPacketsPerSec',
  'sendBitsPerSec',
  'receivePacketsPerSec',
  'receiveBitsPerSec',
  'coalescingNs',
] as const;

/** The appliance's own: of root, and of its service, to which the service manager gives it. */
export const SYSTEM_FOLDER = '/var/lib/apparenet';

export interface StateUser {
  readonly uid: number;
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What the service manager gave (systemd.exec(5)), root's, else the user's own (XDG Base Directory Specification). */
export function computeStateFolder({ uid, home, environment }: StateUser): string {
  const [given = ''] = (environment['STATE_DIRECTORY'] ?? '').split(':');
  if (given !== '') return given;
  if (uid === 0) return SYSTEM_FOLDER;
  return join(environment['XDG_STATE_HOME'] ?? join(home, '.local', 'state'), 'apparenet');
}

/** Of the user that runs this. */
export function findStateFolder(): string {
  return computeStateFolder({ uid: process.getuid?.() ?? 0, home: readHome(), environment: process.env });
}

/** A user that only has a number, as in containers, has none: what is measured is then not kept. */
function readHome(): string {
  try {
    return homedir();
  } catch {
    return '/nonexistent';
  }
}

/** By hardware address, which stays with the card when its name changes; loopback has none. */
export class AbilitiesStore {
  readonly path: string;
  readonly #systemPath: string;

  constructor(
    folder = findStateFolder(),
    private readonly files = new HostFiles(),
    systemFolder = SYSTEM_FOLDER,
  ) {
    this.path = join(folder, FILE_NAME);
    this.#systemPath = join(systemFolder, FILE_NAME);
  }

  /** Of the port itself, by this user or the appliance, whichever is newer; null where it was never measured. */
  read(port: string): PortAbilities | null {
    const key = this.#keyOf(port);
    const own = readAll(this.path)[key] ?? null;
    const system = readAll(this.#systemPath)[key] ?? null;
    if (own === null || system === null) return own ?? system;
    return own.measuredAt < system.measuredAt ? system : own;
  }

  /** @throws StoreError where the file cannot be written. */
  write(port: string, abilities: PortAbilities): void {
    const all = { ...readAll(this.path), [this.#keyOf(port)]: abilities };
    const newest = Object.entries(all).sort(([, a], [, b]) => (a.measuredAt < b.measuredAt ? 1 : -1));
    const text = JSON.stringify({ schema: SCHEMA, ports: Object.fromEntries(newest.slice(0, MOST_PORTS)) }, null, 2);
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o755 });
      // Whoever may ask for the status may know it.
      replaceFile(this.path, `${text}\n`, 0o644);
    } catch (cause) {
      throw new StoreError('store.write', `${this.path} cannot be written: ${describe(cause)}`, { cause });
    }
  }

  #keyOf(port: string): string {
    const address = this.files.readText(`sys/class/net/${port}/address`);
    return address === null || /^[0:]*$/.test(address) ? port : address;
  }
}

function readAll(path: string): Record<string, PortAbilities> {
  try {
    const { schema, ports } = JSON.parse(readFileSync(path, 'utf8')) as { schema?: unknown; ports?: unknown };
    if (schema !== SCHEMA || typeof ports !== 'object' || ports === null) return {};
    return Object.fromEntries(Object.entries(ports).filter(([, entry]) => isAbilities(entry)));
  } catch {
    return {};
  }
}

function isAbilities(entry: unknown): entry is PortAbilities {
  const values = (entry ?? {}) as Readonly<Record<string, unknown>>;
  const areNumbers = FIELDS.every((field) => Number.isFinite(values[field]) && Number(values[field]) >= 0);
  return areNumbers && typeof values['measuredAt'] === 'string';
}

function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
