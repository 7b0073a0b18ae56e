// Judging over restarts: what is kept, told and asked for, and files that were cut or are gone.
import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { TargetMinute } from '../../../src/analysis/baseline/judge-box.js';
import { StoreError } from '../../../src/model/errors.js';
import type { BoxEvent, Incident } from '../../../src/model/incident.js';
import type { Report } from '../../../src/model/report.js';
import { BaselineMemory } from '../../../src/server/judgement/baseline-memory.js';
import { Judgement, type JudgementOptions } from '../../../src/server/judgement/judgement.js';
import { composeSummary, HOUR_MS, MINUTE_MS, MONDAY_MS } from '../baseline/watched-minutes.js';

type Said = NonNullable<Parameters<typeof composeSummary>[1]>;

interface Bench {
  readonly judgement: Judgement;
  readonly incidents: Incident[];
  readonly told: BoxEvent[];
  readonly wanted: string[];
  readonly losses: string[];
  readonly errors: StoreError[];
}

/** `kept` is open in the history. */
async function open(folder: string, keepFails = false, kept: readonly Incident[] = []): Promise<Bench> {
  const bench = { incidents: [] as Incident[], told: [] as BoxEvent[], wanted: [] as string[] };
  const [losses, errors]: [string[], StoreError[]] = [[], []];
  const options: JudgementOptions = {
    memory: new BaselineMemory(folder, (what) => losses.push(what)),
    keeper: {
      putIncident: (incident) => {
        if (keepFails) return Promise.reject(new StoreError('store.write', 'the disk is full'));
        bench.incidents.push(incident);
        return Promise.resolve();
      },
      addEvent: () => Promise.resolve(),
      listOpenIncidents: () => Promise.resolve(kept),
      readIncident: (id) => Promise.resolve(bench.incidents.findLast((one) => one.id === id) ?? null),
    },
    timeZone: 'Europe/Berlin',
    isLinkUp: () => true,
    examine: ({ incidentId }) => bench.wanted.push(incidentId),
    onTold: (event) => bench.told.push(event),
    onStoreError: (error) => errors.push(error),
  };
  const judgement = await Judgement.open(options, MONDAY_MS + HOUR_MS);
  return { ...bench, judgement, losses, errors };
}

function minute(startMs: number, said: Said = {}): TargetMinute[] {
  const target = { name: 'dns', segment: 'beyond', thresholds: 'learn' } as const;
  return [{ target, summary: composeSummary(startMs, said), replyTtl: 60 }];
}

async function judgeMinutes(bench: Bench, fromMs: number, count: number, said: Said = {}): Promise<void> {
  for (let i = 0; i < count; i += 1) await bench.judgement.judge(minute(fromMs + i * MINUTE_MS, said));
}

describe('judging on a box', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'judgement-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('tells an outage once over a restart, takes the finding in and tells the end', async () => {
    const own = join(folder, 'restart');
    const first = await open(own);
    await judgeMinutes(first, MONDAY_MS, 5);
    await judgeMinutes(first, MONDAY_MS + 5 * MINUTE_MS, 4, { lost: 60 });
    assert.deepEqual(
      first.told.map(({ kind }) => kind),
      ['opened'],
    );
    assert.deepEqual(first.wanted, [first.incidents[0]?.id]);
    // No orderly end: what was told is remembered.
    const second = await open(own, false, first.incidents);
    assert.deepEqual(
      second.judgement.listOpenIncidents().map(({ kind }) => kind),
      ['outage'],
    );
    const report = { id: 'R1', verdict: 'critical', summary: 'Nobody answers.', findings: [] } as unknown as Report;
    await second.judgement.takeReport(first.wanted[0] ?? '', report, MONDAY_MS + 10 * MINUTE_MS);
    await judgeMinutes(second, MONDAY_MS + 9 * MINUTE_MS, 3, { lost: 60 });
    await judgeMinutes(second, MONDAY_MS + 12 * MINUTE_MS, 3);
    assert.deepEqual(
      second.told.map(({ kind }) => kind),
      ['updated', 'recovered'],
    );
    assert.deepEqual(second.judgement.listOpenIncidents(), []);
    assert.equal(second.incidents.at(-1)?.reportId, 'R1');
  });

  it('takes in what was found before an incident was over, and nothing of an examination that began later', async () => {
    const bench = await open(join(folder, 'late'));
    await judgeMinutes(bench, MONDAY_MS, 4, { lost: 60 });
    await judgeMinutes(bench, MONDAY_MS + 4 * MINUTE_MS, 3);
    const [id = ''] = bench.wanted;
    const report = { id: 'R1', verdict: 'critical', summary: 'Nobody answers.', findings: [] } as unknown as Report;
    const startAt = (minutes: number) => new Date(MONDAY_MS + minutes * MINUTE_MS).toISOString();
    const later = { ...report, id: 'R2', startedAt: startAt(5) };
    await bench.judgement.takeReport(id, { ...report, startedAt: startAt(3) }, MONDAY_MS + 8 * MINUTE_MS);
    await bench.judgement.takeReport(id, later, MONDAY_MS + 9 * MINUTE_MS);
    const last = bench.incidents.at(-1);
    assert.deepEqual([last?.id, last?.state, last?.reportId], [id, 'closed', 'R1']);
    assert.deepEqual(
      bench.told.map(({ kind, severity }) => [kind, severity]),
      [
        ['opened', 'critical'],
        ['recovered', 'info'],
        ['updated', 'info'],
      ],
    );
  });

  it('learns over a restart, and again what was cut', async () => {
    const own = join(folder, 'learning');
    const first = await open(own);
    await judgeMinutes(first, MONDAY_MS, 22 * 60);
    await first.judgement.close();
    await appendFile(join(own, 'hours.jsonl'), '{"schema":"apparenet.base');
    const second = await open(own);
    assert.deepEqual(second.losses.length, 1);
    assert.match(second.losses[0] ?? '', /1 of \d+ hours/);
    await judgeMinutes(second, MONDAY_MS + 22 * HOUR_MS, 10, { rttNs: 70e6 });
    assert.match(second.incidents[0]?.summary ?? '', /usual at this hour/);
    const lines = (await readFile(join(own, 'hours.jsonl'), 'utf8')).trim().split('\n');
    assert.equal(lines.length, 22);
  });

  it('begins anew with a file of another schema or of garbage, and says so', async () => {
    const own = join(folder, 'garbage');
    const first = await open(own);
    await judgeMinutes(first, MONDAY_MS, 4, { lost: 60 });
    await writeFile(join(own, 'watches.json.gz'), 'garbage');
    const second = await open(own, false, first.incidents);
    assert.equal(second.losses.length, 1);
    assert.deepEqual(second.judgement.listOpenIncidents(), []);
    // Nothing else would ever end what the history has as open.
    const [closed] = second.incidents;
    assert.deepEqual([closed?.id, closed?.state, closed?.endedMs], [first.wanted[0], 'closed', MONDAY_MS + HOUR_MS]);
    assert.match(second.told.map(({ kind, text }) => `${kind} ${text}`).join(), /^recovered dns .*Closed at a start/);
  });

  it('reads incidents of before they could be a part of another', async () => {
    const own = join(folder, 'older');
    const first = await open(own);
    await judgeMinutes(first, MONDAY_MS, 4, { lost: 60 });
    const path = join(own, 'watches.json.gz');
    const text = gunzipSync(await readFile(path)).toString();
    assert.match(text, /"partOf":null/);
    await writeFile(path, gzipSync(text.replaceAll('"partOf":null,', '')));
    const second = await open(own);
    await judgeMinutes(second, MONDAY_MS + 4 * MINUTE_MS, 1, { lost: 60 });
    assert.deepEqual([second.judgement.listOpenIncidents().map(({ partOf }) => partOf), second.losses], [[null], []]);
    assert.deepEqual(second.told, [], 'it is no news');
  });

  it('goes on judging on a disk that takes nothing, and tells it', async () => {
    const bench = await open(join(folder, 'full'), true);
    await judgeMinutes(bench, MONDAY_MS, 4, { lost: 60 });
    assert.deepEqual(
      bench.told.map(({ kind }) => kind),
      ['opened'],
    );
    assert.ok(bench.errors.length > 0);
  });

  it('closes what is open of a target that is no longer watched', async () => {
    const bench = await open(join(folder, 'gone'));
    await judgeMinutes(bench, MONDAY_MS, 4, { lost: 60 });
    const other = minute(MONDAY_MS + 4 * MINUTE_MS).map((one) => ({
      ...one,
      target: { ...one.target, name: 'other' },
    }));
    await bench.judgement.judge(other);
    assert.deepEqual(
      bench.told.map(({ kind }) => kind),
      ['opened', 'recovered'],
    );
  });

  it('closes what is open of the last target when none is watched any more', async () => {
    const bench = await open(join(folder, 'none'));
    await judgeMinutes(bench, MONDAY_MS, 4, { lost: 60 });
    await bench.judgement.judge([], MONDAY_MS + 4 * MINUTE_MS);
    assert.deepEqual(
      bench.told.map(({ kind }) => kind),
      ['opened', 'recovered'],
    );
    assert.deepEqual(bench.judgement.listOpenIncidents(), []);
  });
});
