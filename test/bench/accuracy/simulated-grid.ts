// Many drawn paths on all cores: one thread a core, each with every n-th draw.
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { runDraw } from './simulated-draw.js';
import type { Outcome } from './simulated-draw.js';
import type { BenchQuantity } from './readings.js';

export interface GridOptions {
  readonly quantity: BenchQuantity;
  readonly draws: number;
  /** Draw i uses seed `seed + i`. */
  readonly seed: number;
  readonly note: (line: string) => void;
}

interface Slice {
  readonly quantity: BenchQuantity;
  readonly seeds: readonly number[];
}

export async function runGrid({ quantity, draws, seed, note }: GridOptions): Promise<Outcome[]> {
  const threads = Math.min(draws, availableParallelism());
  const seeds = Array.from({ length: draws }, (_, i) => seed + i);
  const startedMs = performance.now();
  const slices = Array.from({ length: threads }, (_, thread) => seeds.filter((_seed, i) => i % threads === thread));
  const outcomes = await Promise.all(slices.map((part) => runInThread({ quantity, seeds: part })));
  const perMinute = Math.round((draws * 60_000) / (performance.now() - startedMs));
  note(`${quantity}: ${draws} paths, seeds ${seed} to ${seed + draws - 1}, ${perMinute} a minute`);
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
  const { quantity, seeds } = workerData as Slice;
  const outcomes: Outcome[] = [];
  for (const seed of seeds) outcomes.push(await runDraw(quantity, seed));
  parentPort?.postMessage(outcomes);
}
