// Many drawn paths on all cores.
import { createRandom } from '../../../src/model/random.js';
import { answerJobs, runOnAllCores } from '../on-all-cores.js';
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

interface Job {
  readonly quantity: BenchQuantity;
  readonly odd: OddKind | null;
  readonly seed: number;
}

export async function runGrid({ quantity, odd, draws, seed, note }: GridOptions): Promise<Outcome[]> {
  const jobs = Array.from({ length: draws }, (_, i): Job => ({ quantity, odd: odd ?? null, seed: seed + i }));
  const startedMs = performance.now();
  const outcomes = await runOnAllCores<Outcome>(import.meta.url, jobs);
  const perMinute = Math.round((draws * 60_000) / (performance.now() - startedMs));
  note(
    `${quantity}${odd === undefined ? '' : ` (${odd})`}: ${draws} paths, seeds ${seed} to ${seed + draws - 1}, ${perMinute} a minute`,
  );
  return outcomes;
}

await answerJobs(({ quantity, odd, seed }: Job): Promise<Outcome> => {
  const random = createRandom(seed);
  const isIdle = 'isOfIdlePaths' in READINGS[quantity];
  return runPath(quantity, seed, odd === null ? drawPath(random, isIdle) : drawOddPath(odd, random));
});
