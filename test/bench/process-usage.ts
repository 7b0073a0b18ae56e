// What processes took of the machine, as the kernel counts it (proc(5)): memory by smaps_rollup, processor time by stat.
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

/** USER_HZ of every Linux that Node.js runs on. */
const TICKS_PER_SEC = 100;

/** s of processor time since the process began: utime and stime, the 14th and 15th field; the second, in brackets, may hold blanks. */
export function readProcessorSec(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SEC;
}
