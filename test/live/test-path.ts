// A path of two network namespaces joined by a veth pair, for live tests. Nothing leads out of it.
// Needs root; `liveSkip` is the reason to give node:test where it is missing.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const CHECKOUT = fileURLToPath(new URL('../../../', import.meta.url));
export const APPARENET = join(CHECKOUT, 'dist/src/main/apparenet.js');

export const liveSkip: string | false =
  process.getuid?.() !== 0
    ? 'needs root to make network namespaces'
    : !['/usr/sbin/ip', '/sbin/ip', '/usr/bin/ip'].some((path) => existsSync(path))
      ? 'needs iproute2'
      : false;

/** Before a command: runs it as a user without any privilege. */
export const AS_NOBODY: readonly string[] = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

/** Reason to skip what an ordinary user has to run from here: a checkout below a private folder such as /root. */
export const ordinaryUserSkip: string | false =
  liveSkip !== false
    ? liveSkip
    : spawnSync('setpriv', [...AS_NOBODY.slice(1), 'test', '-r', APPARENET]).status === 0
      ? false
      : `an ordinary user cannot read ${CHECKOUT}`;

const ip = (...words: string[]): string => execFileSync('ip', words, { encoding: 'utf8' });

export interface TestPath {
  /** Names of the namespaces. */
  readonly near: string;
  readonly far: string;
  readonly nearAddress: string;
  readonly farAddress: string;
  readonly nearAddress6: string;
  readonly farAddress6: string;
  /** Name of the port in `near`; the far one is `fp`. */
  readonly port: string;
  /** Runs a command in a namespace and gives its stdout. */
  exec(where: 'near' | 'far', ...command: string[]): string;
  /** Starts one that goes on; the caller ends it. */
  start(where: 'near' | 'far', command: readonly string[], options?: SpawnOptions): ChildProcess;
  remove(): void;
}

let made = 0;

/**
 * Addresses are 10.66.0.1 and .2 /24, fd66::1 and ::2 /64, and link-local ones; usable at once, since no port looks for doubles of
 * its addresses: while it does so, a second or two, it cannot ask for neighbours, either.
 */
export function createTestPath(): TestPath {
  made += 1;
  const near = `ant-${process.pid}-${made}n`;
  const far = `ant-${process.pid}-${made}f`;
  const exec = (where: 'near' | 'far', ...command: string[]): string =>
    ip('netns', 'exec', where === 'near' ? near : far, ...command);
  ip('netns', 'add', near);
  ip('netns', 'add', far);
  ip('link', 'add', 'np', 'netns', near, 'type', 'veth', 'peer', 'name', 'fp', 'netns', far);
  for (const [where, port, host] of [
    ['near', 'np', 1],
    ['far', 'fp', 2],
  ] as const) {
    exec(where, 'ip', 'link', 'set', 'lo', 'up');
    exec(where, 'ip', 'address', 'add', `10.66.0.${host}/24`, 'dev', port);
    exec(where, 'sh', '-c', `echo 0 > /proc/sys/net/ipv6/conf/${port}/accept_dad`);
    exec(where, 'ip', 'address', 'add', `fd66::${host}/64`, 'dev', port);
    exec(where, 'ip', 'link', 'set', port, 'up');
  }
  return {
    near,
    far,
    nearAddress: '10.66.0.1',
    farAddress: '10.66.0.2',
    nearAddress6: 'fd66::1',
    farAddress6: 'fd66::2',
    port: 'np',
    exec,
    start: (where, command, options) =>
      spawn('ip', ['netns', 'exec', where === 'near' ? near : far, ...command], options ?? {}),
    remove() {
      ip('netns', 'del', near);
      ip('netns', 'del', far);
    },
  };
}

/** Runs a command whose exit status may be anything. */
export function runFailing(
  path: TestPath,
  where: 'near' | 'far',
  command: readonly string[],
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync('ip', ['netns', 'exec', path[where], ...command], { encoding: 'utf8' });
}

const READY_WAIT_MS = 10_000;

/**
 * Starts a command that goes on, and waits until it has printed `ready`; the function returned ends it and waits for its end.
 * Rejects with what it printed when it ends before, or takes longer than 10 s.
 */
export async function startReady(
  path: Pick<TestPath, 'start'>,
  where: 'near' | 'far',
  command: readonly string[],
  ready: RegExp,
): Promise<() => Promise<void>> {
  const child = path.start(where, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string): void =>
      reject(new assert.AssertionError({ message: `${command.join(' ')} ${why}: ${printed}` }));
    const timer = setTimeout(() => fail('did not get ready'), READY_WAIT_MS);
    const onData = (chunk: Buffer): void => {
      printed += chunk.toString();
      if (!ready.test(printed)) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout?.on('data', onData);
    child.stderr?.on('data', onData);
    child.once('exit', (code) => fail(`ended with ${String(code)}`));
  });
  return async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await ended;
    }
  };
}
