// Ctrl-C once asks, Ctrl-C twice ends: seen from outside, on a process that would go on for ever.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';

const INTERRUPTS = new URL('../../../src/cli/interrupts.js', import.meta.url).href;
const ENDLESS = `
  import { watchInterrupts } from '${INTERRUPTS}';
  const { signal } = watchInterrupts(() => console.log('first'));
  signal.addEventListener('abort', () => {
    console.log('aborted');
    setTimeout(() => console.log('later'), 400);
  });
  setInterval(() => {}, 1000);
  console.log('ready');
`;

for (const name of ['SIGINT', 'SIGTERM'] as const) {
  test(`${name}: the first is told and aborts, one right behind it is part of it, one later ends the process by that signal`, async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', ENDLESS], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const printed: string[] = [];
    child.stdout.on('data', (chunk: Buffer) => {
      printed.push(...chunk.toString().trim().split('\n'));
      if (printed.at(-1) === 'ready') ['SIGINT', 'SIGTERM'].forEach((each) => child.kill(each as NodeJS.Signals));
      if (printed.at(-1) === 'later') child.kill(name);
    });
    const [exitCode, signal] = (await once(child, 'close')) as [number | null, string | null];
    assert.deepEqual([exitCode, signal], [null, name]);
    assert.deepEqual(printed, ['ready', 'first', 'aborted', 'later']);
  });
}
