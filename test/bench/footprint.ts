// How much memory the three parts hold and how soon they are ready: as processes of their own, as the units start them, and in one;
// beside bare Node.js processes, which is what any program of this kind begins with. In a namespace without a way out.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CHECKOUT, createTestPath } from '../live/test-path.js';
import { computeMedian } from '../../src/analysis/statistics/quantile.js';
import { InvariantError } from '../../src/model/errors.js';
import { parseCount } from './parse-count.js';
import { readPartEnvironment } from './part-environment.js';
import { sumMemory } from './process-usage.js';

/** What started has come to rest by then. */
const REST_SEC = 10;
const BARE = ['-e', 'process.stderr.write("ready\\n"); setInterval(() => undefined, 1e6)'];

interface Footprint {
  readonly readyMs: number;
  readonly residentMb: number;
  readonly proportionalMb: number;
}

const { values } = parseArgs({ options: { rounds: { type: 'string' } } });
const rounds = parseCount('--rounds', values.rounds, 5);
const path = createTestPath();
try {
  const rows = new Map<string, Footprint[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (const [who, compose] of Object.entries(composeContenders())) {
      const folder = mkdtempSync(join(tmpdir(), 'apparenet-footprint-'));
      rows.set(who, [...(rows.get(who) ?? []), await measure(compose(folder))]);
      rmSync(folder, { recursive: true });
    }
  }
  process.stdout.write(`${renderRows(rows)}\n`);
} finally {
  path.remove();
}

interface Start {
  readonly words: readonly string[];
  readonly ready: RegExp;
  readonly env?: NodeJS.ProcessEnv;
}

function composeContenders(): Readonly<Record<string, (folder: string) => readonly Start[]>> {
  const main = (name: string, ...words: string[]): string[] => [`${CHECKOUT}dist/src/main/${name}.js`, ...words];
  const env = readPartEnvironment();
  return {
    'appareNet, three processes': (folder) => [
      { words: main('tps', '--state-dir', folder), ready: /^sequencer/m, env },
      { words: main('as', '--state-dir', folder), ready: /^analysis server/m, env },
      { words: main('ui'), ready: /^page/m, env },
    ],
    'appareNet, one process': (folder) => [
      { words: main('apparenet', 'run', '--state-dir', folder), ready: /^page/m, env },
    ],
    'bare Node.js, three processes': () => [1, 2, 3].map(() => ({ words: BARE, ready: /ready/ })),
    'bare Node.js, one process': () => [{ words: BARE, ready: /ready/ }],
  };
}

/** All are started at once; ready is when the last one says so. */
async function measure(starts: readonly Start[]): Promise<Footprint> {
  const begunMs = performance.now();
  const children = starts.map(({ words, env = process.env }) =>
    spawn('ip', ['netns', 'exec', path.near, process.execPath, ...words], { stdio: ['ignore', 'ignore', 'pipe'], env }),
  );
  try {
    await Promise.all(children.map((child, i) => waitFor(child, starts[i]?.ready ?? /^$/)));
    const readyMs = performance.now() - begunMs;
    await setTimeout(REST_SEC * 1_000);
    // `ip netns exec` becomes what it starts.
    const pids = children.map(({ pid }) => pid ?? 0);
    return { readyMs, residentMb: sumMemory(pids, 'Rss'), proportionalMb: sumMemory(pids, 'Pss') };
  } finally {
    const ended = children.map((child) => (child.exitCode === null ? once(child, 'exit') : Promise.resolve()));
    for (const child of children) child.kill('SIGTERM');
    await Promise.all(ended);
  }
}

function waitFor(child: ChildProcess, pattern: RegExp): Promise<void> {
  let text = '';
  return new Promise((resolve, reject) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (pattern.test(text)) resolve();
    });
    child.once('exit', () => reject(new InvariantError(`ended before ${pattern}: ${text}`)));
  });
}

function renderRows(rows: ReadonlyMap<string, readonly Footprint[]>): string {
  const median = (all: readonly Footprint[], key: keyof Footprint): string =>
    computeMedian(all.map((one) => one[key])).toFixed(0);
  return [
    '| who | ready after, ms | RSS, MiB | PSS, MiB |',
    '|---|---|---|---|',
    ...[...rows].map(
      ([who, all]) =>
        `| ${who} | ${median(all, 'readyMs')} | ${median(all, 'residentMb')} | ${median(all, 'proportionalMb')} |`,
    ),
  ].join('\n');
}
