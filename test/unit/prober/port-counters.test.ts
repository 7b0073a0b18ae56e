// Bytes of a port between two readings of the kernel's counters.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { computePortBytes, readPortCounters } from '../../../src/prober/native/port-counters.js';

it('counts what a port moved between two readings, and nothing where that cannot be told', () => {
  const read = (counted: { txBytes: number; rxBytes: number }) => readPortCounters('p0', () => counted);
  const before = read({ txBytes: 1000, rxBytes: 20_000 });
  const after = read({ txBytes: 1500, rxBytes: 26_000 });
  assert.ok(before !== null && after !== null);
  const later = { ...after, atMs: before.atMs + 2000 };
  assert.deepEqual(computePortBytes(before, later), { sent: 500, received: 6000, durationNs: 2e9 });
  assert.equal(computePortBytes(later, { ...before, atMs: later.atMs + 1 }), null, 'counters that went back');
  assert.equal(
    readPortCounters('p1', () => null),
    null,
  );
  assert.equal(computePortBytes(null, after), null);
});
