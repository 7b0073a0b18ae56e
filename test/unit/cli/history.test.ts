// `history` and `incidents` on a store as the analysis server writes it: what a person sees of a day with an outage in it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { History } from '../../../src/history/history.js';
import type { Incident } from '../../../src/model/incident.js';
import { PERIODS_MS } from '../../../src/model/period-summary.js';
import type { PeriodSummary } from '../../../src/model/period-summary.js';
import { createDigest } from '../../../src/analysis/statistics/delay-digest.js';
import { runProgram } from './run-program.js';

const BEGIN_MS = Date.parse('2026-03-02T00:00:00Z');
const MINUTES = 24 * 60;
const OUTAGE = { from: 600, to: 660 } as const;
const MS = 1e6;
const IN_UTC = { env: { TZ: 'UTC' } } as const;
const THE_DAY = ['--from', '2026-03-02', '--to', '2026-03-03'] as const;

const INCIDENT: Incident = {
  id: '0000-gateway-outage-1',
  target: 'gateway',
  kind: 'outage',
  severity: 'critical',
  state: 'closed',
  startedMs: BEGIN_MS + OUTAGE.from * 60_000,
  openedMs: BEGIN_MS + (OUTAGE.from + 2) * 60_000,
  endedMs: BEGIN_MS + OUTAGE.to * 60_000,
  metric: 'lossRatio',
  expected: 0,
  worst: 1,
  segment: 'gateway',
  partOf: null,
  alsoAffected: ['dns'],
  reportId: '7K3Q',
  finding: null,
  verdict: 'critical',
  summary: 'gateway does not answer. Over after 60 min.',
};

function createMinute(i: number): PeriodSummary {
  const isOut = i >= OUTAGE.from && i < OUTAGE.to;
  const base = i >= MINUTES / 2 ? 20 * MS : 5 * MS;
  return {
    target: 'gateway',
    startMs: BEGIN_MS + i * PERIODS_MS.minute,
    lengthMs: PERIODS_MS.minute,
    coverage: 1,
    sent: 100,
    lost: isOut ? 100 : 0,
    lostForward: null,
    lostReverse: null,
    duplicated: 0,
    reordered: 0,
    rtt: isOut ? null : createDigest(Array.from({ length: 100 }, (_, k) => base + (k % 10) * 0.01 * MS)),
    forwardQueueing: null,
    reverseQueueing: null,
    jitterNs: isOut ? null : 0.2 * MS,
    stamps: { tx: 'kernel', rx: 'kernel', far: null },
    disturbed: 0,
    problem: null,
  };
}

const stateDir = mkdtempSync(join(tmpdir(), 'kept-'));
const inState = ['--state-dir', stateDir] as const;

before(async () => {
  const history = await History.open(join(stateDir, 'history'));
  await history.append(Array.from({ length: MINUTES }, (_, i) => createMinute(i)));
  await history.putIncident(INCIDENT);
  await history.putIncident({
    ...INCIDENT,
    id: '0001-gateway-delay-2',
    kind: 'delay',
    severity: 'warning',
    state: 'open',
    endedMs: null,
  });
  const part = { ...INCIDENT, partOf: INCIDENT.id, alsoAffected: ['gateway'] };
  await history.putIncident({ ...part, id: '0000-web-outage-1', target: 'web', summary: 'web does not answer.' });
  await history.close();
});
after(() => rmSync(stateDir, { recursive: true }));

describe('history', () => {
  test('of one target is a chart with its step, its gap and its figures', async () => {
    const { stdout, exitCode } = await runProgram(['history', 'gateway', ...THE_DAY, ...inState], IN_UTC);
    assert.equal(exitCode, 0);
    const rows = stdout.split('\n').filter((line) => line.includes('┤'));
    const bottom = rows.at(-1)?.split('┤')[1] ?? '';
    const top = rows[1]?.split('┤')[1] ?? '';
    // Ten of 24 hours, then an hour without an answer, then again: nothing stands there in any row.
    const width = stdout.split('\n').find((line) => line.includes('2026-03-02'))?.length ?? 0;
    const columnOf = (minute: number): number => Math.floor((minute / MINUTES) * (width - 8));
    assert.equal(bottom[columnOf(630)], ' ', stdout);
    assert.notEqual(bottom[columnOf(500)], ' ', stdout);
    assert.equal((top[columnOf(300)] ?? ' ').trim(), '', stdout);
    assert.notEqual((top[columnOf(1000)] ?? ' ').trim(), '', stdout);
    assert.match(stdout, /lost {2}.*█/);
    assert.match(stdout, /loss +4\.17 % \(6000 of 144000 packets\)/);
    assert.match(stdout, /incidents +2, 1 of them open/);
  });

  test('of all targets is a line each', async () => {
    const { stdout } = await runProgram(['history', ...THE_DAY, ...inState], IN_UTC);
    assert.match(stdout, /^target +median +95 % +lost +measured +incidents\ngateway +/);
    assert.match(stdout, /4\.17 % +100 %/);
  });

  test('counts what was measured from when the target was added', async () => {
    const weekOfIt = ['--from', '2026-02-24T00:00:00Z', '--to', '2026-03-03T00:00:00Z'];
    const { stdout } = await runProgram(['history', 'gateway', ...weekOfIt, ...inState], IN_UTC);
    assert.match(stdout, /measured +100 % of the time, since 2026-03-02 00:00/);
    const all = await runProgram(['history', ...weekOfIt, ...inState], IN_UTC);
    assert.match(all.stdout, /4\.17 % +100 %/);
  });

  test('goes to other programs as CSV, as lines of JSON and as one document', async () => {
    const [csv, lines, json] = await Promise.all(
      ['--csv', '--jsonl', '--json'].map((format) =>
        runProgram(['history', 'gateway', ...THE_DAY, '--period', 'hour', format, ...inState]),
      ),
    );
    assert.ok(csv && lines && json);
    assert.equal(csv.stdout.trim().split('\n').length, 1 + 24);
    assert.match(csv.stdout, /^target,start_utc,/);
    const hours = lines.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as PeriodSummary);
    assert.equal(hours.length, 24);
    assert.equal(hours[10]?.lost, 6000);
    const { targets } = JSON.parse(json.stdout) as { targets: { target: string; summaries: PeriodSummary[] }[] };
    assert.equal(targets[0]?.summaries.length, 24);
  });

  const refused: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['a target that is not kept', ['nowhere'], /no history of "nowhere" is kept: there are gateway/],
    ['a length that is none', ['--last', '7x'], /--last cannot be "7x".*24h or 7d/],
    ['a time that is none', ['--from', 'yesterday'], /--from cannot be "yesterday".*ISO 8601/],
    ['an end before the beginning', ['--from', '2026-03-03', '--to', '2026-03-02'], /--from must be earlier/],
    ['two formats', ['--csv', '--json'], /give one of them/],
    ['a period that is none', ['--period', 'week'], /--period cannot be "week": choose one of minute/],
  ];
  for (const [what, words, reason] of refused) {
    test(`refuses ${what}`, async () => {
      const { exitCode, stderr } = await runProgram(['history', ...words, ...inState]);
      assert.equal(exitCode, 64, stderr);
      assert.match(stderr, reason);
    });
  }

  test('of a folder that is not there says so, and makes none', async () => {
    const { exitCode, stderr } = await runProgram(['history', '--state-dir', join(stateDir, 'none')]);
    assert.equal(exitCode, 3);
    assert.match(stderr, /Nothing is kept yet/);
  });
});

describe('incidents', () => {
  test('are listed, the newest first, and the worst open one is the exit status', async () => {
    const { stdout, exitCode } = await runProgram(['incidents', ...inState], IN_UTC);
    assert.equal(exitCode, 1);
    assert.match(
      stdout,
      /^2026-03-02 10:00 {2}warning, open for [^\n]*0001[^]*2026-03-02 10:00 {2}critical, over after 1 h /,
    );
  });

  test('what is a part of another one is named there, and listed where it was asked for alone', async () => {
    const all = await runProgram(['incidents', ...inState], IN_UTC);
    assert.match(all.stdout, /gateway does not answer\. Over after 60 min\. With it 1 more: web\./);
    assert.doesNotMatch(all.stdout, /web does not answer/);
    const alone = await runProgram(['incidents', '--target', 'web', ...inState], IN_UTC);
    assert.match(alone.stdout, /web does not answer/);
    const one = await runProgram(['incidents', '0000-web-outage-1', ...inState], IN_UTC);
    assert.match(one.stdout, /part of +0000-gateway-outage-1/);
  });

  test('that are open by themselves; those of a target without any are none', async () => {
    const open = await runProgram(['incidents', '--open', '--json', ...inState]);
    const { incidents } = JSON.parse(open.stdout) as { incidents: Incident[] };
    assert.deepEqual(
      incidents.map(({ id }) => id),
      ['0001-gateway-delay-2'],
    );
    const none = await runProgram(['incidents', '--target', 'dns', ...inState]);
    assert.deepEqual([none.stdout, none.exitCode], ['No incident.\n', 0]);
  });

  test('one at length, and one that is not kept', async () => {
    const { stdout, exitCode } = await runProgram(['incidents', INCIDENT.id, ...inState], IN_UTC);
    assert.equal(exitCode, 0);
    for (const word of ['gateway does not answer', 'critical', '2026-03-02 11:00', 'dns', '7K3Q'])
      assert.ok(stdout.includes(word), stdout);
    const unknown = await runProgram(['incidents', 'nothing', ...inState]);
    assert.equal(unknown.exitCode, 64);
    assert.match(unknown.stderr, /no incident "nothing" is kept/);
  });
});
