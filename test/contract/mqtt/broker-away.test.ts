// Debian's mosquitto killed while a box watches: what happened meanwhile arrives afterwards, once and in order; a refused password does not
// end the attempts; parting is bounded.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TargetMinute } from '../../../src/analysis/baseline/judge-box.js';
import type { BoxEvent } from '../../../src/model/incident.js';
import { BaselineMemory } from '../../../src/server/judgement/baseline-memory.js';
import { Judgement, type JudgementOptions } from '../../../src/server/judgement/judgement.js';
import { composeSummary, MINUTE_MS, MONDAY_MS } from '../../unit/baseline/watched-minutes.js';
import { buildEvent } from '../../unit/history/built-records.js';
import { makeFolder, PASSWORD, SKIP, startBroker, startListener } from './mosquitto.js';
import type { Listener } from './mosquitto.js';
import { NOW_MS, startBox, writeCredentials } from './test-box.js';
import type { TestBox } from './test-box.js';

const listEventIds = ({ heard }: Listener): string[] =>
  heard
    .filter(({ topic }) => topic === 'apparenet/hall/event')
    .map(({ payload }) => (JSON.parse(payload) as BoxEvent).id);

/** Judges minutes of one target; what it tells goes to the box as in the product. */
async function openJudgement(
  folder: string,
  { box, facts }: TestBox,
): Promise<{ judgement: Judgement; told: string[]; sending: Promise<void>[] }> {
  const told: string[] = [];
  const sending: Promise<void>[] = [];
  const options: JudgementOptions = {
    memory: new BaselineMemory(join(folder, 'baseline'), (what) => assert.fail(what)),
    keeper: {
      putIncident: () => Promise.resolve(),
      readIncident: () => Promise.resolve(null),
      addEvent: () => Promise.resolve(),
      listOpenIncidents: () => Promise.resolve([]),
    },
    timeZone: 'UTC',
    isLinkUp: () => true,
    examine: () => undefined,
    onTold: (event, incident) => {
      told.push(event.id);
      facts.openIncidents = judgement.listOpenIncidents();
      sending.push(box.tell(event, incident));
    },
    onStoreError: (error) => assert.fail(error.message),
  };
  const judgement = await Judgement.open(options, MONDAY_MS);
  return { judgement, told, sending };
}

function composeMinute(i: number, lost: number): TargetMinute[] {
  const target = { name: 'office', segment: 'beyond', thresholds: 'learn' } as const;
  const summary = { ...composeSummary(MONDAY_MS + i * MINUTE_MS, { lost }), target: 'office' };
  return [{ target, summary, replyTtl: 60 }];
}

test(
  'ten minutes without a broker, in which incidents open and close, lose, repeat and reorder nothing',
  SKIP,
  async (context) => {
    const folder = makeFolder();
    const broker = await startBroker(context, { folder });
    const listener = await startListener(context, broker, 'apparenet/#');
    const tested = await startBox(context, { url: broker.url, folder });
    const { judgement, told, sending } = await openJudgement(folder, tested);
    // Outages of four minutes, four minutes apart: some begin, some end while nobody listens.
    for (let i = 0; i < 32; i += 1) {
      if (i === 10) {
        await Promise.all(sending);
        await waitUntilEmpty(tested);
        await broker.kill();
      }
      if (i === 20) {
        await Promise.all(sending);
        assert.ok(tested.box.readState().messages >= 2, 'something waits');
        await broker.start();
      }
      const minutes = composeMinute(i, i % 8 >= 4 ? 60 : 0);
      await judgement.judge(minutes);
      tested.box.takeMinutes(minutes.map(({ summary }) => summary));
    }
    await Promise.all(sending);
    assert.ok(told.length >= 5, `${told.length} events`);
    const last = told.at(-1);
    await listener.waitFor(({ payload }) => payload.includes(`"id":"${last ?? ''}"`));
    assert.deepEqual(listEventIds(listener), told);
    await waitUntilEmpty(tested);
    while (readdirSync(join(folder, 'state/spool')).length > 0) await sleep(10);
    const states = listener.heard
      .filter(({ topic }) => topic === 'apparenet/hall/status')
      .map(({ payload }) => payload);
    assert.deepEqual([states[0], states.at(-1)], ['online', 'online']);
  },
);

test('killed at any moment of a stream of events, it has them all afterwards, in order', SKIP, async (context) => {
  const folder = makeFolder();
  const broker = await startBroker(context, { folder });
  const listener = await startListener(context, broker, 'apparenet/#');
  const { box } = await startBox(context, { url: broker.url, folder });
  const ids: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    for (let i = 0; i < 40; i += 1) {
      const event = buildEvent(NOW_MS + round * 1_000 + i, 'office');
      ids.push(event.id);
      const adding = box.tell(event, null);
      if (i === 20) await broker.kill();
      await adding;
    }
    await broker.start();
    await listener.waitUntilBack();
  }
  await listener.waitFor(({ payload }) => payload.includes(`"id":"${ids.at(-1) ?? ''}"`));
  // One that the broker had passed on and not acknowledged when it died comes again, by its id.
  const heard = listEventIds(listener);
  const firsts = heard.filter((id, i) => heard.indexOf(id) === i);
  assert.deepEqual(firsts, ids);
  assert.ok(heard.length <= ids.length + 3, `${heard.length} of ${ids.length}`);
});

test('what waited when the box was switched off goes out after it is on again', SKIP, async (context) => {
  const folder = makeFolder();
  const broker = await startBroker(context, { folder });
  const listener = await startListener(context, broker, 'apparenet/#');
  await broker.kill();
  const first = await startBox(context, { url: broker.url, folder });
  await first.box.tell(buildEvent(NOW_MS + 1, 'office'), null);
  await first.box.close();
  await broker.start();
  await listener.waitUntilBack();
  const second = await startBox(context, { url: broker.url, folder });
  await second.box.tell(buildEvent(NOW_MS + 2, 'office'), null);
  await listener.waitFor(({ payload }) => payload.includes(buildEvent(NOW_MS + 2, null).id));
  assert.deepEqual(listEventIds(listener), [buildEvent(NOW_MS + 1, null).id, buildEvent(NOW_MS + 2, null).id]);
});

test('a refused password is said without being shown, and tried again from its file', SKIP, async (context) => {
  const folder = makeFolder();
  const broker = await startBroker(context, { folder });
  const listener = await startListener(context, broker, 'apparenet/#');
  const wrong = 'not-the-s3cret';
  const { box, troubles } = await startBox(context, { url: broker.url, folder, password: wrong });
  while (box.readState().problem === null) await sleep(10);
  writeCredentials(folder, PASSWORD);
  await listener.waitFor(({ topic, payload }) => topic === 'apparenet/hall/status' && payload === 'online');
  while (troubles.length < 2) await sleep(10);
  assert.match(troubles[0] ?? '', /^nothing is published: .*(not authori[sz]ed|user name or password)/i);
  assert.equal(troubles[1], 'results are published again');
  const all = [...troubles, ...listener.heard.map(({ payload }) => payload)].join('\n');
  assert.doesNotMatch(all, new RegExp(`${wrong}|battery`));
});

test('a broker that takes the connection and says nothing does not hold up the end', SKIP, async (context) => {
  const { createServer } = await import('node:net');
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  context.after(() => server.close());
  const { port } = server.address() as { port: number };
  const { box } = await startBox(context, { url: `mqtt://127.0.0.1:${port}`, folder: makeFolder() });
  await box.tell(buildEvent(NOW_MS + 1, 'office'), null);
  await box.close();
  assert.equal(box.readState().messages, 1);
});

async function waitUntilEmpty({ box }: TestBox): Promise<void> {
  while (box.readState().messages > 0 || !box.readState().connected) await sleep(10);
}
