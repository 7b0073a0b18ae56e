// C programs that play a part in live tests, built from this checkout when they are first wanted. Needs cc.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { CHECKOUT } from './test-path.js';

const FLAGS = ['-std=c11', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror', '-O2'];

const built = new Map<string, string>();

/** Path of the program, which goes with this process. `sources` from test/live/, that of `main` first; `defines` as for cc. */
export function buildProgram(sources: readonly string[], defines: readonly string[] = []): string {
  const key = [...sources, ...defines].join(' ');
  const known = built.get(key);
  if (known !== undefined) return known;
  const folder = mkdtempSync(join(tmpdir(), 'apparenet-live-'));
  process.once('exit', () => rmSync(folder, { recursive: true }));
  const program = join(folder, basename(sources[0] ?? '', '.c'));
  const files = sources.map((source) => join(CHECKOUT, 'test/live', source));
  execFileSync('cc', [...FLAGS, ...defines, '-o', program, ...files, '-lm']);
  built.set(key, program);
  return program;
}

export interface RunningProgram {
  /** Does not wait for its end; to be called once or more. */
  stop(): void;
  /** Tells it to end, and gives what it printed since it was ready. */
  end(): Promise<string>;
}

/** Resolves once it has said that it is ready. @throws AssertionError where it ends instead. */
export async function startProgram(program: string, words: readonly string[]): Promise<RunningProgram> {
  const running = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [what] = (await Promise.race([once(running.stdout, 'data'), once(running, 'exit')])) as [unknown];
  assert.ok(Buffer.isBuffer(what), `${basename(program)} ended with ${String(what)}`);
  let printed = '';
  running.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  return {
    stop: () => void running.kill('SIGKILL'),
    async end() {
      running.kill('SIGTERM');
      await once(running, 'close');
      return printed;
    },
  };
}
