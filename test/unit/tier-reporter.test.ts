// scripts/test counts by the reporter's last line, so that line and the reasons above it must be right.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const REPORTER = fileURLToPath(new URL('../tier-reporter.js', import.meta.url));

/** Runs one test file under the reporter and gives the lines it prints. */
function report(source: string, ...options: readonly string[]): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'apparenet-reporter-'));
  try {
    const file = join(folder, 'sample.test.mjs');
    writeFileSync(file, `import { describe, test } from 'node:test';\n${source}`);
    const words = ['--test', ...options, `--test-reporter=${REPORTER}`, '--test-reporter-destination=stdout', file];
    // Without this the inner runner would think that it is a part of the outer one.
    const environment = { ...process.env, NODE_TEST_CONTEXT: undefined };
    return spawnSync(process.execPath, words, { encoding: 'utf8', env: environment }).stdout.trim().split('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('passes, failures and skips are counted once each, wherever they are nested', () => {
  const lines = report(`
    test('passes', () => {});
    describe('suite', () => { test('fails', () => { console.log('seed 17'); throw new TypeError('broken'); }); });
    test('skips', { skip: 'needs a moon' }, () => {});
    test('parent', async (t) => { await t.test('child', () => { throw new TypeError('also broken'); }); });
  `);
  assert.equal(lines.at(-1), '1 2 1');
  assert.ok(lines.some((line) => /^skipped {2}.*skips: needs a moon$/.test(line)));
  assert.ok(lines.some((line) => line.includes('TypeError: broken')));
  assert.ok(lines.some((line) => line.includes('seed 17')));
});

test('a skip without a reason says so', () => {
  const lines = report(`test('idle', { skip: true }, () => {});`);
  assert.match(lines.join('\n'), /idle: NO REASON GIVEN/);
  assert.equal(lines.at(-1), '0 0 1');
});

test('a file that hangs is named and counted as failed', () => {
  const lines = report(`test('hangs', () => new Promise(() => setInterval(() => {}, 1000)));`, '--test-timeout=500');
  assert.match(lines.join('\n'), /sample\.test\.mjs[^]*it hung/);
  assert.equal(lines.at(-1), '0 1 0');
});

test('a file that cannot be loaded counts as failed', () => {
  assert.equal(report(`import 'node:no-such-module';`).at(-1), '0 1 0');
});
