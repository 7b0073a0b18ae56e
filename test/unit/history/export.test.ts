// What leaves the history as text: lines, columns and numbers as other programs read them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportDiary, exportSummaries } from '../../../src/history/export.js';
import { History } from '../../../src/history/history.js';
import { encodeCsvHead, encodeCsvRow } from '../../../src/history/summary-csv.js';
import type { PeriodSummary } from '../../../src/model/period-summary.js';
import { createRandom } from '../../../src/model/random.js';
import { buildEvent } from './built-records.js';
import { drawMinute, drawMinutes, drawTargets } from './drawn-summaries.js';
import { MemoryDisk } from './memory-disk.js';

const START_MS = Date.UTC(2026, 0, 1);
const TARGETS = drawTargets(createRandom(2), 3, 0.5);

async function writeHistory(minutes: number): Promise<{ history: History; rows: PeriodSummary[] }> {
  const history = await History.open('/state/history', { disk: new MemoryDisk() });
  const rows: PeriodSummary[] = [];
  for (let minute = 0; minute < minutes; minute += 1) {
    const drawn = drawMinutes(createRandom(minute), TARGETS, START_MS + minute * 60_000, 20);
    rows.push(...drawn);
    await history.append(drawn);
  }
  return { history, rows };
}

async function gather(text: AsyncIterable<string>): Promise<string> {
  let whole = '';
  for await (const piece of text) whole += piece;
  return whole;
}

test('lines of JSON hold every summary as it was measured, target after target', async () => {
  const { history, rows } = await writeHistory(500);
  const range = { period: 'minute', fromMs: 0, toMs: START_MS + 400 * 60_000 } as const;
  const lines = (await gather(exportSummaries(history, range, 'jsonl'))).trimEnd().split('\n');
  const expected = TARGETS.flatMap(({ name }) =>
    rows.filter(({ target, startMs }) => target === name && startMs < range.toMs),
  );
  assert.deepEqual(
    lines.map((line) => JSON.parse(line) as PeriodSummary),
    expected,
  );
});

test('CSV has a head, a line each and as many cells in all of them', async () => {
  const { history } = await writeHistory(70);
  const range = { period: 'hour', fromMs: START_MS, toMs: Infinity, targets: ['target-1'] } as const;
  const [head, ...lines] = (await gather(exportSummaries(history, range, 'csv'))).trimEnd().split('\r\n');
  assert.equal(lines.length, 2);
  for (const line of lines) assert.equal(line.split(',').length, head?.split(',').length);
  assert.match(lines[0] ?? '', /^target-1,2026-01-01T00:00:00\.000Z,3600,/);
});

test('a row of CSV tells milliseconds with their nanoseconds, and quotes what would be read as something else', () => {
  const [target] = TARGETS;
  assert.ok(target !== undefined);
  const digest = { count: 3, minNs: 1_000_001, maxNs: 3_000_000, sumNs: 6_000_000, collapses: 0, bins: [0, 3] };
  const row = { ...drawMinute(createRandom(1), target, START_MS), rtt: digest, problem: 'port "eth1", gone' };
  const names = encodeCsvHead().trimEnd().split(',');
  const cells = encodeCsvRow({ ...row, jitterNs: null })
    .trimEnd()
    .split(',');
  const cell = (name: string): string | undefined => cells[names.indexOf(name)];
  assert.deepEqual(
    [cell('rtt_min_ms'), cell('rtt_max_ms'), cell('rtt_mean_ms'), cell('rtt_samples'), cell('jitter_ms')],
    ['1.000001', '3', '2', '3', ''],
  );
  assert.ok(encodeCsvRow(row).endsWith(',"port ""eth1"", gone"\r\n'));
});

test('a diary of many pages is exported once each', async () => {
  const { history } = await writeHistory(1);
  for (let i = 0; i < 450; i += 1) await history.addEvent(buildEvent(START_MS + i, null));
  const lines = (await gather(exportDiary(history, 'events'))).trimEnd().split('\n');
  assert.equal(new Set(lines).size, 450);
  assert.equal(lines.length, 450);
});
