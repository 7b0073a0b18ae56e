// `scripts/bench accuracy`: how far each estimate is from the truth, how often its interval holds it and what it costs, over paths
// drawn on the simulator, or with --live beside the tools people use on shaped links between namespaces.
// Arguments: [--draws N] [--seed N] [--worst N] | --live [--rounds N], [QUANTITY…]. Progress goes to stderr, tables to stdout. Ctrl-C ends
// --live with the tables of what was measured until then.
import { parseArgs } from 'node:util';
import { UsageError } from '../../src/model/errors.js';
import { LIVE_QUANTITIES, runLiveGrid } from './accuracy/live-grid.js';
import { renderLiveTable } from './accuracy/live-table.js';
import { BENCH_QUANTITIES } from './accuracy/readings.js';
import { renderScores } from './accuracy/score.js';
import { runGrid } from './accuracy/simulated-grid.js';
import type { GridOptions } from './accuracy/simulated-grid.js';
import { ODD_KINDS, renderOddLinks } from './accuracy/odd-links.js';
import type { OddKind } from './accuracy/odd-links.js';
import type { Outcome } from './accuracy/simulated-draw.js';
import { parseCount } from './parse-count.js';

const DEFAULT_DRAWS = 600;
const DEFAULT_ROUNDS = 3;
/** 128 + SIGINT, as shells have it. */
const EXIT_INTERRUPTED = 130;

interface BenchArguments {
  readonly draws: number;
  readonly seed: number;
  /** Print so many of the worst runs, to be repeated one by one. */
  readonly worst: number;
  readonly words: readonly string[];
  readonly isLive: boolean;
  readonly rounds: number;
}

function parseBenchArguments(words: readonly string[]): BenchArguments {
  const { values, positionals } = parseArgs({
    args: [...words],
    options: {
      draws: { type: 'string' },
      seed: { type: 'string' },
      worst: { type: 'string' },
      live: { type: 'boolean' },
      rounds: { type: 'string' },
    },
    allowPositionals: true,
  });
  return {
    isLive: values.live === true,
    rounds: parseCount('--rounds', values.rounds, DEFAULT_ROUNDS),
    words: positionals,
    draws: parseCount('--draws', values.draws, DEFAULT_DRAWS),
    seed: parseCount('--seed', values.seed, 1),
    worst: parseCount('--worst', values.worst, 0),
  };
}

/** Those named, or all. @throws UsageError for a name that is none. */
function chooseNames<T extends string>(words: readonly string[], names: readonly T[]): readonly T[] {
  if (words.length === 0) return names;
  return words.map((word) => {
    const name = names.find((known) => known === word);
    if (name !== undefined) return name;
    throw new UsageError(
      'usage.argument',
      `no quantity of this bench is called "${word}"; there are ${names.join(', ')}`,
    );
  });
}

function renderWorst(outcomes: readonly Outcome[], count: number): string {
  const worst = [...outcomes].sort((a, b) => Math.abs(b.error) - Math.abs(a.error)).slice(0, count);
  return worst.map((outcome) => JSON.stringify(outcome)).join('\n');
}

async function main(): Promise<void> {
  const bench = parseBenchArguments(process.argv.slice(2));
  const note = (line: string): unknown => process.stderr.write(`${line}\n`);
  await (bench.isLive ? benchLive(bench, note) : benchSimulated(bench, note));
}

async function benchSimulated(
  { words, draws, seed, worst }: BenchArguments,
  note: (line: string) => void,
): Promise<void> {
  for (const quantity of chooseNames(words, BENCH_QUANTITIES)) {
    const outcomes = await runGrid({ quantity, draws, seed, note });
    process.stdout.write(`${renderScores(quantity, outcomes)}\n\n`);
    if (worst > 0) process.stdout.write(`${renderWorst(outcomes, worst)}\n\n`);
    if (quantity === 'capacity') await benchOddLinks({ draws, seed, note });
  }
}

async function benchOddLinks(grid: Omit<GridOptions, 'quantity' | 'odd'>): Promise<void> {
  const byKind = new Map<OddKind, readonly Outcome[]>();
  const draws = Math.ceil(grid.draws / 4);
  for (const odd of ODD_KINDS) byKind.set(odd, await runGrid({ ...grid, draws, quantity: 'capacity', odd }));
  process.stdout.write(`${renderOddLinks(byKind)}\n\n`);
}

async function benchLive({ words, rounds }: BenchArguments, note: (line: string) => void): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // Who asks twice does not wait for the tables.
      if (stop.signal.aborted) process.exit(EXIT_INTERRUPTED);
      stop.abort();
      process.exitCode = EXIT_INTERRUPTED;
    });
  }
  const quantities = chooseNames(words, LIVE_QUANTITIES);
  const outcomes = await runLiveGrid({ rounds, quantities, note, signal: stop.signal });
  for (const quantity of quantities) process.stdout.write(`${renderLiveTable(quantity, outcomes)}\n\n`);
}

try {
  await main();
} catch (error) {
  const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
  if (!isUsage) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 64;
}
