// Two boxes with the product's own publisher, Debian's mosquitto, and a console: who is there, what is wrong, what comes late, who goes,
// and what is left when broker or console are killed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import mqtt from 'mqtt';
import type { MqttClient } from 'mqtt';
import { createDigest } from '../../../src/analysis/statistics/delay-digest.js';
import type { BoxEvent, Incident } from '../../../src/model/incident.js';
import { buildEvent, buildIncident } from '../../unit/history/built-records.js';
import { buildMinute } from '../../unit/mqtt/built-facts.js';
import { makeFolder, PASSWORD, SKIP, startBroker } from '../mqtt/mosquitto.js';
import type { Broker } from '../mqtt/mosquitto.js';
import { NOW_MS, startBox } from '../mqtt/test-box.js';
import type { TestBox } from '../mqtt/test-box.js';
import { startTestConsole } from './test-console.js';
import type { TestConsole } from './test-console.js';

const MINUTE_MS = 60_000;

interface Site {
  readonly folder: string;
  readonly broker: Broker;
  readonly clock: { nowMs: number };
  readonly console: TestConsole;
  readonly addBox: (id: string, name?: string) => Promise<TestBox>;
}

async function startSite(context: TestContext): Promise<Site> {
  const folder = makeFolder();
  const broker = await startBroker(context, { folder });
  const clock = { nowMs: NOW_MS };
  const console = await startTestConsole(context, { url: broker.url, folder, clock });
  const addBox = (id: string, name = id): Promise<TestBox> =>
    startBox(context, { url: broker.url, folder: makeFolder(), id, name });
  return { folder, broker, clock, console, addBox };
}

function openIncident(id: string, atMs: number): { incident: Incident; event: BoxEvent } {
  const incident = { ...buildIncident(id, atMs, atMs), target: 'office', severity: 'critical' as const };
  return { incident, event: tellOf(incident, 'opened', atMs) };
}

function tellOf(incident: Incident, kind: BoxEvent['kind'], atMs: number): BoxEvent {
  return { ...buildEvent(atMs, 'office'), kind, severity: incident.severity, incidentId: incident.id };
}

test('the worst box is first, with what is wrong, and its past can be looked at', SKIP, async (context) => {
  const { console, addBox } = await startSite(context);
  const hall = await addBox('hall', 'Great hall');
  const attic = await addBox('attic');
  hall.box.takeMinutes([
    { ...buildMinute('office', { startMs: NOW_MS - MINUTE_MS, sent: 3, lost: 1, rtt: createDigest([2e6, 3e6]) }) },
  ]);
  const { incident, event } = openIncident('i1', NOW_MS - MINUTE_MS);
  attic.facts.openIncidents = [incident];
  await attic.box.tell(event, incident);
  await console.waitUntil(async () => (await console.listBoxes()).some(({ verdict }) => verdict === 'critical'));
  await console.waitUntil(async () => (await console.readBox('hall')).watched[0]?.atMs === NOW_MS - MINUTE_MS);
  const [worst, other] = await console.listBoxes();
  assert.deepEqual(
    [worst?.id, worst?.attention, worst?.text, worst?.version],
    ['attic', 'critical', incident.summary, '0.1.0'],
  );
  assert.deepEqual([other?.id, other?.name, other?.attention, other?.presence], ['hall', 'Great hall', 'none', 'here']);
  await console.waitUntil(async () => (await console.listIncidents('?state=open')).length > 0);
  const [open] = await console.listIncidents('?state=open');
  assert.deepEqual([open?.box, open?.id, open?.worst], ['attic', 'i1@attic', incident.worst]);
  const range = `from=${NOW_MS - 10 * MINUTE_MS}&to=${NOW_MS}&points=5`;
  const { points } = await console.ask<{ points: { sent: number; rttMinNs: number }[] }>(
    `/api/v1/fleet/boxes/hall/targets/office/history?${range}`,
  );
  assert.deepEqual(
    points.map(({ sent, rttMinNs }) => [sent, rttMinNs]),
    [[3, 2e6]],
  );
});

test('what a box tells late stands at its own time, and what was over does not open again', SKIP, async (context) => {
  const { console, addBox } = await startSite(context);
  const hall = await addBox('hall');
  const attic = await addBox('attic');
  const { incident, event } = openIncident('i1', NOW_MS - 30 * MINUTE_MS);
  const closed = { ...incident, state: 'closed' as const, endedMs: NOW_MS - 20 * MINUTE_MS };
  const events = async (): Promise<readonly string[]> => (await console.listEvents()).map(({ id }) => id);
  // The end is heard before the begin, and another box has told something newer meanwhile.
  await hall.box.tell(tellOf(closed, 'recovered', NOW_MS - 20 * MINUTE_MS), closed);
  await console.waitUntil(async () => (await events()).some((id) => id.endsWith('@hall')));
  const newest = buildEvent(NOW_MS - MINUTE_MS, null);
  await attic.box.tell(newest, null);
  await console.waitUntil(async () => (await events()).includes(`${newest.id}@attic`));
  await hall.box.tell(event, incident);
  await console.waitUntil(async () => (await events()).includes(`${event.id}@hall`));
  const told = (await console.listEvents()).filter(({ kind }) => !kind.startsWith('box-'));
  assert.deepEqual(
    told.map(({ box, kind }) => [box, kind]),
    [
      ['attic', 'mtu-changed'],
      ['hall', 'recovered'],
      ['hall', 'opened'],
    ],
  );
  const [kept] = await console.listIncidents();
  assert.deepEqual([kept?.state, kept?.endedMs], ['closed', closed.endedMs]);
});

test(
  'a box that ends is gone, and one that is cut off as well; it is back when it speaks again',
  SKIP,
  async (context) => {
    const { broker, console, addBox, clock } = await startSite(context);
    const hall = await addBox('hall');
    const attic = connectWithWill(context, broker.url);
    await attic.publishAsync('apparenet/attic/status', 'online', { qos: 1, retain: true });
    await console.waitUntil(
      async () => (await console.listBoxes()).filter((box) => box.presence === 'here').length === 2,
    );
    attic.stream.destroy();
    await console.waitUntil(async () => (await console.readBox('attic')).presence === 'gone');
    assert.equal((await console.listBoxes())[0]?.id, 'attic');
    await hall.box.close();
    await console.waitUntil(async () => (await console.readBox('hall')).presence === 'gone');
    await addBox('hall');
    await console.waitUntil(async () => (await console.readBox('hall')).presence === 'here');
    // It says nothing any more, and the broker still has it.
    await console.waitUntil(async () => {
      clock.nowMs += 10 * MINUTE_MS;
      return (await console.readBox('hall')).presence === 'silent';
    });
  },
);

test('a broker that is killed, and a console that was away, lose no event', SKIP, async (context) => {
  const { folder, broker, clock, console, addBox } = await startSite(context);
  const hall = await addBox('hall');
  await console.waitUntil(async () => (await console.listBoxes()).length === 1);
  await broker.kill();
  const first = buildEvent(NOW_MS - 3 * MINUTE_MS, 'office');
  await hall.box.tell(first, null);
  await console.waitUntil(async () => (await console.readBox('hall')).presence === 'unknown');
  await broker.start();
  await console.waitUntil(async () => (await console.listEvents()).some(({ id }) => id === `${first.id}@hall`));
  await console.close();
  const second = buildEvent(NOW_MS - 2 * MINUTE_MS, 'office');
  await hall.box.tell(second, null);
  while (hall.box.readState().messages > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const again = await startTestConsole(context, { url: broker.url, folder, clock });
  await again.waitUntil(async () => (await again.listEvents()).some(({ id }) => id === `${second.id}@hall`));
  const ids = (await again.listEvents('?box=hall')).map(({ id }) => id).filter((id) => id.startsWith('e'));
  assert.deepEqual(ids, [`${second.id}@hall`, `${first.id}@hall`]);
  await again.waitUntil(async () => (await again.readBox('hall')).presence === 'here');
});

test('with MQTT 5, too, what the broker kept is told from what is said now', SKIP, async (context) => {
  const folder = makeFolder();
  const broker = await startBroker(context, { folder });
  const attic = connectWithWill(context, broker.url);
  const say = (topic: string, payload: string) =>
    attic.publishAsync(`apparenet/attic/${topic}`, payload, { qos: 1, retain: true });
  await say('status', 'online');
  await say('target/office/state', '{"at":null,"incidents":[]}');
  const options = { url: broker.url, folder, clock: { nowMs: NOW_MS }, version: 5 } as const;
  const console = await startTestConsole(context, options);
  // Of its subscriptions that of targets is the last.
  await console.waitUntil(async () => (await console.listBoxes())[0]?.targets === 1);
  const { presence, lastSeenMs } = await console.readBox('attic');
  assert.deepEqual([presence, lastSeenMs], ['here', null]);
  assert.deepEqual(await console.listEvents(), []);
  await say('state', '{"verdict":"ok","openIncidents":0}');
  await console.waitUntil(async () => (await console.readBox('attic')).lastSeenMs === NOW_MS);
});

test('what one box publishes wrongly is counted, named and hurts no other', SKIP, async (context) => {
  const { broker, console, addBox } = await startSite(context);
  const hall = await addBox('hall');
  // Of its subscriptions that of targets is the last.
  await console.waitUntil(async () => (await console.listBoxes())[0]?.targets === 1);
  const client = mqtt.connect(broker.url, { username: 'probe', password: PASSWORD });
  context.after(() => void client.end(true));
  const bad = [
    ['apparenet/attic/state', '{"verdict":"splendid"}'],
    ['apparenet/attic/event', 'no JSON'],
    ['apparenet/attic/event', JSON.stringify({ ...JSON.parse(tellFuture()), id: '<script>' })],
    ['apparenet/attic/event', tellFuture()],
    ['apparenet/attic/target/office/state', `{"at":null,"incidents":${'['.repeat(100)}`],
    ['apparenet/attic/report', '{}'],
    ['apparenet/ATTIC/state', '{}'],
  ] as const;
  for (const [topic, payload] of bad) await client.publishAsync(topic, payload, { qos: 1 });
  await console.waitUntil(async () => (await console.listBoxes()).some(({ faults }) => faults?.count === 6));
  const attic = await console.readBox('attic');
  assert.deepEqual([attic.attention, attic.faults?.lastTopic], ['notice', 'report']);
  assert.match(attic.text, /^What it publishes on report cannot be read: /);
  const event = buildEvent(NOW_MS - MINUTE_MS, 'office');
  await hall.box.tell(event, null);
  await console.waitUntil(async () => (await console.listEvents()).some(({ id }) => id === `${event.id}@hall`));
  assert.equal((await console.readBox('hall')).faults, null);
});

/** Somebody who says of himself what a box does, and is not tried again. */
function connectWithWill(context: TestContext, url: string): MqttClient {
  const will = { topic: 'apparenet/attic/status', payload: Buffer.from('offline'), qos: 1, retain: true } as const;
  const client = mqtt.connect(url, { username: 'probe', password: PASSWORD, will, reconnectPeriod: 0 });
  client.on('error', () => undefined);
  context.after(() => void client.end(true));
  return client;
}

/** By a clock that is a year ahead. */
function tellFuture(): string {
  const { id, kind, severity, text } = buildEvent(NOW_MS, null);
  const at = new Date(NOW_MS + 365 * 24 * 60 * MINUTE_MS).toISOString();
  return JSON.stringify({ id, at, event_type: kind, severity, target: null, text, incident: null });
}
