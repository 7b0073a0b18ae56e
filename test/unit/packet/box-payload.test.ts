// What boxes publish comes back as what was encoded; anything else is refused and harms nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createDigest } from '../../../src/analysis/statistics/delay-digest.js';
import { ProtocolError } from '../../../src/model/errors.js';
import { encodeHealth, encodeLink, encodeState } from '../../../src/mqtt/payloads.js';
import { parseBoxPayload } from '../../../src/packet/box-payload.js';
import { BOX_TOPIC_KINDS, parseBoxTopic } from '../../../src/packet/box-topic.js';
import { SAMPLE_REPORTS } from '../cli/sample-reports.js';
import { parse, tellEvent, tellInfo, tellMinute } from '../console/told.js';
import { buildEvent, buildIncident } from '../history/built-records.js';
import { buildMinute, buildPort } from '../mqtt/built-facts.js';

const refuse = (topic: string, payload: string, words: RegExp): void =>
  assert.throws(
    () => parse(topic, payload),
    (error) => error instanceof ProtocolError && words.test(error.message),
  );

test('topics of boxes are told from all others', () => {
  const read = (topic: string) => parseBoxTopic('site/probes', topic);
  assert.deepEqual(read('site/probes/hall/event'), { box: 'hall', kind: 'event', target: null });
  assert.deepEqual(read('site/probes/hall/target/office/state'), { box: 'hall', kind: 'target', target: 'office' });
  for (const topic of [
    ...['site/probes/hall', 'site/probes/hall/log', 'site/probes/Hall/event', 'site/probes/hall/event/more'],
    ...[
      'site/probes/hall/target/office',
      'site/probes/hall/target/of.fice/state',
      'site/probe/hall/event',
      'site/probes',
    ],
    ...[`site/probes/${'h'.repeat(41)}/event`, 'site/probes/hall/request/diagnose', '', 'site/probes//event'],
  ])
    assert.equal(read(topic), null, topic);
});

test('a minute comes back as it was measured, but for what stays in the box', () => {
  const minute = buildMinute('office', { sent: 4, lost: 1, rtt: createDigest([1e6, 1.1e6, 4e6]), jitterNs: 3_000 });
  const saying = parse('hall/target/office/state', tellMinute(minute, [buildIncident('i1', 0, 60_000)]));
  assert.ok(saying.kind === 'target' && saying.told);
  assert.deepEqual(saying.told.summary, minute);
  assert.equal(saying.told.target.lossPercent, 25);
  assert.deepEqual(saying.told.incidents, [{ ...buildIncident('i1', 0, 60_000), target: 'office' }]);
});

test('an event comes back with its incident and what was found', () => {
  const finding = SAMPLE_REPORTS['duplex-mismatch']?.findings[0];
  assert.ok(finding);
  const told = { ...finding };
  delete (told as { pattern?: unknown }).pattern;
  const incident = { ...buildIncident('i1', 0, 60_000), target: 'office', finding, partOf: 'i0', reportId: 'AAAA' };
  const event = { ...buildEvent(60_000, 'office'), kind: 'opened' as const, incidentId: 'i1' };
  const saying = parse('hall/event', tellEvent(event, incident));
  assert.deepEqual(saying, { kind: 'event', event, incident: { ...incident, finding: told } });
});

test('what a box is comes back', () => {
  assert.deepEqual(parse('hall/info', tellInfo(5_000)), {
    kind: 'info',
    info: { name: 'Hall', version: '0.1.0', startedMs: 5_000 },
  });
  const state = parse('hall/state', encodeState({ targets: ['a'], profiles: {}, openIncidents: [], lastReport: null }));
  assert.deepEqual(state, {
    kind: 'state',
    state: { verdict: 'ok', openIncidents: 0, summary: null, lastReport: null },
  });
  const concern = { subject: 'clock', severity: 'warning', text: 'It\u0007 is late.', advice: 'Set it.' } as const;
  const health = {
    ...{ temperatures: [], memory: null, storage: null, load: null, concerns: [concern] },
    clock: { synchronized: false, service: null, maxErrorNs: null, source: null },
  };
  assert.deepEqual(parse('hall/health', encodeHealth(health, true, { messages: 0, bytes: 0, dropped: 0 })), {
    kind: 'health',
    concerns: [{ severity: 'warning', text: 'It  is late.' }],
  });
  assert.deepEqual(parse('hall/link', encodeLink([{ facts: buildPort('eth0'), neighbour: null }])), {
    kind: 'link',
    ports: [{ name: 'eth0', up: true, speedMbps: 1000, duplex: 'full', neighbour: null }],
  });
});

test('an empty payload clears, and events cannot be cleared', () => {
  assert.deepEqual(parse('hall/status', ''), { kind: 'status', isOnline: null });
  assert.deepEqual(parse('hall/target/office/state', ''), { kind: 'target', name: 'office', told: null });
  refuse('hall/event', '', /empty/);
});

test('a distribution that contradicts itself is refused before anything is made of it', () => {
  const rtt = createDigest([1e6, 2e6]);
  assert.ok(rtt);
  const tell = (said: object): string =>
    tellMinute(buildMinute('office', { sent: 2, lost: 0, rtt: { ...rtt, ...said } }));
  for (const said of [
    { count: 3 },
    { bins: [1] },
    { bins: [5, 1, 4, 1] },
    { bins: [1, 2, 3, -0.5] },
    { collapses: 99 },
  ])
    refuse('hall/target/office/state', tell(said), /distribution|bin|collapses/);
  refuse('hall/target/office/state', tell({ bins: Array(1_000).fill(1) }), /list/);
});

test('what is too large is not read', () => {
  refuse('hall/state', JSON.stringify({ verdict: 'x'.repeat(70_000) }), /bytes are more/);
});

test('any bytes and any JSON are taken or refused, and nothing else', () => {
  const topics = BOX_TOPIC_KINDS.map((kind) => ({ box: 'hall', kind, target: kind === 'target' ? 'office' : null }));
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.json().map((text) => new TextEncoder().encode(text)),
  );
  fc.assert(
    fc.property(fc.constantFrom(...topics), payload, (topic, bytes) => {
      try {
        parseBoxPayload(topic, bytes);
      } catch (error) {
        assert.ok(error instanceof ProtocolError, String(error));
      }
    }),
  );
});
