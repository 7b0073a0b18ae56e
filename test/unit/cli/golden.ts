// Golden texts in test/fixtures/cli. UPDATE_GOLDEN=1 writes them anew: read the difference before it is committed.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const GOLDEN = fileURLToPath(new URL('../../../../test/fixtures/cli/', import.meta.url));

export function assertGolden(name: string, text: string): void {
  const path = `${GOLDEN}${name}.txt`;
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, text);
  assert.equal(text, readFileSync(path, 'utf8'));
}
