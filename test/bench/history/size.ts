// `scripts/bench history`: how many bytes a year of minutes takes, and how long a chart waits for its points. The days are drawn by
// chance (drawn-summaries.ts); a year's bytes are those of the days that were written, times 365 by their number, since files are of
// fixed windows. Arguments: [--days N] [--targets N] [--seed N]. Progress goes to stderr, tables to stdout.
import { parseArgs } from 'node:util';
import { computePercentile, sortAscending } from '../../../src/analysis/statistics/quantile.js';
import { History } from '../../../src/history/history.js';
import type { HistoryReader } from '../../../src/history/history-reader.js';
import { openForReading } from '../../../src/history/history.js';
import { PERIOD_NAMES } from '../../../src/history/levels.js';
import { UsageError } from '../../../src/model/errors.js';
import { PERIODS_MS } from '../../../src/model/period-summary.js';
import { createRandom } from '../../../src/model/random.js';
import { drawMinutes, drawTargets } from '../../unit/history/drawn-summaries.js';
import { parseCount } from '../parse-count.js';
import { withTemporaryFolder } from './temporary-history.js';

const DEFAULT_DAYS = 31;
const DEFAULT_TARGETS = 20;
/** Most targets are echoed by hosts of others; few stamp. */
const FAR_SHARE = 0.1;
const START_MS = Date.UTC(2026, 0, 1);
const MINUTES_A_DAY = 1440;
const QUESTIONS = 40;

interface Written {
  readonly appendMs: readonly number[];
  readonly jsonBytes: number;
  readonly names: readonly string[];
}

async function writeDays(folder: string, days: number, count: number, seed: number): Promise<Written> {
  const random = createRandom(seed);
  const targets = drawTargets(random, count, FAR_SHARE);
  const history = await History.open(folder);
  const appendMs: number[] = [];
  let jsonBytes = 0;
  for (let minute = 0; minute < days * MINUTES_A_DAY; minute += 1) {
    const rows = drawMinutes(random, targets, START_MS + minute * PERIODS_MS.minute);
    // One minute of an hour stands for all: they are alike.
    if (minute % 60 === 0) jsonBytes += 60 * JSON.stringify(rows).length;
    const startedMs = performance.now();
    await history.append(rows);
    appendMs.push(performance.now() - startedMs);
    if (minute % MINUTES_A_DAY === 0) process.stderr.write(`day ${minute / MINUTES_A_DAY + 1} of ${days}\n`);
  }
  await history.compact();
  await history.close();
  return { appendMs, jsonBytes, names: targets.map(({ name }) => name) };
}

/** Times of questions about `days` of targets in turn, each from a reader that knows nothing yet. */
async function time(folder: string, names: readonly string[], days: number, leastPoints: number): Promise<string> {
  const times: number[] = [];
  let asked = '';
  const toMs = START_MS + days * PERIODS_MS.day;
  for (let i = 0; i < QUESTIONS; i += 1) {
    const reader: HistoryReader = await openForReading(folder);
    const startedMs = performance.now();
    const target = names[i % names.length] ?? '';
    const { period, summaries } = await reader.querySummaries({ target, fromMs: START_MS, toMs, leastPoints });
    times.push(performance.now() - startedMs);
    asked = `${summaries.length} of a ${period}`;
  }
  const ascending = sortAscending(times);
  const [median, p95] = [0.5, 0.95].map((share) => computePercentile(ascending, share).toFixed(1));
  return `| ${days} days, at least ${leastPoints} points | ${asked} | ${median} | ${p95} |`;
}

async function bench(): Promise<void> {
  const options = { days: { type: 'string' }, targets: { type: 'string' }, seed: { type: 'string' } } as const;
  const { values } = parseArgs({ options });
  const days = parseCount('--days', values.days, DEFAULT_DAYS);
  const count = parseCount('--targets', values.targets, DEFAULT_TARGETS);
  const seed = parseCount('--seed', values.seed, 1);
  await withTemporaryFolder(async (folder) => {
    const { appendMs, jsonBytes, names } = await writeDays(folder, days, count, seed);
    const use = await (await openForReading(folder)).measureUse();
    const perYear = PERIOD_NAMES.map((period) => ({ period, bytes: (use[period].bytes / days) * 365 }));
    const total = perYear.reduce((sum, { bytes }) => sum + bytes, 0);
    const ascending = sortAscending(appendMs);
    const lines = [
      `${days} days of ${count} targets at one minute of 600 samples, seed ${seed}`,
      '',
      '| kept | files | MB a year |',
      '|---|---|---|',
      ...perYear.map(({ period, bytes }) => `| ${period} | ${use[period].files} | ${(bytes / 1e6).toFixed(1)} |`),
      `| all | | ${(total / 1e6).toFixed(1)} |`,
      `| the same as one JSON array | | ${((jsonBytes / days) * 365 * 1e-6).toFixed(0)} |`,
      '',
      '| question | points | ms, median | ms, p95 |',
      '|---|---|---|---|',
      await time(folder, names, days, 300),
      await time(folder, names, days, 1000),
      await time(folder, names, 1, 1000),
      '',
      `append: median ${computePercentile(ascending, 0.5).toFixed(2)} ms, p99 ${computePercentile(ascending, 0.99).toFixed(2)} ms, with a compaction ${(ascending.at(-1) ?? 0).toFixed(0)} ms at most`,
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  });
}

try {
  await bench();
} catch (error) {
  const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
  if (!isUsage) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 64;
}
