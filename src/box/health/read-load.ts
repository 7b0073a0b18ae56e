// Memory and load from /proc: cheap enough to be read each minute. Formats: proc(5), and kernel.org accounting/psi.html.
import type { LoadHealth, MemoryHealth } from '../../model/box-health.js';
import type { HostFiles } from '../host-files.js';

const BYTES_PER_KB = 1024;
const PERCENT = 100;

/** null where /proc tells nothing. */
export function readMemory(files: HostFiles): MemoryHealth | null {
  const text = files.readText('proc/meminfo') ?? '';
  const total = readKilobytes(text, 'MemTotal');
  const available = readKilobytes(text, 'MemAvailable');
  if (total === null || available === null) return null;
  return { totalBytes: total * BYTES_PER_KB, availableBytes: available * BYTES_PER_KB };
}

function readKilobytes(text: string, name: string): number | null {
  const digits = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
  return digits === undefined ? null : Number(digits);
}

export function readLoad(files: HostFiles): LoadHealth | null {
  const [load1, , load15] = (files.readText('proc/loadavg') ?? '').split(' ').map(Number);
  if (load1 === undefined || load15 === undefined || !Number.isFinite(load1) || !Number.isFinite(load15)) return null;
  const processors = (files.readText('proc/stat') ?? '').match(/^cpu\d+ /gm)?.length ?? 1;
  const stalls = ['cpu', 'memory', 'io'].map((resource) => readStall(files, resource));
  const [processor, memory, storage] = stalls;
  const isTold = processor !== undefined && memory !== undefined && storage !== undefined && !stalls.includes(null);
  return {
    processors,
    load1,
    load15,
    stalled: isTold ? { processor: processor ?? 0, memory: memory ?? 0, storage: storage ?? 0 } : null,
  };
}

/** Share of the last minute in which some program waited; null where the kernel was built or started without. */
function readStall(files: HostFiles, resource: string): number | null {
  const share = /^some .*\bavg60=([\d.]+)/m.exec(files.readText(`proc/pressure/${resource}`) ?? '')?.[1];
  return share === undefined ? null : Number(share) / PERCENT;
}
