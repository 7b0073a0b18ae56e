// The few calls to a file system that the history makes, so that a test can stand for a disk that fills, breaks or loses its power.
// What is written when, and what a failed call means, is decided by the callers.
import { link, mkdir, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

/** One file, open for writing. Positions and sizes are bytes. */
export interface DiskFile {
  readonly sizeBytes: number;
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** Resolves when the bytes are on the medium, and the size if it grew: fdatasync(2). */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Every method rejects with an error that has a `code` such as `ENOSPC`. */
export interface Disk {
  makeFolder(path: string): Promise<void>;
  /** Names, sorted; empty for a folder that does not exist. */
  list(folder: string): Promise<string[]>;
  /** Null for a file that does not exist. */
  read(path: string): Promise<Uint8Array | null>;
  /** Fewer bytes than asked where the file ends. */
  readRange(path: string, position: number, lengthBytes: number): Promise<Uint8Array>;
  /** 0 for a file that does not exist. */
  measureBytes(path: string): Promise<number>;
  /** Kept as it is where it exists, made where it does not. */
  open(path: string): Promise<DiskFile>;
  /** A second name for the same file; fails with `EEXIST` where `to` exists. */
  link(from: string, to: string): Promise<void>;
  /** Replaces `to`. Durable after `syncFolder`. */
  rename(from: string, to: string): Promise<void>;
  /** Nothing happens where there is no such file. */
  remove(path: string): Promise<void>;
  syncFolder(path: string): Promise<void>;
}

/** The errno of a failed call, such as `ENOSPC`; null for other errors. */
export function readErrorCode(error: unknown): string | null {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return error instanceof Error && typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : null;
}

async function unlessMissing<T>(call: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (readErrorCode(error) === 'ENOENT') return otherwise;
    throw error;
  }
}

class NativeFile implements DiskFile {
  constructor(
    private readonly handle: FileHandle,
    public sizeBytes: number,
  ) {}

  async write(bytes: Uint8Array, position: number): Promise<void> {
    // A disk that is nearly full takes a part of the bytes; the next call then fails. Ends because each call takes at least one.
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.handle.write(bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
      this.sizeBytes = Math.max(this.sizeBytes, position + done);
    }
  }

  async sync(): Promise<void> {
    await this.handle.datasync();
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

/** The machine's own file systems. */
export const nativeDisk: Disk = {
  async makeFolder(path) {
    await mkdir(path, { recursive: true, mode: 0o755 });
  },
  list: async (folder) => (await unlessMissing(readdir(folder), [])).sort(),
  read: (path) => unlessMissing<Uint8Array | null>(readFile(path), null),
  async readRange(path, position, lengthBytes) {
    const handle = await open(path, 'r');
    try {
      const bytes = new Uint8Array(lengthBytes);
      const { bytesRead } = await handle.read(bytes, 0, lengthBytes, position);
      return bytes.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  },
  measureBytes: async (path) => (await unlessMissing<{ readonly size: number } | null>(stat(path), null))?.size ?? 0,
  async open(path) {
    const handle = await openOrMake(path);
    return new NativeFile(handle, (await handle.stat()).size);
  },
  link,
  rename,
  remove: (path) => unlessMissing(unlink(path), undefined),
  async syncFolder(path) {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

async function openOrMake(path: string): Promise<FileHandle> {
  return (await unlessMissing<FileHandle | null>(open(path, 'r+'), null)) ?? open(path, 'wx+', 0o644);
}
