// Files that were cut, flipped or taken away: what can be read is kept, what cannot is told with its count.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History, openForReading } from '../../../src/history/history.js';
import type { StoreLoss } from '../../../src/history/losses.js';
import { StoreError } from '../../../src/model/errors.js';
import type { PeriodSummary } from '../../../src/model/period-summary.js';
import { createRandom } from '../../../src/model/random.js';
import { encodeFrame, parseFrames } from '../../../src/history/frames.js';
import { drawMinutes, drawTargets } from './drawn-summaries.js';
import { MemoryDisk } from './memory-disk.js';

const FOLDER = '/state/history';
const START_MS = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;
const JOURNAL = `${FOLDER}/journal.gz`;

interface Written {
  readonly disk: MemoryDisk;
  readonly rows: readonly PeriodSummary[];
  readonly targets: readonly string[];
}

/** So many minutes of three targets; in segments where asked. */
async function write(minutes: number, isCompacted: boolean): Promise<Written> {
  const random = createRandom(1);
  const disk = new MemoryDisk();
  const targets = drawTargets(random, 3, 0.3);
  const history = await History.open(FOLDER, { disk });
  const rows: PeriodSummary[] = [];
  for (let minute = 0; minute < minutes; minute += 1) {
    const drawn = drawMinutes(random, targets, START_MS + minute * 60_000, 10);
    rows.push(...drawn);
    await history.append(drawn);
  }
  if (isCompacted) await history.compact();
  await history.close();
  return { disk, rows, targets: targets.map(({ name }) => name) };
}

/** All minutes that are found, with what was told to be lost. */
async function readAll({ disk, targets }: Written): Promise<{ rows: PeriodSummary[]; losses: StoreLoss[] }> {
  const losses: StoreLoss[] = [];
  const history = await History.open(FOLDER, { disk, onLoss: (loss) => losses.push(loss) });
  const rows: PeriodSummary[] = [];
  for (const target of targets) {
    const range = { fromMs: START_MS, toMs: START_MS + DAY_MS };
    rows.push(...(await history.querySummaries({ ...range, target, period: 'minute' })).summaries);
  }
  await history.close();
  return { rows, losses };
}

function takeBytes(disk: MemoryDisk, path: string): Buffer {
  const bytes = disk.bytesOf(path);
  assert.ok(bytes !== null, path);
  return Buffer.from(bytes);
}

/** Octets of the journal up to the last one that is not zero. */
function measureJournal(bytes: Buffer): number {
  let end = bytes.length;
  while (bytes[end - 1] === 0) end -= 1;
  return end;
}

test('a journal cut at any octet of its last record keeps all before it, says so, and goes on', async () => {
  const short = await write(4, false);
  const whole = await write(5, false);
  const before = parseFrames(takeBytes(short.disk, JOURNAL)).frames.at(-1)?.end ?? 0;
  const bytes = takeBytes(whole.disk, JOURNAL);
  const random = createRandom(1);
  const end = measureJournal(bytes);
  assert.ok(end > before + 100);
  for (let length = before; length < end; length += 1) {
    const cut = Buffer.alloc(random.uniform() < 0.5 ? bytes.length : length);
    bytes.copy(cut, 0, 0, length);
    whole.disk.put(JOURNAL, cut);
    const { rows, losses } = await readAll(whole);
    assert.equal(rows.length, 12, `cut at ${length}`);
    assert.deepEqual(
      losses.map(({ kind }) => kind),
      length > before ? ['unfinished'] : [],
      `cut at ${length}`,
    );
    const history = await History.open(FOLDER, { disk: whole.disk });
    await history.append(whole.rows.slice(-3));
    await history.close();
    const again = await readAll(whole);
    assert.deepEqual([again.rows.length, again.losses], [15, []]);
    for (const path of whole.disk.paths().filter((one) => one !== JOURNAL && !one.includes('checkpoint'))) {
      await whole.disk.remove(path);
    }
    whole.disk.put(`${FOLDER}/checkpoint.json.gz`, takeBytes(short.disk, `${FOLDER}/checkpoint.json.gz`));
  }
});

test('a flipped bit in the middle of the journal costs one commit, which is counted', async () => {
  const written = await write(20, false);
  const bytes = takeBytes(written.disk, JOURNAL);
  const middle = measureJournal(bytes) >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 0x10;
  written.disk.put(JOURNAL, bytes);
  const { rows, losses } = await readAll(written);
  assert.equal(rows.length, 57);
  assert.deepEqual(losses, [{ file: JOURNAL, kind: 'damaged', records: 1 }]);
  const history = await History.open(FOLDER, { disk: written.disk });
  const [event] = await history.listEvents({ limit: 1 });
  assert.deepEqual(
    [event?.kind, event?.severity, event?.text],
    ['store-damaged', 'warning', `${JOURNAL} is damaged: 1 record lost.`],
    'the diary of later times tells of it',
  );
});

test('flipped bits in a segment cost at most the target that they hit, and what is found is right', async () => {
  const written = await write(30, true);
  const path = written.disk.paths().find((one) => one.includes('/minute-')) ?? '';
  const bytes = takeBytes(written.disk, path);
  const known = new Set(written.rows.map((row) => JSON.stringify(row)));
  let told = 0;
  for (let at = 0; at < bytes.length; at += 7) {
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
    written.disk.put(path, flipped);
    const { rows, losses } = await readAll(written);
    assert.ok(rows.length >= 60, `octet ${at}: ${rows.length} rows`);
    assert.ok(
      rows.every((row) => known.has(JSON.stringify(row))),
      `octet ${at}: a row that nobody wrote`,
    );
    assert.equal(rows.length === 90 || losses.some(({ records }) => records === 30), true, `octet ${at}: not told`);
    told += Number(losses.length > 0);
  }
  assert.ok(told > bytes.length / 7 / 2);
});

test('a segment that is damaged after it was replaced comes from the version before', async () => {
  const written = await write(30, true);
  const history = await History.open(FOLDER, { disk: written.disk });
  const more = written.rows.slice(-3).map((row) => ({ ...row, startMs: row.startMs + 60_000 }));
  await history.append(more);
  await history.compact();
  await history.close();
  const path = written.disk.paths().find((one) => one.endsWith('.bak') && one.includes('/minute-')) ?? '';
  const bytes = takeBytes(written.disk, path.replace('.bak', ''));
  written.disk.put(path.replace('.bak', ''), bytes.fill(0x55, bytes.length >> 1));
  const { rows, losses } = await readAll(written);
  assert.ok(rows.length >= 90 && rows.length < 93, `${rows.length} rows`);
  assert.deepEqual(
    losses.map(({ kind, records }) => [kind, records]),
    [['restored', 93 - rows.length]],
  );
});

test('a repair writes damaged files anew, once, and leaves sound ones alone', async () => {
  const written = await write(400, true);
  const path = written.disk.paths().find((one) => one.includes('/minute-')) ?? '';
  const bytes = takeBytes(written.disk, path);
  written.disk.put(path, bytes.fill(0x55, bytes.length - 50));
  const losses: StoreLoss[] = [];
  const history = await History.open(FOLDER, { disk: written.disk, onLoss: (loss) => losses.push(loss) });
  assert.equal(await history.repair(), 1);
  assert.deepEqual(losses, [{ file: path, kind: 'damaged', records: 360 }]);
  assert.equal(await history.repair(), 0);
  await history.close();
  const { rows, losses: later } = await readAll(written);
  assert.deepEqual([rows.length, later], [1200 - 360, []]);
  assert.deepEqual(takeBytes(written.disk, `${path}.bak`), bytes, 'what was damaged can still be looked at');
});

test('the coarser periods outlive the minutes they were made of', async () => {
  const written = await write(120, true);
  const path = written.disk.paths().find((one) => one.includes('/minute-')) ?? '';
  written.disk.put(path, Buffer.alloc(200));
  const reader = await openForReading(FOLDER, { disk: written.disk });
  const target = written.targets[0] ?? '';
  const range = { fromMs: START_MS, toMs: START_MS + DAY_MS, target };
  assert.equal((await reader.querySummaries({ ...range, period: 'minute' })).summaries.length, 0);
  const hours = (await reader.querySummaries({ ...range, period: 'hour' })).summaries;
  assert.deepEqual(
    hours.map(({ sent }) => sent),
    [600, 600],
  );
});

test('what a newer version wrote is refused and left as it is', async () => {
  const written = await write(3, true);
  const path = `${FOLDER}/checkpoint.json.gz`;
  const newer = encodeFrame(0, JSON.stringify({ schema: 99, kind: 'checkpoint', blocks: [] }));
  written.disk.put(path, newer);
  await assert.rejects(History.open(FOLDER, { disk: written.disk }), (error: unknown) => {
    assert.ok(error instanceof StoreError && error.code === 'store.newer');
    return true;
  });
  assert.deepEqual(takeBytes(written.disk, path), Buffer.from(newer));
});
