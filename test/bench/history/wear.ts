// `scripts/bench wear`: how many bytes reach the flash for each byte of history. A file system of its own on a loop device, whose
// counters show everything that comes of it: data, journal of the file system, inodes. A byte of history is one of the summaries as
// JSON, as they are handed over. Arguments: [--pace-sec N] [--commits N] [--seed N]. Needs root. A table goes to stdout.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { History } from '../../../src/history/history.js';
import { UsageError } from '../../../src/model/errors.js';
import { PERIODS_MS } from '../../../src/model/period-summary.js';
import { createRandom } from '../../../src/model/random.js';
import { drawMinutes, drawTargets } from '../../unit/history/drawn-summaries.js';
import { parseCount } from '../parse-count.js';
import { countDisk, withTemporaryFolder } from './temporary-history.js';
import type { DiskCounts } from './temporary-history.js';

/** More than ext4 waits before it writes changed inodes by itself: each commit pays for them as one of a minute does. */
const DEFAULT_PACE_SEC = 6;
const DEFAULT_COMMITS = 20;
const FAR_SHARE = 0.1;
const START_MS = Date.UTC(2026, 0, 1);
const IMAGE_BYTES = 256 * 2 ** 20;
const SECTOR_BYTES = 512;
const COMMITS_A_DAY = 1440;
const WINDOW_COMMITS = 360;

interface Row {
  readonly targets: number;
  readonly json: number;
  readonly calls: DiskCounts;
  readonly commitBlockBytes: number;
  readonly compactionBlockBytes: number;
}

/** An ext4 as Debian makes it, on a loop device, mounted while `work` runs; `readBytes` tells what was written to the device. */
async function withFileSystem<T>(work: (folder: string, readBytes: () => number) => Promise<T>): Promise<T> {
  return withTemporaryFolder(async (folder) => {
    const [image, mount] = [join(folder, 'image'), join(folder, 'mount')];
    writeFileSync(image, '');
    execFileSync('truncate', ['-s', String(IMAGE_BYTES), image]);
    execFileSync('mkfs.ext4', ['-q', '-E', 'lazy_itable_init=0,lazy_journal_init=0', image]);
    mkdirSync(mount);
    const device = execFileSync('losetup', ['--find', '--show', image], { encoding: 'utf8' }).trim();
    try {
      execFileSync('mount', [device, mount]);
      try {
        // Field 7 of block/stat: sectors written.
        const stat = `/sys/block/${basename(device)}/stat`;
        const readBytes = (): number => {
          execFileSync('sync', ['-f', mount]);
          return Number(readFileSync(stat, 'utf8').trim().split(/\s+/)[6]) * SECTOR_BYTES;
        };
        return await work(mount, readBytes);
      } finally {
        execFileSync('umount', [mount]);
      }
    } finally {
      execFileSync('losetup', ['--detach', device]);
    }
  });
}

/** A day is the paced commits scaled up, and four compactions of the windows that were filled without pace. */
async function measure(targets: number, commits: number, paceSec: number, seed: number): Promise<Row> {
  return withFileSystem(async (mount, readBytes) => {
    const random = createRandom(seed);
    const drawn = drawTargets(random, targets, FAR_SHARE);
    const { disk, counts } = countDisk();
    const history = await History.open(join(mount, 'history'), { disk });
    let json = 0;
    let minute = 0;
    const append = async (): Promise<void> => {
      const rows = drawMinutes(random, drawn, START_MS + minute * PERIODS_MS.minute);
      minute += 1;
      json += JSON.stringify(rows).length;
      await history.append(rows);
    };
    // A first window gives the journal its room, as every day but the first has it.
    while (minute < WINDOW_COMMITS) await append();
    await history.compact();
    const atStart = { ...counts, json };
    const paceFrom = readBytes();
    for (let commit = 0; commit < commits; commit += 1) {
      await append();
      await sleep(paceSec * 1000);
    }
    const commitBlockBytes = ((readBytes() - paceFrom) / commits) * COMMITS_A_DAY;
    let compactionBlockBytes = 0;
    for (let window = 2; window <= 5; window += 1) {
      while (minute < window * WINDOW_COMMITS) await append();
      const from = readBytes();
      await history.compact();
      compactionBlockBytes += readBytes() - from;
    }
    await history.close();
    const calls = {
      writeCalls: counts.writeCalls - atStart.writeCalls,
      writtenBytes: counts.writtenBytes - atStart.writtenBytes,
      syncCalls: counts.syncCalls - atStart.syncCalls,
    };
    return { targets, json: json - atStart.json, calls, commitBlockBytes, compactionBlockBytes };
  });
}

function renderRow({ targets, json, calls, commitBlockBytes, compactionBlockBytes }: Row): string {
  const mb = (bytes: number): string => (bytes / 1e6).toFixed(1);
  const blocks = commitBlockBytes + compactionBlockBytes;
  const cells = [
    targets,
    mb(json),
    mb(calls.writtenBytes),
    (calls.writtenBytes / json).toFixed(2),
    mb(commitBlockBytes),
    mb(compactionBlockBytes),
    (blocks / json).toFixed(2),
    calls.syncCalls,
  ];
  return `| ${cells.join(' | ')} |`;
}

async function bench(): Promise<void> {
  const options = { 'pace-sec': { type: 'string' }, commits: { type: 'string' }, seed: { type: 'string' } } as const;
  const { values } = parseArgs({ options });
  const paceSec = parseCount('--pace-sec', values['pace-sec'], DEFAULT_PACE_SEC);
  const commits = parseCount('--commits', values.commits, DEFAULT_COMMITS);
  const seed = parseCount('--seed', values.seed, 1);
  const rows: string[] = [];
  for (const targets of [20, 5, 1]) {
    process.stderr.write(`${targets} targets: ${commits * paceSec} s of paced commits, then a day\n`);
    rows.push(renderRow(await measure(targets, commits, paceSec, seed)));
  }
  process.stdout.write(
    `${[
      `a day of a commit a minute, MB; ${commits} commits paced by ${paceSec} s, ext4 of 256 MB, seed ${seed}`,
      '',
      '| targets | history (JSON) | by system calls | a byte | blocks: commits | blocks: compactions | a byte | syncs |',
      '|---|---|---|---|---|---|---|---|',
      ...rows,
    ].join('\n')}\n`,
  );
}

try {
  await bench();
} catch (error) {
  const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
  if (!isUsage) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 64;
}
