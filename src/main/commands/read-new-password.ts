// A new password from whoever sits at the terminal, unseen and typed twice; from a program, the first line that it sends.
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CanceledError, UsageError } from '../../model/errors.js';

/** @throws UsageError where the two differ or nothing comes; CanceledError on Ctrl-C. */
export async function readNewPassword(name: string): Promise<string> {
  if (!process.stdin.isTTY) return readFirstLine();
  const first = await askUnseen(`password for ${name}: `);
  const second = await askUnseen('once more: ');
  if (first !== second) throw new UsageError('usage.argument', 'the two passwords differ');
  return first;
}

async function readFirstLine(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) return line;
  throw new UsageError('usage.argument', 'a password is expected on stdin, as its first line');
}

async function askUnseen(prompt: string): Promise<string> {
  process.stderr.write(prompt);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  const stop = new AbortController();
  reader.on('SIGINT', () => stop.abort());
  try {
    return await reader.question('', { signal: stop.signal });
  } catch {
    throw new CanceledError();
  } finally {
    reader.close();
    process.stderr.write('\n');
  }
}
