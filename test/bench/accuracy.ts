// `scripts/bench accuracy`: how far each estimate is from the truth, how often its interval holds it and what it costs, over paths
// drawn on the simulator. Arguments: [--draws N] [--seed N] [--worst N] [QUANTITY…]. Progress goes to stderr, tables to stdout.
import { parseArgs } from 'node:util';
import { UsageError } from '../../src/model/errors.js';
import { BENCH_QUANTITIES } from './accuracy/readings.js';
import type { BenchQuantity } from './accuracy/readings.js';
import { renderScores } from './accuracy/score.js';
import { runGrid } from './accuracy/simulated-grid.js';
import type { Outcome } from './accuracy/simulated-draw.js';

const DEFAULT_DRAWS = 600;

interface BenchArguments {
  readonly draws: number;
  readonly seed: number;
  /** Print so many of the worst runs, to be repeated one by one. */
  readonly worst: number;
  readonly quantities: readonly BenchQuantity[];
}

function parseBenchArguments(words: readonly string[]): BenchArguments {
  const { values, positionals } = parseArgs({
    args: [...words],
    options: { draws: { type: 'string' }, seed: { type: 'string' }, worst: { type: 'string' } },
    allowPositionals: true,
  });
  const quantities = positionals.map((word) => {
    const quantity = BENCH_QUANTITIES.find((name) => name === word);
    if (quantity !== undefined) return quantity;
    const names = BENCH_QUANTITIES.join(', ');
    throw new UsageError('usage.argument', `no quantity of the bench is called "${word}"; there are ${names}`);
  });
  return {
    draws: parseCount('--draws', values.draws, DEFAULT_DRAWS),
    seed: parseCount('--seed', values.seed, 1),
    worst: parseCount('--worst', values.worst, 0),
    quantities: quantities.length > 0 ? quantities : BENCH_QUANTITIES,
  };
}

function parseCount(option: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError('usage.argument', `${option} takes a whole number, not "${text}"`);
}

function renderWorst(outcomes: readonly Outcome[], count: number): string {
  const worst = [...outcomes].sort((a, b) => Math.abs(b.error) - Math.abs(a.error)).slice(0, count);
  return worst.map((outcome) => JSON.stringify(outcome)).join('\n');
}

async function main(): Promise<void> {
  const { draws, seed, worst, quantities } = parseBenchArguments(process.argv.slice(2));
  const note = (line: string): unknown => process.stderr.write(`${line}\n`);
  for (const quantity of quantities) {
    const outcomes = await runGrid({ quantity, draws, seed, note });
    process.stdout.write(`${renderScores(quantity, outcomes)}\n\n`);
    if (worst > 0) process.stdout.write(`${renderWorst(outcomes, worst)}\n\n`);
  }
}

try {
  await main();
} catch (error) {
  const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
  if (!isUsage) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 64;
}
