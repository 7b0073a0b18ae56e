// What the ports of this machine were measured to do, on disk. A file that cannot be read or written costs a measurement, never
// an examination.
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StoreError } from '../model/errors.js';
import type { PortAbilities } from '../model/path.js';
import { HostFiles } from './host-files.js';

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

/** /var/lib/apparenet for root, else the user's own state folder (XDG Base Directory Specification). */
export function computeStateFolder(uid: number, home: string | undefined, xdgStateHome: string | undefined): string {
  if (uid === 0) return '/var/lib/apparenet';
  return join(xdgStateHome ?? join(home ?? '/tmp', '.local', 'state'), 'apparenet');
}

export function findStateFolder(): string {
  return computeStateFolder(process.getuid?.() ?? 0, process.env['HOME'], process.env['XDG_STATE_HOME']);
}

/** By hardware address, which stays with the card when its name changes; loopback has none. */
export class AbilitiesStore {
  readonly path: string;

  constructor(
    folder = findStateFolder(),
    private readonly files = new HostFiles(),
  ) {
    this.path = join(folder, FILE_NAME);
  }

  /** Of the port itself; null where it was never measured. */
  read(port: string): PortAbilities | null {
    return this.#readAll()[this.#keyOf(port)] ?? null;
  }

  /** @throws StoreError where the file cannot be written. */
  write(port: string, abilities: PortAbilities): void {
    const all = { ...this.#readAll(), [this.#keyOf(port)]: abilities };
    const newest = Object.entries(all).sort(([, a], [, b]) => (a.measuredAt < b.measuredAt ? 1 : -1));
    const text = JSON.stringify({ schema: SCHEMA, ports: Object.fromEntries(newest.slice(0, MOST_PORTS)) }, null, 2);
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o755 });
      replaceFile(this.path, `${text}\n`);
    } catch (cause) {
      throw new StoreError('store.write', `${this.path} cannot be written: ${describe(cause)}`, { cause });
    }
  }

  #keyOf(port: string): string {
    const address = this.files.readText(`sys/class/net/${port}/address`);
    return address === null || /^[0:]*$/.test(address) ? port : address;
  }

  #readAll(): Record<string, PortAbilities> {
    try {
      const { schema, ports } = JSON.parse(readFileSync(this.path, 'utf8')) as { schema?: unknown; ports?: unknown };
      if (schema !== SCHEMA || typeof ports !== 'object' || ports === null) return {};
      return Object.fromEntries(Object.entries(ports).filter(([, entry]) => isAbilities(entry)));
    } catch {
      return {};
    }
  }
}

function isAbilities(entry: unknown): entry is PortAbilities {
  const values = (entry ?? {}) as Readonly<Record<string, unknown>>;
  const areNumbers = FIELDS.every((field) => Number.isFinite(values[field]) && Number(values[field]) >= 0);
  return areNumbers && typeof values['measuredAt'] === 'string';
}

/** A power cut leaves the old file or the new one, whole. */
function replaceFile(path: string, text: string): void {
  const next = `${path}.${process.pid}.new`;
  const file = openSync(next, 'w', 0o644);
  writeFileSync(file, text);
  fsyncSync(file);
  closeSync(file);
  renameSync(next, path);
  const folder = openSync(dirname(path), 'r');
  fsyncSync(folder);
  closeSync(folder);
}

function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
