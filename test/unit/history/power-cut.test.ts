// A box whose power goes at any call to the disk, again and again: every acknowledged record is found after each start.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History } from '../../../src/history/history.js';
import type { StoreLoss } from '../../../src/history/losses.js';
import type { BoxEvent, Incident } from '../../../src/model/incident.js';
import type { PeriodSummary } from '../../../src/model/period-summary.js';
import { createRandom } from '../../../src/model/random.js';
import type { Random } from '../../../src/model/random.js';
import { drawMinutes, drawTargets } from './drawn-summaries.js';
import type { DrawnTarget } from './drawn-summaries.js';
import { MemoryDisk } from './memory-disk.js';
import { buildEvent, buildIncident } from './built-records.js';

const FOLDER = '/state/history';
const START_MS = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;
const RUNS = 15;
const LIVES = 6;

/** What was acknowledged, and what was only tried: that may be there or not. */
interface Memory {
  readonly kept: Map<string, PeriodSummary>;
  readonly tried: Map<string, PeriodSummary>;
  readonly events: BoxEvent[];
  incident: Incident | null;
  nowMs: number;
}

const keyOf = ({ target, startMs }: PeriodSummary): string => `${target} ${startMs}`;

test('every acknowledged record survives a power cut at any call', async () => {
  const firstSeed = Math.floor(Date.now() % 1e6);
  let cuts = 0;
  let unfinished = 0;
  for (let seed = firstSeed; seed < firstSeed + RUNS; seed += 1) {
    const random = createRandom(seed);
    const disk = new MemoryDisk();
    const targets = drawTargets(random, 2, 0.5);
    const memory: Memory = { kept: new Map(), tried: new Map(), events: [], incident: null, nowMs: START_MS };
    for (let life = 0; life < LIVES; life += 1) {
      const losses: StoreLoss[] = [];
      const history = await History.open(FOLDER, { disk, onLoss: (loss) => losses.push(loss) });
      await assertRemembered(history, memory, `seed ${seed}, life ${life}`);
      assert.ok(
        losses.every(({ kind }) => kind === 'unfinished'),
        `seed ${seed}, life ${life}: ${JSON.stringify(losses)}`,
      );
      unfinished += losses.length;
      disk.callsUntilCut = Math.floor(random.exponential(200));
      await live(history, { random, targets, memory });
      cuts += Number(disk.callsUntilCut < 0);
      disk.restart(random);
      // Another boot: whoever held the lock is gone.
      await disk.remove(`${FOLDER}/lock`);
    }
  }
  assert.ok(cuts > RUNS * LIVES * 0.7, `${cuts} cuts`);
  assert.ok(unfinished > 0, 'no cut hit a commit');
});

/** Until the power goes or the evening comes: minutes of each target, an event now and then, an incident that is updated. */
async function live(
  history: History,
  { random, targets, memory }: { random: Random; targets: readonly DrawnTarget[]; memory: Memory },
): Promise<void> {
  for (let minute = 0; minute < 150; minute += 1) {
    memory.nowMs += MINUTE_MS * (random.uniform() < 0.02 ? 300 : 1);
    const rows = drawMinutes(random, targets, memory.nowMs, 20);
    for (const row of rows) memory.tried.set(keyOf(row), row);
    const isKept = await succeeds(history.append(rows));
    if (isKept) for (const row of rows) memory.kept.set(keyOf(row), row);
    if (random.uniform() < 0.1) {
      const event = buildEvent(memory.nowMs, null);
      if (await succeeds(history.addEvent(event))) memory.events.push(event);
    }
    if (random.uniform() < 0.1) {
      const incident = buildIncident('i1', START_MS, memory.nowMs);
      if (await succeeds(history.putIncident(incident))) memory.incident = incident;
    }
    if (random.uniform() < 0.02) await succeeds(history.compact());
    if (!isKept) return;
  }
}

async function succeeds(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch {
    return false;
  }
}

async function assertRemembered(history: History, memory: Memory, when: string): Promise<void> {
  const range = { fromMs: START_MS, toMs: memory.nowMs + MINUTE_MS } as const;
  for (const target of await history.listTargets()) {
    const { summaries } = await history.querySummaries({ ...range, target, period: 'minute' });
    const found = new Map(summaries.map((row) => [keyOf(row), row]));
    for (const row of memory.kept.values()) {
      if (row.target === target)
        assert.deepEqual(found.get(keyOf(row)), row, `${when}: a minute is missing or another`);
    }
    for (const row of summaries) assert.deepEqual(row, memory.tried.get(keyOf(row)), `${when}: nobody measured this`);
    const { summaries: hours } = await history.querySummaries({ ...range, target, period: 'hour' });
    const sum = (rows: readonly PeriodSummary[]): number => rows.reduce((total, { sent }) => total + sent, 0);
    assert.equal(sum(hours), sum(summaries), `${when}: hours hold other packets than minutes`);
  }
  const targets = new Set([...memory.kept.values()].map(({ target }) => target));
  assert.deepEqual((await history.listTargets()).filter((target) => targets.has(target)).length, targets.size, when);
  const events = await history.listEvents({ limit: 1e6 });
  for (const event of memory.events) {
    assert.ok(
      events.some(({ id }) => id === event.id),
      `${when}: event ${event.id} is missing`,
    );
  }
  const incident = await history.readIncident('i1');
  // An update that was tried in vain may have been written all the same.
  assert.ok(
    (incident?.openedMs ?? 0) >= (memory.incident?.openedMs ?? 0),
    `${when}: the incident is of an earlier time`,
  );
}
