// The page of a console in Chromium: the worst box first, one opened with its targets, incidents of all, events as they come.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { createDigest } from '../../src/analysis/statistics/delay-digest.js';
import { ConsoleDesk } from '../../src/console/console-desk.js';
import { FleetHistory } from '../../src/console/fleet-history.js';
import { FleetFeed } from '../../src/server/fleet/fleet-events.js';
import { startConsoleServer } from '../../src/server/fleet/console-server.js';
import { startPageServer } from '../../src/ui/server.js';
import { makeFolder } from '../contract/parts/simulated-parts.js';
import { SAMPLE_REPORTS } from '../unit/cli/sample-reports.js';
import { tellEvent, tellMinute } from '../unit/console/told.js';
import { buildEvent, buildIncident } from '../unit/history/built-records.js';
import { buildMinute } from '../unit/mqtt/built-facts.js';
import { noBrowser, openBrowser } from './open-browser.js';

const MINUTE_MS = 60_000;
const PICTURES = process.env['APPARENET_PICTURES'];

async function startFleet(context: TestContext) {
  const folder = makeFolder();
  const fail = (error: unknown): void => assert.fail(String(error));
  const history = await FleetHistory.open({
    folder: join(folder, 'fleet'),
    retention: { maxMb: 512, days: 400 },
    onStoreError: fail,
  });
  const events = new FleetFeed();
  const desk = await ConsoleDesk.open({
    ...{ baseTopic: 'apparenet', history, readClockMs: Date.now, onStoreError: fail },
    onEvent: (event) => events.publish(event),
  });
  desk.setBroker(null, true);
  const server = await startConsoleServer({
    ...{ port: 0, fleet: desk, events, onDefect: fail },
    localSocketPath: join(folder, 'as.sock'),
    accessPath: join(folder, 'access.json'),
  });
  const ui = await startPageServer({ port: 0, asPort: Number(new URL(server.url).port), home: 'fleet' });
  context.after(async () => {
    await ui.close();
    await server.close();
    desk.close();
    await history.close();
  });
  const tell = (topic: string, payload: object | string): Promise<void> => {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    return desk.take(`apparenet/${topic}`, Buffer.from(text), false);
  };
  return { url: ui.url, tell };
}

const info = (name: string) => ({ name, version: '0.1.0', startedAt: new Date().toISOString() });

test('a console shows the worst box first, and what one watches', { skip: noBrowser }, async (context) => {
  const { url, tell } = await startFleet(context);
  const minuteMs = Math.floor(Date.now() / MINUTE_MS - 1) * MINUTE_MS;
  await tell('hall/status', 'online');
  await tell('hall/info', info('Great hall <b>'));
  await tell('hall/state', { verdict: 'ok', openIncidents: 0 });
  const minute = { startMs: minuteMs, sent: 3, lost: 0, rtt: createDigest([2e6, 2e6, 3e6]) };
  await tell('hall/target/office/state', tellMinute(buildMinute('office', minute)));
  await tell('attic/status', 'online');
  await tell('attic/state', { verdict: 'critical', openIncidents: 1, summary: 'office does not answer.' });
  const incident = { ...buildIncident('i1', minuteMs, minuteMs), target: 'office', severity: 'critical' as const };
  const opened = { ...buildEvent(minuteMs, 'office'), kind: 'opened' as const, text: incident.summary };
  await tell('attic/event', tellEvent(opened, { ...incident, reportId: 'AAAA' }));
  await tell('attic/report', { ...SAMPLE_REPORTS['healthy'], id: 'AAAA', startedAt: new Date().toISOString() });
  const browser = await openBrowser(context);
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url);
  await page.locator('#boxes li').nth(1).waitFor();
  assert.match(await page.locator('#boxes li').first().innerText(), /attic[\s\S]*office does not answer\./);
  assert.match(
    await page.locator('#boxes li').nth(1).innerText(),
    /Great hall <b> hall[\s\S]*No trouble\.[\s\S]*here, 0\.1\.0/,
  );
  assert.match(await page.locator('#summary').innerText(), /^2 boxes: 1 critical, 1 without trouble$/);
  assert.match(await page.locator('#open-incidents').innerText(), /attic, office/);
  await page.getByRole('button', { name: 'Show its examination' }).click();
  await page.locator('#report').getByText('As attic sent it.').waitFor();
  await page.getByRole('button', { name: /Great hall <b>/ }).click();
  await page.locator('#box').getByText('office', { exact: true }).waitFor();
  assert.match(await page.locator('#box').innerText(), /office[\s\S]*2\.001 ms/);
  assert.equal(await page.locator('#box svg .median').count(), 1);
  // What happens now is there without a look, and at its own time.
  await tell('hall/event', tellEvent({ ...buildEvent(minuteMs - MINUTE_MS, null), text: 'The path was cut.' }, null));
  await page.locator('#events').getByText('The path was cut.').waitFor();
  assert.match(await page.locator('#events li').last().innerText(), /The path was cut/);
  await page.locator('#find').fill('attic');
  await page.waitForFunction(`document.querySelectorAll('#boxes li').length === 1`);
  if (PICTURES !== undefined) await page.screenshot({ path: join(PICTURES, 'console.png'), fullPage: true });
  await page.setViewportSize({ width: 360, height: 740 });
  assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true);
  assert.deepEqual(complaints, []);
});
