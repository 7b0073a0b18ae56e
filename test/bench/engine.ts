// `scripts/bench engine`: our engine and its peers side by side on a veth pair, in the same minutes; prints a markdown table.
// Arguments: WORK-DIR [--rounds N] [PART…]. Progress goes to stderr.
import { cpus, loadavg, release } from 'node:os';
import { UsageError } from '../../src/model/errors.js';
import { createTestPath, type TestPath } from '../live/test-path.js';
import { renderFigures, type Figure } from './figure.js';
import { benchPacing } from './pacing.js';
import { benchReceiveRate } from './receive-rate.js';
import { benchRttNoise } from './rtt-noise.js';
import { benchSendRate, type BenchOptions } from './send-rate.js';

const PARTS: Readonly<Record<string, (path: TestPath, options: BenchOptions) => Promise<Figure[]>>> = {
  'rtt-noise': benchRttNoise,
  pacing: benchPacing,
  'send-rate': benchSendRate,
  'receive-rate': benchReceiveRate,
};
const DEFAULT_ROUNDS = 5;
/** 128 + SIGINT, as shells have it. */
const EXIT_INTERRUPTED = 130;

function parseArguments(words: readonly string[]): {
  readonly workDir: string;
  rounds: number;
  parts: readonly string[];
} {
  const [workDir = '', ...rest] = words;
  const at = rest.indexOf('--rounds');
  const rounds = at < 0 ? DEFAULT_ROUNDS : Number(rest[at + 1]);
  const parts = at < 0 ? rest : rest.toSpliced(at, 2);
  if (!(Number.isInteger(rounds) && rounds >= 1 && rounds <= 100)) {
    throw new UsageError('usage.argument', '--rounds takes a whole number from 1 to 100');
  }
  const stranger = parts.find((part) => !(part in PARTS));
  if (stranger !== undefined) {
    throw new UsageError(
      'usage.argument',
      `no part is called "${stranger}"; there are ${Object.keys(PARTS).join(', ')}`,
    );
  }
  return { workDir, rounds, parts: parts.length > 0 ? parts : Object.keys(PARTS) };
}

async function main(): Promise<void> {
  const { workDir, rounds, parts } = parseArguments(process.argv.slice(2));
  const [loadBefore = NaN] = loadavg();
  const path = createTestPath();
  process.once('exit', () => path.remove());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(EXIT_INTERRUPTED));
  const figures: Figure[] = [];
  const note = (line: string): unknown => process.stderr.write(`${line}\n`);
  for (const part of parts) figures.push(...((await PARTS[part]?.(path, { rounds, workDir, note })) ?? []));
  const [cpu] = cpus();
  const machine = `${cpus().length} x ${cpu?.model.trim() ?? 'unknown'}, Linux ${release()}, Node ${process.versions.node}, load ${loadBefore.toFixed(1)} before`;
  const today = new Date().toISOString().slice(0, 10);
  process.stdout.write(`${today}, ${machine}; medians of ${rounds} rounds (least-most)\n\n${renderFigures(figures)}\n`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
