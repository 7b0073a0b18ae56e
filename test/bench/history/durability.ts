// `scripts/bench durability`: kills a process that writes a history, again and again at random moments, and looks for every record that
// it had acknowledged. With `write` it is that process. Arguments: [--kills N] [--seed N] | write FOLDER FIRST.
// SIGKILL proves that no acknowledged record is only in the process; what a power cut takes is tried in test/unit/history/power-cut.test.ts.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { History } from '../../../src/history/history.js';
import type { StoreLoss } from '../../../src/history/losses.js';
import { UsageError } from '../../../src/model/errors.js';
import type { PeriodSummary } from '../../../src/model/period-summary.js';
import { createRandom } from '../../../src/model/random.js';
import { buildEvent } from '../../unit/history/built-records.js';
import { drawMinutes, drawTargets } from '../../unit/history/drawn-summaries.js';
import { parseCount } from '../parse-count.js';
import { withTemporaryFolder } from './temporary-history.js';

const DEFAULT_KILLS = 1000;
const START_MS = Date.UTC(2026, 0, 1);
/** Commits of so much time: a window of six hours is full after 72, so that compactions are met as well. */
const STEP_MS = 5 * 60_000;
/** Longest life of a writer after its first acknowledgement, ms. */
const LONGEST_MS = 150;
/** All records are looked for after so many kills, those of the last writers after each. */
const FULL_CHECK_EVERY = 250;
const RECENT = 300;

const [TARGET = { name: '', floorNs: 0, noiseNs: 0, hasFarStamps: false }] = drawTargets(createRandom(1), 1, 1);
const timeOf = (record: number): number => START_MS + record * STEP_MS;
/** The same for the same number, in whatever process. */
const drawRecord = (record: number): PeriodSummary[] => drawMinutes(createRandom(record), [TARGET], timeOf(record), 20);

/** Writes record after record and prints the number of each that is acknowledged; ends when it is killed. */
async function writeForever(folder: string, first: number): Promise<void> {
  const history = await History.open(folder);
  for (let record = first; ; record += 1) {
    await Promise.all([history.append(drawRecord(record)), history.addEvent(buildEvent(timeOf(record), null))]);
    process.stdout.write(`${record}\n`);
  }
}

/** Resolves to the last number that the writer acknowledged before it was killed; -1 for none. */
function runAndKill(folder: string, first: number, afterMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const args = [fileURLToPath(import.meta.url), 'write', folder, String(first)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      if (text === '') setTimeout(() => child.kill('SIGKILL'), afterMs);
      text = (text + chunk.toString()).slice(-64);
    });
    child.once('error', reject);
    // A number without its line end was not printed whole.
    child.once('close', () => resolve(Number(/(\d+)\n\d*$/.exec(text)?.[1] ?? -1)));
  });
}

/** Numbers from `from` to `last` whose minute or event is not there as it was written. */
async function findMissing(history: History, from: number, last: number): Promise<number[]> {
  const range = { fromMs: timeOf(from), toMs: timeOf(last) + 1 };
  const { summaries } = await history.querySummaries({ ...range, target: TARGET.name, period: 'minute' });
  const events = await history.listEvents({ limit: last - from + 100 });
  const minutes = new Map(summaries.map((row) => [row.startMs, JSON.stringify(row)]));
  const eventIds = new Set(events.map(({ id }) => id));
  const numbers = Array.from({ length: last - from + 1 }, (_, i) => from + i);
  return numbers.filter((record) => {
    const isMinuteKept = minutes.get(timeOf(record)) === JSON.stringify(drawRecord(record)[0]);
    return !isMinuteKept || !eventIds.has(buildEvent(timeOf(record), null).id);
  });
}

async function bench(): Promise<void> {
  const options = { kills: { type: 'string' }, seed: { type: 'string' } } as const;
  const { values } = parseArgs({ options });
  const kills = parseCount('--kills', values.kills, DEFAULT_KILLS);
  const random = createRandom(parseCount('--seed', values.seed, 1));
  await withTemporaryFolder(async (folder) => {
    const missing = new Set<number>();
    const losses: StoreLoss[] = [];
    let acknowledged = -1;
    for (let kill = 1; kill <= kills; kill += 1) {
      acknowledged = Math.max(acknowledged, await runAndKill(folder, acknowledged + 1, random.uniform() * LONGEST_MS));
      const history = await History.open(folder, { onLoss: (loss) => losses.push(loss) });
      const isFull = kill % FULL_CHECK_EVERY === 0 || kill === kills;
      const from = isFull ? 0 : Math.max(0, acknowledged - RECENT);
      for (const record of await findMissing(history, from, acknowledged)) missing.add(record);
      await history.close();
      if (isFull)
        process.stderr.write(`${kill} of ${kills} kills, ${acknowledged + 1} records, ${missing.size} missing\n`);
    }
    const rest = losses.filter(({ kind }) => kind !== 'unfinished');
    process.stdout.write(
      `${[
        '| kills | records acknowledged | missing | last record not whole | other damage |',
        '|---|---|---|---|---|',
        `| ${kills} | ${acknowledged + 1} | ${missing.size} | ${losses.length - rest.length} | ${rest.length} |`,
      ].join('\n')}\n`,
    );
    if (missing.size > 0 || rest.length > 0) process.exitCode = 1;
  });
}

try {
  const [verb, folder, first] = process.argv.slice(2);
  if (verb === 'write' && folder !== undefined) await writeForever(folder, Number(first));
  else await bench();
} catch (error) {
  const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
  if (!isUsage) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 64;
}
