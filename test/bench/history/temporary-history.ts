// A folder for a bench's history, and a disk that counts what is written to it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Disk } from '../../../src/history/disk.js';
import { nativeDisk } from '../../../src/history/disk.js';

/** Removed when `work` is done, whatever becomes of it. */
export async function withTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'apparenet-history-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface DiskCounts {
  writeCalls: number;
  writtenBytes: number;
  syncCalls: number;
}

/** The machine's own disk; `counts` grows with each call that writes or syncs a file. */
export function countDisk(): { readonly disk: Disk; readonly counts: DiskCounts } {
  const counts: DiskCounts = { writeCalls: 0, writtenBytes: 0, syncCalls: 0 };
  const disk: Disk = {
    ...nativeDisk,
    async open(path) {
      const file = await nativeDisk.open(path);
      return {
        get sizeBytes() {
          return file.sizeBytes;
        },
        async write(bytes, position) {
          counts.writeCalls += 1;
          counts.writtenBytes += bytes.length;
          await file.write(bytes, position);
        },
        async sync() {
          counts.syncCalls += 1;
          await file.sync();
        },
        close: () => file.close(),
      };
    },
    async syncFolder(path) {
      counts.syncCalls += 1;
      await nativeDisk.syncFolder(path);
    },
  };
  return { disk, counts };
}
