// Bytes of a port between two readings of the kernel's counters.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { computePortBytes, readPortCounters } from '../../../src/prober/native/port-counters.js';

it('counts what a port moved between two readings, and nothing where that cannot be told', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'counters-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const statistics = join(directory, 'p0', 'statistics');
  mkdirSync(statistics, { recursive: true });
  const write = (sent: number, received: number): void => {
    writeFileSync(join(statistics, 'tx_bytes'), `${sent}\n`);
    writeFileSync(join(statistics, 'rx_bytes'), `${received}\n`);
  };
  write(1000, 20_000);
  const before = readPortCounters('p0', directory);
  write(1500, 26_000);
  const after = readPortCounters('p0', directory);
  assert.ok(before !== null && after !== null);
  const later = { ...after, atMs: before.atMs + 2000 };
  assert.deepEqual(computePortBytes(before, later), { sent: 500, received: 6000, durationNs: 2e9 });
  assert.equal(computePortBytes(later, { ...before, atMs: later.atMs + 1 }), null, 'counters that went back');
  assert.equal(readPortCounters('p1', directory), null);
  assert.equal(computePortBytes(null, after), null);
});
