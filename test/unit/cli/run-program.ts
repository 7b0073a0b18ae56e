// Runs the real program as a shell would, without a terminal.
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const APPARENET = fileURLToPath(new URL('../../../../dist/src/main/apparenet.js', import.meta.url));

export interface Outcome {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Words before `node`, such as `ip netns exec NAME`. */
  readonly before?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads from stdin; nothing without it. */
  readonly input?: string;
  /** Hears of the child as soon as it runs. */
  readonly onStart?: (child: ChildProcess) => void;
}

export function runProgram(words: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const [command = '', ...rest] = [...(options.before ?? []), process.execPath, APPARENET, ...words];
  const env = { PATH: process.env['PATH'] ?? '', ...options.env };
  const child = spawn(command, rest, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  // One that ends before it has read all of it breaks the pipe.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (texts.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (texts.stderr += chunk.toString()));
  options.onStart?.(child);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal, ...texts }));
  });
}
