// What a console finds on its disk when it starts, and what it does there each hour: shares opened and compacted one after the other.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { History } from '../../../src/history/history.js';

export interface Kept {
  /** Processor time of this process, s. */
  readonly openSec: number;
  readonly compactSec: number;
  /** Of the share that took longest, by the clock. */
  readonly longestMs: number;
}

/** The console must have ended. */
export async function measureKept(folder: string): Promise<Kept> {
  const kept = { openSec: 0, compactSec: 0, longestMs: 0 };
  for (const name of readdirSync(folder)) {
    const opening = process.cpuUsage();
    const history = await History.open(join(folder, name));
    kept.openSec += readSeconds(opening);
    const compacting = process.cpuUsage();
    const begunMs = performance.now();
    await history.compact();
    kept.longestMs = Math.max(kept.longestMs, performance.now() - begunMs);
    kept.compactSec += readSeconds(compacting);
    await history.close();
  }
  return kept;
}

function readSeconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}
