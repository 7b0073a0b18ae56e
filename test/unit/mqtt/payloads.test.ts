// Payloads as people and programs at the other end read them: units, nulls, and the difference between lost and unknown.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDigest } from '../../../src/analysis/statistics/delay-digest.js';
import { computeBoxId } from '../../../src/box/box-id.js';
import type { Incident } from '../../../src/model/incident.js';
import { encodeEvent, encodeLink, encodeState, encodeTargetState } from '../../../src/mqtt/payloads.js';
import { SAMPLE_REPORTS } from '../cli/sample-reports.js';
import { buildEvent, buildIncident } from '../history/built-records.js';
import { buildMinute, buildPort } from './built-facts.js';

const read = (text: string) => JSON.parse(text) as Record<string, unknown>;

test('loss of everything is 100 %, and unreachable; nothing sent is neither', () => {
  const { lossPercent, reachable, rttMs } = read(encodeTargetState(buildMinute('office'), []));
  assert.deepEqual([lossPercent, reachable, rttMs], [100, false, null]);
  const silent = buildMinute('office', { sent: 0, lost: 0, coverage: 0, problem: 'the port is gone' });
  const told = read(encodeTargetState(silent, []));
  assert.deepEqual([told['lossPercent'], told['reachable'], told['problem']], [null, null, 'the port is gone']);
});

test('an event carries the time at which it happened and the incident as it was', () => {
  const incident = buildIncident('i1', 1_780_000_000_000, 1_780_000_060_000);
  const event = { ...buildEvent(1_780_000_060_000, 'office'), kind: 'opened' as const };
  const told = read(encodeEvent(event, incident));
  assert.deepEqual([told['at'], told['event_type'], told['target']], ['2026-05-28T20:27:40.000Z', 'opened', 'office']);
  assert.deepEqual((told['incident'] as Record<string, unknown>)['startedAt'], '2026-05-28T20:26:40.000Z');
});

test('a minute is told whole, with the distribution that longer periods are made of', () => {
  const rtt = createDigest([1e6, 1.1e6, 4e6]);
  const told = read(
    encodeTargetState(buildMinute('office', { sent: 4, lost: 1, disturbed: 1 / 3, rtt }), [buildIncident('i1', 0, 0)]),
  );
  assert.deepEqual(told['minute'], {
    ...{ lengthMs: 60_000, sent: 4, lost: 1, duplicated: 0, reordered: 0, disturbed: 0.3333 },
    rtt,
  });
  const [incident] = told['incidents'] as Record<string, unknown>[];
  assert.deepEqual([incident?.['since'], incident?.['worst']], ['1970-01-01T00:00:00.000Z', 0.2]);
  assert.equal(read(encodeTargetState(null, []))['minute'], null);
});

test('an incident says what an examination found, and what to do', () => {
  const open = buildIncident('i1', 0, 0);
  const finding = SAMPLE_REPORTS['duplex-mismatch']?.findings[0];
  assert.ok(finding);
  const tell = (incident: Incident) =>
    read(encodeEvent(buildEvent(0, 'office'), incident))['incident'] as Record<string, unknown>;
  assert.deepEqual([tell(open)['condition'], tell(open)['advice']], [null, null]);
  const told = tell({ ...open, finding });
  assert.deepEqual([told['condition'], told['advice']], ['duplex-mismatch', finding.advice]);
});

test('the verdict is that of the worst incident that stands for itself', () => {
  const warning = buildIncident('a', 0, 0);
  const consequence = { ...buildIncident('b', 0, 0), severity: 'critical' as const, partOf: 'a' };
  const state = (openIncidents: (typeof warning)[], targets = ['office']) =>
    read(encodeState({ targets, profiles: {}, openIncidents, lastReport: null }));
  assert.deepEqual([state([])['verdict'], state([], [])['verdict']], ['ok', 'unknown']);
  assert.deepEqual(
    [state([warning, consequence])['verdict'], state([warning, consequence])['openIncidents']],
    ['warning', 1],
  );
  assert.equal(state([warning, { ...consequence, partOf: null }])['verdict'], 'critical');
});

test('speeds are Mb/s, by the name of the port', () => {
  const told = read(encodeLink([{ facts: { ...buildPort('eth0'), speedBitsPerSec: 2.5e9 }, neighbour: null }]));
  assert.deepEqual((told['ports'] as Record<string, Record<string, unknown>>)['eth0']?.['speedMbps'], 2500);
});

test('boxes of one image have ids of their own, which fit into a topic and do not give the machine away', () => {
  const machine = '0123456789abcdef0123456789abcdef';
  const id = computeBoxId('Hall Probe.example.org', machine);
  assert.match(id, /^hall-probe-[0-9a-f]{4}$/);
  assert.notEqual(id, computeBoxId('Hall Probe.example.org', machine.replace('0', '1')));
  assert.ok(!machine.includes(id.slice(-4)));
  assert.equal(computeBoxId('', ''), 'probe');
});
