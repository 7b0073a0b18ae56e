// `scripts/bench examinations`: how many whole examinations a minute the simulator carries, one thread a core: named scenarios and
// paths drawn as for the accuracy bench, in turn. Arguments: [--rounds N] [--examinations N] [--seed N]. Progress goes to stderr, a
// table to stdout.
import { availableParallelism, loadavg } from 'node:os';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { parseArgs } from 'node:util';
import { computeMedian, computePercentile, sortAscending } from '../../src/analysis/statistics/quantile.js';
import { UsageError } from '../../src/model/errors.js';
import { createRandom } from '../../src/model/random.js';
import type { PathModel } from '../../src/simulator/path-model.js';
import { SCENARIOS } from '../../src/simulator/scenarios.js';
import { drawPath } from './accuracy/drawn-path.js';
import { examineSimulated } from './accuracy/simulated-draw.js';
import { parseCount } from './parse-count.js';

const DEFAULT_ROUNDS = 5;
const DEFAULT_EXAMINATIONS = 200;
/** Examinations a thread makes before the clock starts, so that its code is compiled. */
const WARM_UP = 12;
const MS_PER_MINUTE = 60_000;
const US_PER_MS = 1_000;

interface Order {
  readonly kind: Kind;
  readonly seed: number;
}

const KINDS = ['named', 'drawn'] as const;
type Kind = (typeof KINDS)[number];

function buildModel({ kind, seed }: Order): PathModel {
  const named = Object.values(SCENARIOS);
  const scenario = named[seed % named.length];
  return kind === 'named' && scenario !== undefined ? scenario : drawPath(createRandom(seed), false).model;
}

/** Each thread gets its next order when it has answered the last. Gives each examination's time in ms. */
async function runOrders(threads: readonly Worker[], orders: readonly Order[]): Promise<number[]> {
  const times: number[] = [];
  const waiting = [...orders];
  const serve = async (thread: Worker): Promise<void> => {
    for (let order = waiting.shift(); order !== undefined; order = waiting.shift()) {
      times.push(await runOrder(thread, order));
    }
  };
  await Promise.all(threads.map(serve));
  return times;
}

function runOrder(thread: Worker, order: Order): Promise<number> {
  return new Promise((resolve, reject) => {
    thread.once('error', reject);
    thread.once('message', (tookMs: number) => {
      thread.off('error', reject);
      resolve(tookMs);
    });
    thread.postMessage(order);
  });
}

interface Round {
  readonly perMinute: number;
  /** Of all threads together, the collector's work included: what is left of the minute where others use the cores, too. */
  readonly cpuMsEach: number;
  readonly timesMs: readonly number[];
}

async function runRound(threads: readonly Worker[], orders: readonly Order[]): Promise<Round> {
  const startedMs = performance.now();
  const usedBefore = process.cpuUsage();
  const timesMs = await runOrders(threads, orders);
  const { user, system } = process.cpuUsage(usedBefore);
  const perMinute = (orders.length * MS_PER_MINUTE) / (performance.now() - startedMs);
  return { perMinute, cpuMsEach: (user + system) / US_PER_MS / orders.length, timesMs };
}

function renderRow(kind: Kind, rounds: readonly Round[]): string {
  const timesMs = sortAscending(rounds.flatMap(({ timesMs: part }) => part));
  const cells = [
    kind,
    timesMs.length,
    renderSpread(rounds.map(({ perMinute }) => perMinute)),
    renderSpread(rounds.map(({ cpuMsEach }) => cpuMsEach)),
    ...[0.5, 0.95].map((share) => computePercentile(timesMs, share).toFixed(0)),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Median (least-most). */
function renderSpread(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `${computeMedian(values).toFixed(0)} (${least.toFixed(0)}-${most.toFixed(0)})`;
}

async function bench(): Promise<void> {
  const options = { rounds: { type: 'string' }, examinations: { type: 'string' }, seed: { type: 'string' } } as const;
  const { values } = parseArgs({ options });
  const rounds = parseCount('--rounds', values.rounds, DEFAULT_ROUNDS);
  const count = parseCount('--examinations', values.examinations, DEFAULT_EXAMINATIONS);
  const firstSeed = parseCount('--seed', values.seed, 1);
  const threads = Array.from({ length: availableParallelism() }, () => new Worker(new URL(import.meta.url)));
  const listOrders = (kind: Kind, from: number, length: number): Order[] =>
    Array.from({ length }, (_, i) => ({ kind, seed: from + i }));
  await runOrders(threads, listOrders('drawn', firstSeed, WARM_UP * threads.length));
  const rows: string[] = [];
  for (const kind of KINDS) {
    const done: Round[] = [];
    for (let round = 0; round < rounds; round += 1) {
      done.push(await runRound(threads, listOrders(kind, firstSeed + round * count, count)));
      process.stderr.write(`${kind}: round ${round + 1} of ${rounds}, ${done.at(-1)?.perMinute.toFixed(0)} a minute\n`);
    }
    rows.push(renderRow(kind, done));
  }
  await Promise.all(threads.map((thread) => thread.terminate()));
  process.stdout.write(
    `${[
      `${threads.length} threads; rounds of ${count}, seeds from ${firstSeed}: median (least-most); load at the end ${loadavg()[0]?.toFixed(1)}`,
      '',
      '| paths | examinations | a minute | CPU ms each | ms each, median | ms each, p95 |',
      '|---|---|---|---|---|---|',
      ...rows,
    ].join('\n')}\n`,
  );
}

if (isMainThread) {
  try {
    await bench();
  } catch (error) {
    const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
    if (!isUsage) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 64;
  }
} else {
  parentPort?.on('message', (order: Order) => {
    const startedMs = performance.now();
    void examineSimulated(buildModel(order), order.seed, null).then(() =>
      parentPort?.postMessage(performance.now() - startedMs),
    );
  });
}
