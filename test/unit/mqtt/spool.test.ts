// What waits for a broker: order, bounds, restarts, a disk that takes nothing.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import fc from 'fast-check';
import { StoreError } from '../../../src/model/errors.js';
import { Outbox } from '../../../src/mqtt/outbox.js';
import { computeReconnectDelayMs } from '../../../src/mqtt/reconnect-delay.js';
import { DROP_ORDER, planDrops } from '../../../src/mqtt/spool/plan-drops.js';
import type { SpoolLimits } from '../../../src/mqtt/spool/plan-drops.js';
import { SpoolFolder } from '../../../src/mqtt/spool/spool-folder.js';

const NO_LIMITS: SpoolLimits = { maxBytes: 1e9, maxAgeMs: 1e12 };

function makeFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'apparenet-spool-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function openOutbox(path: string, limits = NO_LIMITS, nowMs = 1_000) {
  const errors: StoreError[] = [];
  const outbox = await Outbox.open({
    folder: new SpoolFolder(path),
    limits,
    topics: { event: 'box/event', report: 'box/report' },
    readClockMs: () => nowMs,
    onStoreError: (error) => errors.push(error),
    onWaiting: () => undefined,
  });
  return { outbox, errors };
}

/** Takes everything as a broker does. */
async function drain(outbox: Outbox): Promise<string[]> {
  const taken: string[] = [];
  for (let next = await outbox.findNext(); next !== null; next = await outbox.findNext()) {
    taken.push(`${next.message.topic} ${next.message.payload}`);
    await next.done();
  }
  return taken;
}

describe('what is dropped', () => {
  const entry = fc.record({
    kind: fc.constantFrom(...DROP_ORDER),
    bytes: fc.integer({ min: 1, max: 500 }),
    atMs: fc.integer({ min: 0, max: 1_000 }),
  });

  test('the rest is within the bounds, and no event goes while a state or report could', () => {
    fc.assert(
      fc.property(fc.array(entry), fc.integer({ min: 0, max: 5_000 }), fc.integer(), (waiting, maxBytes, seed) => {
        const maxAgeMs = 500 + (Math.abs(seed) % 500);
        const dropped = planDrops(waiting, { maxBytes, maxAgeMs }, 1_000);
        const rest = waiting.filter((one) => !dropped.includes(one));
        assert.ok(rest.every(({ atMs }) => 1_000 - atMs <= maxAgeMs));
        assert.ok(rest.reduce((sum, { bytes }) => sum + bytes, 0) <= maxBytes);
        const young = dropped.filter(({ atMs }) => 1_000 - atMs <= maxAgeMs);
        for (const one of young) {
          const rank = DROP_ORDER.indexOf(one.kind);
          assert.ok(rest.every(({ kind }) => DROP_ORDER.indexOf(kind) >= rank));
          const alike = rest.filter(({ kind }) => kind === one.kind);
          assert.ok(alike.every((kept) => waiting.indexOf(kept) > waiting.indexOf(one)));
        }
        // Nothing more than needed: the last that went would have been too much.
        const last = young.at(-1);
        if (last) assert.ok(rest.reduce((sum, { bytes }) => sum + bytes, 0) + last.bytes > maxBytes);
      }),
    );
  });
});

describe('the outbox', () => {
  test('gives events and reports in their order, after a restart, too, and each until it is taken', async (context) => {
    const path = makeFolder(context);
    const first = await openOutbox(path);
    await Promise.all(
      ['1', '2', '3', '4'].map((payload, i) => first.outbox.add(i === 1 ? 'report' : 'event', payload, 10 - i)),
    );
    const offered = await first.outbox.findNext();
    assert.equal(offered?.message.payload, '1');
    await offered.done();
    // Offered, and not taken before the end.
    assert.equal((await first.outbox.findNext())?.message.payload, '2');
    const second = await openOutbox(path);
    await second.outbox.add('event', '5', 11);
    assert.deepEqual(await drain(second.outbox), ['box/report 2', 'box/event 3', 'box/event 4', 'box/event 5']);
    assert.deepEqual(readdirSync(path), []);
    assert.deepEqual(await drain((await openOutbox(path)).outbox), []);
  });

  test('keeps of a state the newest, gives states first and each once', async (context) => {
    const { outbox } = await openOutbox(makeFolder(context));
    await outbox.add('event', 'e', 1);
    outbox.setState('box/state', 'old');
    outbox.setState('box/state', 'new');
    outbox.setState('box/link', 'up');
    assert.deepEqual(await drain(outbox), ['box/state new', 'box/link up', 'box/event e']);
    outbox.setState('box/state', 'new');
    assert.deepEqual(await drain(outbox), []);
    outbox.repeatStates();
    assert.deepEqual(await drain(outbox), ['box/state new', 'box/link up']);
  });

  test('a state that changes while it is sent is sent again', async (context) => {
    const { outbox } = await openOutbox(makeFolder(context));
    outbox.setState('box/state', 'one');
    const sending = await outbox.findNext();
    outbox.setState('box/state', 'two');
    await sending?.done();
    assert.deepEqual(await drain(outbox), ['box/state two']);
  });

  test('drops the oldest reports before any event when it is full, and counts', async (context) => {
    const path = makeFolder(context);
    const { outbox } = await openOutbox(path, { ...NO_LIMITS, maxBytes: 30 });
    await outbox.add('event', 'e'.repeat(10), 1);
    await outbox.add('report', 'r'.repeat(10), 2);
    await outbox.add('report', 's'.repeat(10), 3);
    await outbox.add('event', 'f'.repeat(10), 4);
    assert.deepEqual(outbox.measure(), { messages: 3, bytes: 30, dropped: 1 });
    assert.equal(readdirSync(path).length, 3);
    assert.deepEqual(
      (await drain(outbox)).map((line) => line.at(-1)),
      ['e', 's', 'f'],
    );
  });

  test('what became too old while the box was off is dropped at the start', async (context) => {
    const path = makeFolder(context);
    const { outbox } = await openOutbox(path);
    await outbox.add('event', 'old', 100);
    await outbox.add('event', 'young', 900);
    const later = await openOutbox(path, { ...NO_LIMITS, maxAgeMs: 500 });
    assert.equal(later.outbox.measure().dropped, 1);
    assert.deepEqual(await drain(later.outbox), ['box/event young']);
  });

  test('what a power cut left half written is nothing', async (context) => {
    const path = makeFolder(context);
    const { outbox } = await openOutbox(path);
    await outbox.add('event', 'whole', 1);
    writeFileSync(join(path, '000000000002-event-2.json.new'), '{"ha');
    assert.deepEqual(await drain((await openOutbox(path)).outbox), ['box/event whole']);
    assert.deepEqual(readdirSync(path), []);
  });

  test('goes on in memory, and says so, where the disk takes nothing', async (context) => {
    const path = join(makeFolder(context), 'file');
    writeFileSync(path, '');
    const { outbox, errors } = await openOutbox(path);
    await outbox.add('event', 'kept', 1);
    assert.ok(errors.length >= 2 && errors.every(({ code }) => code === 'store.write'));
    assert.deepEqual(await drain(outbox), ['box/event kept']);
  });
});

test('reconnects wait from half a second to a minute, longer with each failure, and not all boxes alike', () => {
  const bounds = [1, 2, 3, 7, 8, 5_000].map((failures) => [
    computeReconnectDelayMs(failures, 0),
    computeReconnectDelayMs(failures, 1),
  ]);
  assert.deepEqual(bounds, [
    [500, 1_000],
    [1_000, 2_000],
    [2_000, 4_000],
    [30_000, 60_000],
    [30_000, 60_000],
    [30_000, 60_000],
  ]);
});
