// Processes that a test starts: what they print, how they end, and that none outlives its test.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'node:test';

export interface Child {
  readonly pid: number;
  /** Resolves with the first line of either stream that matches. Rejects when the process ends before. */
  waitForLine(pattern: RegExp): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  /** Exit code, or the signal that ended it; with what was printed. */
  readonly ended: Promise<{ readonly code: number | NodeJS.Signals; readonly output: string }>;
}

/**
 * `program` is a compiled file beside dist/src or dist/test, such as `../../../src/main/apparenet.js`. It keeps its state in a folder
 * of its own, not in that of this machine.
 */
export function startChild(
  context: TestContext,
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Child {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const stateFolder = mkdtempSync(join(tmpdir(), 'apparenet-state-'));
  const child = spawn(process.execPath, [path, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, STATE_DIRECTORY: stateFolder, ...env },
  });
  let output = '';
  const listeners = new Set<() => void>();
  const collect = (chunk: Buffer) => {
    output += chunk.toString();
    for (const listener of listeners) listener();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const ended = once(child, 'close').then((values) => {
    const [code, signal] = values as [number | null, NodeJS.Signals | null];
    return { code: code ?? signal ?? 'SIGKILL', output };
  });
  context.after(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(stateFolder, { recursive: true, force: true });
  });
  const waitForLine = async (pattern: RegExp): Promise<string> => {
    const found = new Promise<string>((resolve) => {
      const look = () => {
        const line = output.split('\n').find((candidate) => pattern.test(candidate));
        if (line === undefined) return;
        listeners.delete(look);
        resolve(line);
      };
      listeners.add(look);
      look();
    });
    const tooEarly = ended.then(({ code }) =>
      Promise.reject(new Error(`ended with ${code} before ${pattern}: ${output}`)),
    );
    return Promise.race([found, tooEarly]);
  };
  return { pid: child.pid ?? 0, waitForLine, kill: (signal) => void child.kill(signal), ended };
}
