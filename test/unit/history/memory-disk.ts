// A disk in memory that can fill up, refuse to write and lose its power. After a cut each sector that was not synced holds what it held
// before or what was written, each by chance; so does each name of a folder that was not synced.
import type { Disk, DiskFile } from '../../../src/history/disk.js';
import { DeviceError } from '../../../src/model/errors.js';
import type { Random } from '../../../src/model/random.js';

const SECTOR_BYTES = 512;

interface Inode {
  content: Buffer;
  synced: Buffer;
}

/** As node:fs names its errors. */
function failWith(code: string): never {
  throw Object.assign(new DeviceError('device.io', code), { code });
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

export class MemoryDisk implements Disk {
  /** Of all files; what would exceed it fails with ENOSPC. */
  capacityBytes = Infinity;
  isReadOnly = false;
  /** Calls that change something until the power goes; all later ones fail. */
  callsUntilCut = Infinity;
  /** Bytes that were written to files. */
  writtenBytes = 0;
  #names = new Map<string, Inode>();
  #syncedNames = new Map<string, Inode>();
  readonly #folders = new Set<string>();

  /** The power comes back: what was not synced survived in part. */
  restart(random: Random): void {
    const isKept = (): boolean => random.uniform() < 0.5;
    const names = new Map<string, Inode>();
    for (const path of new Set([...this.#names.keys(), ...this.#syncedNames.keys()])) {
      const [now, before] = [this.#names.get(path), this.#syncedNames.get(path)];
      const inode = now === before || isKept() ? now : before;
      if (inode !== undefined) names.set(path, inode);
    }
    for (const inode of new Set(names.values())) {
      inode.content = mixSectors(inode, isKept);
      inode.synced = Buffer.from(inode.content);
    }
    this.#names = names;
    this.#syncedNames = new Map(names);
    this.callsUntilCut = Infinity;
  }

  /** What lies there now, to damage it; null for no such file. */
  bytesOf(path: string): Buffer | null {
    return this.#names.get(path)?.content ?? null;
  }

  put(path: string, bytes: Uint8Array): void {
    const inode = { content: Buffer.from(bytes), synced: Buffer.from(bytes) };
    this.#names.set(path, inode);
    this.#syncedNames.set(path, inode);
  }

  paths(): string[] {
    return [...this.#names.keys()].sort();
  }

  makeFolder(path: string): Promise<void> {
    if (!this.#folders.has(path)) this.#change();
    this.#folders.add(path);
    return Promise.resolve();
  }

  list(folder: string): Promise<string[]> {
    return Promise.resolve(
      this.paths()
        .filter((path) => folderOf(path) === folder)
        .map((path) => path.slice(folder.length + 1)),
    );
  }

  read(path: string): Promise<Uint8Array | null> {
    const inode = this.#names.get(path);
    return Promise.resolve(inode === undefined ? null : Buffer.from(inode.content));
  }

  async readRange(path: string, position: number, lengthBytes: number): Promise<Uint8Array> {
    const bytes = await this.read(path);
    return (bytes ?? failWith('ENOENT')).subarray(position, position + lengthBytes);
  }

  measureBytes(path: string): Promise<number> {
    return Promise.resolve(this.#names.get(path)?.content.length ?? 0);
  }

  async open(path: string): Promise<DiskFile> {
    await Promise.resolve();
    const found = this.#names.get(path);
    if (found === undefined) this.#change();
    const inode = found ?? { content: Buffer.alloc(0), synced: Buffer.alloc(0) };
    this.#names.set(path, inode);
    return {
      get sizeBytes() {
        return inode.content.length;
      },
      write: async (bytes, position) => {
        await Promise.resolve();
        this.#change();
        this.#write(inode, bytes, position);
      },
      sync: async () => {
        await Promise.resolve();
        this.#change();
        inode.synced = Buffer.from(inode.content);
      },
      close: () => Promise.resolve(),
    };
  }

  async link(from: string, to: string): Promise<void> {
    await Promise.resolve();
    const inode = this.#names.get(from) ?? failWith('ENOENT');
    if (this.#names.has(to)) failWith('EEXIST');
    this.#change();
    this.#names.set(to, inode);
  }

  async rename(from: string, to: string): Promise<void> {
    await Promise.resolve();
    const inode = this.#names.get(from) ?? failWith('ENOENT');
    this.#change();
    this.#names.delete(from);
    this.#names.set(to, inode);
  }

  async remove(path: string): Promise<void> {
    await Promise.resolve();
    if (!this.#names.has(path)) return;
    this.#change();
    this.#names.delete(path);
  }

  async syncFolder(folder: string): Promise<void> {
    await Promise.resolve();
    this.#change();
    for (const names of [this.#syncedNames, this.#names]) {
      for (const path of [...names.keys()].filter((one) => folderOf(one) === folder)) {
        const inode = this.#names.get(path);
        if (inode === undefined) this.#syncedNames.delete(path);
        else this.#syncedNames.set(path, inode);
      }
    }
  }

  #change(): void {
    if (this.isReadOnly) failWith('EROFS');
    this.callsUntilCut -= 1;
    if (this.callsUntilCut < 0) failWith('EIO');
  }

  /** A full disk takes what it has room for, as Linux does. */
  #write(inode: Inode, bytes: Uint8Array, position: number): void {
    const usedBytes = [...new Set(this.#names.values())].reduce((sum, { content }) => sum + content.length, 0);
    const freeBytes = Math.max(0, this.capacityBytes - usedBytes);
    const room = Math.max(0, inode.content.length + freeBytes - position);
    const taken = bytes.subarray(0, room);
    const grown = Buffer.alloc(Math.max(inode.content.length, position + taken.length));
    grown.set(inode.content);
    grown.set(taken, position);
    inode.content = grown;
    this.writtenBytes += taken.length;
    if (taken.length < bytes.length) failWith('ENOSPC');
  }
}

function mixSectors({ content, synced }: Inode, isKept: () => boolean): Buffer {
  const length = isKept() ? content.length : synced.length;
  const mixed = Buffer.alloc(length);
  for (let at = 0; at < length; at += SECTOR_BYTES) {
    mixed.set((isKept() ? content : synced).subarray(at, Math.min(length, at + SECTOR_BYTES)), at);
  }
  return mixed;
}
