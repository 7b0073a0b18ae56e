// One process writes a folder. The lock is a file that names its holder by process id, start time and boot, so that one left behind
// by a kill or a power cut is known to be dead. Processes of another PID namespace or machine are not seen.
import { readFile } from 'node:fs/promises';
import { StoreError } from '../model/errors.js';
import { readErrorCode } from './disk.js';
import type { Disk } from './disk.js';

interface Holder {
  readonly pid: number;
  /** Clock ticks after boot at which it started (proc(5)): a process id is used again. */
  readonly startTicks: string;
  readonly boot: string;
}

const MOST_ATTEMPTS = 5;

/** Resolves to a function that gives the folder free. @throws StoreError `store.busy`; rejects as `Disk` does. */
export async function takeLock(disk: Disk, path: string): Promise<() => Promise<void>> {
  const own = await readHolder(process.pid);
  const text = JSON.stringify(own);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    if (await createLock(disk, path, text)) return () => disk.remove(path);
    const found = await readLock(disk, path);
    const holder = parseHolder(found);
    if (holder !== null && (await isAlive(holder))) throw createBusyError(path, holder.pid);
    await clearDead(disk, path, found);
  }
  throw createBusyError(path, null);
}

/** By a link, so that nobody ever reads a lock that is half written. False where there is one. */
async function createLock(disk: Disk, path: string, text: string): Promise<boolean> {
  const own = `${path}.${process.pid}`;
  // Left by a process that was killed here.
  await disk.remove(own);
  const file = await disk.open(own);
  try {
    await file.write(Buffer.from(text), 0);
    await disk.link(own, path);
    return true;
  } catch (error) {
    if (readErrorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await file.close();
    await disk.remove(own);
  }
}

/** Two that find the same dead lock must not remove each other's new one: it is moved aside first, and put back if it is another. */
async function clearDead(disk: Disk, path: string, dead: string): Promise<void> {
  const aside = `${path}.${process.pid}`;
  try {
    await disk.rename(path, aside);
    if ((await readLock(disk, aside)) !== dead) await disk.link(aside, path);
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes(readErrorCode(error) ?? '')) throw error;
  } finally {
    await disk.remove(aside);
  }
}

const readLock = async (disk: Disk, path: string): Promise<string> =>
  Buffer.from((await disk.read(path)) ?? []).toString('utf8');

function parseHolder(text: string): Holder | null {
  try {
    const { pid, startTicks, boot } = JSON.parse(text) as Partial<Holder>;
    return typeof pid === 'number' && typeof startTicks === 'string' && typeof boot === 'string'
      ? { pid, startTicks, boot }
      : null;
  } catch {
    return null;
  }
}

async function isAlive(holder: Holder): Promise<boolean> {
  const now = await readHolder(holder.pid);
  return now.startTicks !== '' && now.startTicks === holder.startTicks && now.boot === holder.boot;
}

/** `startTicks` is empty where there is no such process. */
async function readHolder(pid: number): Promise<Holder> {
  const [boot, stat] = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''),
  ]);
  // The name of the program stands in parentheses and may hold anything; field 22 counts from before it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const isDead = fields[0] === 'Z' || fields[0] === 'X';
  return { pid, startTicks: isDead ? '' : (fields[19] ?? ''), boot: boot.trim() };
}

function createBusyError(path: string, pid: number | null): StoreError {
  const who = pid === null ? 'another process' : `process ${pid}`;
  return new StoreError('store.busy', `${who} writes the history here: ${path}`);
}
