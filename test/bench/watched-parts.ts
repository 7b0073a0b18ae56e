// The three parts, as the units start them, watching targets in the namespace across: what the benches of watching measure.
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT, startReady, type TestPath } from '../live/test-path.js';
import { readPartEnvironment } from './part-environment.js';
import { readProcessorSec, sumMemory } from './process-usage.js';

/** From packet to packet of each target. */
export const INTERVAL_MS = 500;
/** All addresses are within 10.66.0.0/24. */
export const MOST_TARGETS = 200;

/** Each in a process of its own, as the service units have it, or all in one, as `apparenet run` does. */
export type Arrangement = 'apart' | 'together';

export interface WatchedParts {
  /** Sequencer, analysis server and page; one where they are together. */
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

/** Gives the far end as many addresses. */
export function addAddresses(path: TestPath, count: number): readonly string[] {
  const addresses = Array.from({ length: count }, (_, i) => `10.66.0.${i + 10}`);
  for (const address of addresses) path.exec('far', 'ip', 'address', 'add', `${address}/24`, 'dev', 'fp');
  return addresses;
}

/** Resolves when all are ready; `folder` is theirs. A reflector of ours answers at the far end. */
export async function startWatchedParts(
  path: TestPath,
  folder: string,
  addresses: readonly string[],
  arrangement: Arrangement = 'apart',
): Promise<WatchedParts> {
  const part = (name: string, ...words: string[]): string[] => [
    'node',
    `${CHECKOUT}dist/src/main/${name}.js`,
    ...words,
  ];
  const config = join(folder, 'config.yaml');
  const lines = addresses.map((address, i) => `  - { name: t${i}, address: ${address}, intervalMs: ${INTERVAL_MS} }\n`);
  writeFileSync(config, `targets:\n${lines.join('')}`);
  const stops = [await startReady(path, 'far', part('tps', '--tps-socket', join(folder, 'far.sock')), /sequencer/)];
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0)) await one();
  };
  const startNear = async (command: readonly string[], ready: RegExp): Promise<number> => {
    const started: ChildProcess[] = [];
    const start: TestPath['start'] = (where, words, options) => {
      const child = path.start(where, words, { ...options, env: readPartEnvironment() });
      started.push(child);
      return child;
    };
    stops.unshift(await startReady({ start }, 'near', command, ready));
    return started[0]?.pid ?? 0;
  };
  try {
    const pids: number[] = [];
    const starts: readonly (readonly [words: readonly string[], ready: RegExp])[] = {
      apart: [
        [part('tps', '--state-dir', folder, '--udp-port', '3237'), /sequencer/],
        [part('as', '--state-dir', folder, '--config', config), /analysis server/],
        [part('ui'), /page/],
      ] as const,
      together: [
        [part('apparenet', 'run', '--state-dir', folder, '--config', config, '--udp-port', '3237'), /page/],
      ] as const,
    }[arrangement];
    for (const [words, ready] of starts) pids.push(await startNear(words, ready));
    return { pids, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What processes took and hold at one moment. */
export interface ProcessReading {
  readonly processorSec: number;
  readonly residentMb: number;
  /** What is shared with others counted by its share. */
  readonly proportionalMb: number;
  readonly atMs: number;
}

export function readProcesses(pids: readonly number[]): ProcessReading {
  return {
    processorSec: pids.reduce((sum, pid) => sum + readProcessorSec(pid), 0),
    residentMb: sumMemory(pids, 'Rss'),
    proportionalMb: sumMemory(pids, 'Pss'),
    atMs: performance.now(),
  };
}

/** % of one core. */
export function computeProcessor(from: ProcessReading, to: ProcessReading): number {
  return (100 * 1_000 * (to.processorSec - from.processorSec)) / (to.atMs - from.atMs);
}
