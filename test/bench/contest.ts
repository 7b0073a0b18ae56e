// How contenders are run: in a namespace, to their end or until told, with their answer as text or JSON.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { DeviceError } from '../../src/model/errors.js';
import type { TestPath } from '../live/test-path.js';

const TCPDUMP_FLUSH_MS = 1500;

export type Where = 'near' | 'far';

/** The command that runs one of the TypeScript contenders. */
export function contender(name: string, ...words: readonly (string | number)[]): string[] {
  const file = fileURLToPath(new URL(`contenders/${name}.js`, import.meta.url));
  return [process.execPath, file, ...words.map(String)];
}

/** On one core and no other. The observers have the second one. */
export function onCore(core: number, command: readonly string[]): string[] {
  return ['taskset', '--cpu-list', String(core), ...command];
}

/** Runs to the end. @throws DeviceError when it ends badly, with what it said. */
export async function runToEnd(path: TestPath, where: Where, command: readonly string[]): Promise<string> {
  const child = path.start(where, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [said, complained] = await Promise.all([collect(child.stdout), collect(child.stderr), once(child, 'close')]);
  if (child.exitCode !== 0) throw failure(command, complained);
  return said;
}

/** Something that runs beside a contender. */
export interface Companion {
  /** Closes its stdin, or sends a signal where one is named, and gives all it said after it was ready. */
  finish(signal?: NodeJS.Signals): Promise<string>;
}

/** Starts it and waits until it says a line that has `readyWord` in it, on stdout or stderr. */
export async function startCompanion(
  path: TestPath,
  where: Where,
  command: readonly string[],
  readyWord: string,
): Promise<Companion> {
  const child = path.start(where, command, { stdio: ['pipe', 'pipe', 'pipe'] });
  const end = (): unknown => child.kill('SIGKILL');
  process.once('exit', end);
  const closed = once(child, 'close');
  child.once('close', () => process.off('exit', end));
  let said = '';
  const ready = new Promise<void>((resolve, reject) => {
    const listen = (chunk: Buffer): void => {
      said += chunk.toString();
      if (said.includes(readyWord)) resolve();
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('close', () => reject(failure(command, said)));
  });
  await ready;
  return {
    async finish(signal) {
      if (signal) child.kill(signal);
      else child.stdin?.end();
      await closed;
      return said;
    },
  };
}

async function collect(stream: ChildProcess['stdout']): Promise<string> {
  return stream ? text(stream) : '';
}

function failure(command: readonly string[], complaint: string): DeviceError {
  return new DeviceError('device.io', `${command.join(' ')} failed: ${complaint.trim().slice(-500)}`);
}

/** Stops a tcpdump after the kernel has handed it the last block of packets, which it does once a second. */
export async function finishTcpdump(tcpdump: Companion): Promise<string> {
  await setTimeout(TCPDUMP_FLUSH_MS);
  return tcpdump.finish('SIGINT');
}

/** The last line of what a contender said. */
export function parseLastLine(said: string): unknown {
  return JSON.parse(said.trim().split('\n').at(-1) ?? '');
}
