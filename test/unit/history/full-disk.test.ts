// A disk that is full, read-only or back again: nothing that was appended is lost, and the state says how it is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History } from '../../../src/history/history.js';
import { StoreError } from '../../../src/model/errors.js';
import type { PeriodSummary } from '../../../src/model/period-summary.js';
import { createRandom } from '../../../src/model/random.js';
import { drawMinutes, drawTargets } from './drawn-summaries.js';
import { MemoryDisk } from './memory-disk.js';

const FOLDER = '/state/history';
const START_MS = Date.UTC(2026, 0, 1);

/** Appends the minutes `from` … `to`; how many of them were acknowledged. */
async function appendMinutes(history: History, from: number, to: number): Promise<number> {
  let kept = 0;
  for (let minute = from; minute < to; minute += 1) {
    try {
      await history.append(drawAt(minute));
      kept += 1;
    } catch (error) {
      assert.ok(error instanceof StoreError && error.code === 'store.write', String(error));
    }
  }
  return kept;
}

const TARGETS = drawTargets(createRandom(3), 4, 0.5);
const drawAt = (minute: number): PeriodSummary[] =>
  drawMinutes(createRandom(minute + 1000), TARGETS, START_MS + minute * 60_000, 30);

async function assertHolds(history: History, minutes: number): Promise<void> {
  const range = { fromMs: START_MS, toMs: START_MS + minutes * 60_000 };
  const { summaries } = await history.querySummaries({ ...range, target: 'target-2', period: 'minute' });
  assert.deepEqual(
    summaries,
    Array.from({ length: minutes }, (_, minute) => drawAt(minute)[2]),
  );
}

test('on a full disk minutes wait in memory, are found there, and are kept when there is room again', async () => {
  const disk = new MemoryDisk();
  disk.capacityBytes = 70_000;
  const history = await History.open(FOLDER, { disk });
  const kept = await appendMinutes(history, 0, 500);
  assert.ok(kept > 20 && kept < 450, `${kept} kept`);
  const { problem, waiting, forgotten } = history.state();
  assert.equal(problem, 'ENOSPC');
  assert.deepEqual([waiting, forgotten], [(500 - kept) * 4, 0]);
  await assertHolds(history, 500);

  disk.capacityBytes = Infinity;
  assert.equal(await appendMinutes(history, 500, 501), 1);
  assert.deepEqual(history.state(), { problem: null, waiting: 0, forgotten: 0 });
  await history.close();
  const again = await History.open(FOLDER, { disk });
  await assertHolds(again, 501);
  await again.close();
});

test('a disk that others filled goes on taking commits into the room that the journal has', async () => {
  const disk = new MemoryDisk();
  const history = await History.open(FOLDER, { disk });
  // The second window: the journal has been moved into segments once, and has the room of six hours.
  await appendMinutes(history, 0, 365);
  disk.capacityBytes = 0;
  assert.equal(await appendMinutes(history, 365, 600), 235);
  await assertHolds(history, 600);
});

test('a read-only disk is read, refused for writing in words, and written when it can be', async () => {
  const disk = new MemoryDisk();
  const before = await History.open(FOLDER, { disk });
  await appendMinutes(before, 0, 5);
  await before.close();
  disk.isReadOnly = true;
  const history = await History.open(FOLDER, { disk });
  assert.equal(await appendMinutes(history, 5, 8), 0);
  assert.equal(history.state().problem, 'EROFS');
  await assertHolds(history, 8);
  disk.isReadOnly = false;
  assert.equal(await appendMinutes(history, 8, 9), 1);
  await history.close();
  const again = await History.open(FOLDER, { disk });
  await assertHolds(again, 9);
});

test('one that could not be kept until the end is told by close', async () => {
  const disk = new MemoryDisk();
  const history = await History.open(FOLDER, { disk });
  disk.isReadOnly = true;
  await appendMinutes(history, 0, 2);
  await assert.rejects(history.close(), StoreError);
});

test('memory is bounded: the oldest are given up, counted, and the diary says so when there is room again', async () => {
  const disk = new MemoryDisk();
  const history = await History.open(FOLDER, { disk });
  disk.isReadOnly = true;
  const silent = { ...drawAt(0)[0], rtt: null, forwardQueueing: null, reverseQueueing: null } as PeriodSummary;
  for (let batch = 0; batch < 65; batch += 1) {
    const rows = Array.from({ length: 1000 }, (_, i) => ({
      ...silent,
      startMs: START_MS + (batch * 1000 + i) * 60_000,
    }));
    await assert.rejects(history.append(rows), StoreError);
  }
  assert.deepEqual(history.state(), { problem: 'EROFS', waiting: 60_000, forgotten: 5000 });
  disk.isReadOnly = false;
  await appendMinutes(history, 65_000, 65_001);
  await history.close();
  const again = await History.open(FOLDER, { disk });
  const [event] = await again.listEvents({ limit: 1 });
  assert.match(event?.text ?? '', /5000 records lost/);
  const range = { target: 'target-0', fromMs: 0, toMs: Infinity };
  const { summaries } = await again.querySummaries({ ...range, period: 'minute' });
  assert.deepEqual([summaries.length, summaries[0]?.startMs], [60_001, START_MS + 5000 * 60_000]);
});

test('a record that cannot be written on any disk is refused and holds up no other', async () => {
  const disk = new MemoryDisk();
  const history = await History.open(FOLDER, { disk });
  await appendMinutes(history, 0, 1);
  await assert.rejects(history.append([{ ...drawAt(1)[2], rtt: {} } as PeriodSummary]), TypeError);
  assert.equal(await appendMinutes(history, 1, 4), 3);
  assert.deepEqual(history.state(), { problem: null, waiting: 0, forgotten: 0 });
  await history.close();
  const again = await History.open(FOLDER, { disk });
  await assertHolds(again, 4);
});
