// Memory of processes together, as the kernel counts it (proc(5), smaps_rollup).
import { readFileSync } from 'node:fs';

/** MiB. `Rss` counts shared pages for each process, `Pss` by its share. */
export function sumMemory(pids: readonly number[], key: 'Rss' | 'Pss'): number {
  const kilobytes = pids.map((pid) => {
    const [, text] =
      new RegExp(`^${key}: *(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
    return Number(text);
  });
  return kilobytes.reduce((sum, value) => sum + value, 0) / 1_024;
}
