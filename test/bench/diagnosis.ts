// `scripts/bench diagnosis`: how often the right fault is named on drawn paths, how often a healthy path raises an alarm, how far
// stated probabilities can be trusted, and what it costs. Arguments: [--draws N] [--seed N] [--depth DEPTH] [--wrong N] [--pauses] [KIND…].
// Progress goes to stderr, tables to stdout.
import { parseArgs } from 'node:util';
import { UsageError } from '../../src/model/errors.js';
import { DEPTHS } from '../../src/model/examination.js';
import { isRight, nameVerdict } from './diagnosis/case-outcome.js';
import type { CaseOutcome } from './diagnosis/case-outcome.js';
import { CASE_KINDS } from './diagnosis/cases.js';
import { renderConfusion, renderCosts, renderKinds, renderReliability } from './diagnosis/diagnosis-tables.js';
import { LIVE_KINDS } from './diagnosis/live-cases.js';
import { runLiveCases } from './diagnosis/live-runs.js';
import { runCases } from './diagnosis/simulated-cases.js';
import type { Delivery } from '../live/emulator/emulated-path.js';
import { parseCount } from './parse-count.js';

const DEFAULT_DRAWS = 40;
/** A path takes some fifteen seconds. */
const DEFAULT_LIVE_DRAWS = 3;
/** Far from the seeds that tests and calibrations use. */
const DEFAULT_SEED = 900_001;

function chooseKinds(words: readonly string[], known: readonly string[]): readonly string[] {
  for (const word of words) {
    if (known.includes(word)) continue;
    throw new UsageError('usage.argument', `no path of this bench is called "${word}"; there are ${known.join('; ')}`);
  }
  return words.length === 0 ? known : words;
}

function reportCase(outcome: CaseOutcome, { delivered, late, worstNs }: Delivery): void {
  const { kind, ends, seed } = outcome;
  process.stderr.write(
    `${isRight(outcome) ? 'right' : 'WRONG'}  ${kind}, ${ends}, ${seed}: ${nameVerdict(outcome)}; the emulator delivered ${late} of ` +
      `${delivered} frames late, at worst by ${(worstNs / 1e6).toFixed(1)} ms\n`,
  );
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    args: process.argv.slice(2),
    options: {
      live: { type: 'boolean', default: false },
      pauses: { type: 'boolean', default: false },
      draws: { type: 'string' },
      seed: { type: 'string' },
      depth: { type: 'string' },
      wrong: { type: 'string' },
    },
    allowPositionals: true,
  });
  const kinds = chooseKinds(positionals, values.live ? LIVE_KINDS : CASE_KINDS);
  const draws = parseCount('--draws', values.draws, values.live ? DEFAULT_LIVE_DRAWS : DEFAULT_DRAWS);
  const seed = parseCount('--seed', values.seed, DEFAULT_SEED);
  const depth = DEPTHS.find((known) => known === (values.depth ?? 'normal'));
  if (depth === undefined) throw new UsageError('usage.argument', `--depth takes one of ${DEPTHS.join(', ')}`);
  const startedMs = performance.now();
  const options = { kinds, draws, seed, depth, machines: values.pauses ? 'pausing' : 'steady' } as const;
  const outcomes = await (values.live ? runLiveCases(options, reportCase) : runCases(options));
  const perMinute = Math.round((outcomes.length * 60_000) / (performance.now() - startedMs));
  process.stderr.write(
    `${outcomes.length} paths, seeds ${seed} to ${seed + draws - 1} of each kind, ${perMinute} a minute\n`,
  );
  const tables = [renderKinds, renderConfusion, renderReliability, renderCosts].map((render) => render(outcomes));
  process.stdout.write(`${tables.join('\n\n')}\n`);
  const wrong = outcomes.filter((outcome) => !isRight(outcome)).slice(0, parseCount('--wrong', values.wrong, 0));
  for (const outcome of wrong) process.stdout.write(`${JSON.stringify(outcome)}\n`);
}

try {
  await main();
} catch (error) {
  const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
  if (!isUsage) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 64;
}
