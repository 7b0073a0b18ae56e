// A path with faults between two network namespaces that nothing leads out of: TAP ports and the emulator of this folder, so that
// real packets of the native engine meet faults in real time. What stages there are stands in path-emulator.c. Needs root and cc.
import { execFileSync, spawn, spawnSync, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildProgram, startProgram, type RunningProgram } from '../c-program.js';
import { CHECKOUT } from '../test-path.js';

/** Name of the emulator's port at either end. */
export const EMULATED_PORT = 'em0';
const MAIN = 'path-emulator.c';
/** Frames that a TAP port holds until the emulator takes them: more than any train has. */
const PORT_FRAMES = '4000';

export interface EmulatedPath {
  readonly nearAddress: string;
  readonly farAddress: string;
  /** EMULATED_PORT. */
  readonly port: string;
  /** Runs a command in a namespace and gives its stdout. */
  exec(where: 'near' | 'far', ...command: string[]): string;
  /** What to put before a command of the near end. */
  readonly before: readonly string[];
  /** Starts one that goes on; the caller ends it. */
  start(where: 'near' | 'far', command: readonly string[], options?: SpawnOptions): ChildProcess;
  /** Ends the emulator; the path carries nothing any more. */
  endDelivery(): Promise<Delivery>;
  remove(): void;
}

/** How well the emulator kept its own instants: what became of frames is computed from when they left, but it may deliver them late. */
export interface Delivery {
  readonly delivered: number;
  /** By more than 20 us. */
  readonly late: number;
  readonly worstNs: number;
}

/** Carries frames between two namespaces, each of which gets a port `em0`, still down; see createEmulatedPath. */
export async function startEmulator(
  namespaces: readonly [near: string, far: string],
  stages: readonly string[],
  seed = 1,
): Promise<RunningProgram> {
  const files = readdirSync(join(CHECKOUT, 'test/live/emulator')).filter((name) => name.endsWith('.c'));
  const sources = [MAIN, ...files.filter((name) => name !== MAIN)].map((name) => join('emulator', name));
  return startProgram(buildProgram(sources), [...namespaces, String(seed), ...stages]);
}

let made = 0;

/** `stages` in the order in which packets of the near end meet them; `seed` for what they draw. */
export async function createEmulatedPath(stages: readonly string[], seed = 1): Promise<EmulatedPath> {
  made += 1;
  const names = { near: `ane-${process.pid}-${made}n`, far: `ane-${process.pid}-${made}f` };
  const exec = (where: 'near' | 'far', ...command: string[]): string =>
    execFileSync('ip', ['netns', 'exec', names[where], ...command], { encoding: 'utf8' });
  for (const name of Object.values(names)) execFileSync('ip', ['netns', 'add', name]);
  // What IPv6 says by itself when a port comes up is no traffic of a test.
  for (const where of ['near', 'far'] as const) exec(where, 'sysctl', '-q', 'net.ipv6.conf.default.disable_ipv6=1');
  let emulator: RunningProgram | null = null;
  const remove = (): void => {
    emulator?.stop();
    for (const name of Object.values(names)) spawnSync('ip', ['netns', 'del', name]);
  };
  try {
    emulator = await startEmulator([names.near, names.far], stages, seed);
    for (const [where, host] of [
      ['near', 1],
      ['far', 2],
    ] as const) {
      exec(where, 'ip', 'link', 'set', 'lo', 'up');
      exec(where, 'ip', 'link', 'set', EMULATED_PORT, 'txqueuelen', PORT_FRAMES);
      exec(where, 'ip', 'address', 'add', `10.68.0.${host}/24`, 'dev', EMULATED_PORT);
      exec(where, 'ip', 'link', 'set', EMULATED_PORT, 'up');
    }
  } catch (error) {
    remove();
    throw error;
  }
  const running = emulator;
  return {
    nearAddress: '10.68.0.1',
    farAddress: '10.68.0.2',
    port: EMULATED_PORT,
    exec,
    before: ['ip', 'netns', 'exec', names.near],
    start: (where, command, options) => spawn('ip', ['netns', 'exec', names[where], ...command], options ?? {}),
    endDelivery: async () => JSON.parse(await running.end()) as Delivery,
    remove,
  };
}
