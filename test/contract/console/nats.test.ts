// The console at Debian's nats-server: what boxes publish there reaches it, also what was published while it was away.
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildEvent } from '../../unit/history/built-records.js';
import { makeFolder } from '../mqtt/mosquitto.js';
import { SKIP_NATS, startNats } from '../mqtt/nats-server.js';
import { NOW_MS, startBox } from '../mqtt/test-box.js';
import { startTestConsole } from './test-console.js';

test('nats-server carries a box to a console, and keeps for it what it missed', SKIP_NATS, async (context) => {
  const folder = makeFolder();
  const broker = await startNats(context, folder);
  const options = { url: broker.url, folder, clock: { nowMs: NOW_MS } };
  const first = await startTestConsole(context, options);
  const { box } = await startBox(context, { url: broker.url, folder });
  await first.waitUntil(async () => (await first.listBoxes())[0]?.presence === 'here');
  await first.close();
  const missed = buildEvent(NOW_MS - 60_000, 'office');
  await box.tell(missed, null);
  while (box.readState().messages > 0) await sleep(10);
  const second = await startTestConsole(context, options);
  await second.waitUntil(async () => (await second.listEvents()).some(({ id }) => id === `${missed.id}@hall`));
  // What is retained comes in any order.
  await second.waitUntil(async () => {
    const [hall] = await second.listBoxes();
    return hall?.version === '0.1.0' && hall.targets === 1;
  });
  await box.close();
  await second.waitUntil(async () => (await second.listBoxes())[0]?.presence === 'gone');
});
