// Many drawn paths on all cores: one thread a core, each with every n-th draw.
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { createRandom } from '../../../src/model/random.js';
import { drawPath } from './drawn-path.js';
import { drawOddPath } from './odd-links.js';
import type { OddKind } from './odd-links.js';
import { runPath } from './simulated-draw.js';
import type { Outcome } from './simulated-draw.js';
import { READINGS } from './readings.js';
import type { BenchQuantity } from './readings.js';

export interface GridOptions {
  readonly quantity: BenchQuantity;
  /** Draw links of this kind instead of the grid. */
  readonly odd?: OddKind;
  readonly draws: number;
  /** Draw i uses seed `seed + i`. */
  readonly seed: number;
  readonly note: (line: string) => void;
}

interface Slice {
  readonly quantity: BenchQuantity;
  readonly odd: OddKind | null;
  readonly seeds: readonly number[];
}

export async function runGrid({ quantity, odd, draws, seed, note }: GridOptions): Promise<Outcome[]> {
  const threads = Math.min(draws, availableParallelism());
  const seeds = Array.from({ length: draws }, (_, i) => seed + i);
  const startedMs = performance.now();
  const slices = Array.from({ length: threads }, (_, thread) => seeds.filter((_seed, i) => i % threads === thread));
  const outcomes = await Promise.all(slices.map((part) => runInThread({ quantity, odd: odd ?? null, seeds: part })));
  const perMinute = Math.round((draws * 60_000) / (performance.now() - startedMs));
  note(
    `${quantity}${odd === undefined ? '' : ` (${odd})`}: ${draws} paths, seeds ${seed} to ${seed + draws - 1}, ${perMinute} a minute`,
  );
  return outcomes.flat().sort((a, b) => a.seed - b.seed);
}

function runInThread(slice: Slice): Promise<Outcome[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: slice });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

if (!isMainThread) {
  const { quantity, odd, seeds } = workerData as Slice;
  const isIdle = 'isOfIdlePaths' in READINGS[quantity];
  const outcomes: Outcome[] = [];
  for (const seed of seeds) {
    const random = createRandom(seed);
    outcomes.push(await runPath(quantity, seed, odd === null ? drawPath(random, isIdle) : drawOddPath(odd, random)));
  }
  parentPort?.postMessage(outcomes);
}
