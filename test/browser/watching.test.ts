// The page as the door of a box that watches: claim, log-in and log-out, targets with their last hours, incidents, live events.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import { startExamination } from '../../src/analysis/examination/start-examination.js';
import { History } from '../../src/history/history.js';
import type { Incident } from '../../src/model/incident.js';
import { PERIODS_MS } from '../../src/model/period-summary.js';
import { createRandom } from '../../src/model/random.js';
import { ConfigurationDesk } from '../../src/server/configuration-desk.js';
import { startAnalysisServer } from '../../src/server/server.js';
import type { AnalysisServer } from '../../src/server/server.js';
import { startPageServer } from '../../src/ui/server.js';
import { makeFolder, startSimulatedTps } from '../contract/parts/simulated-parts.js';
import { SAMPLE_REPORTS } from '../unit/cli/sample-reports.js';
import { buildEvent, buildIncident } from '../unit/history/built-records.js';
import { drawMinute, drawTargets } from '../unit/history/drawn-summaries.js';
import { noBrowser, openBrowser } from './open-browser.js';

const DESKTOP = { width: 1200, height: 900 };
const PHONE = { width: 360, height: 740 };
const PICTURES = process.env['APPARENET_PICTURES'];
const PASSWORD = 'many small words';
const TARGETS = `targets:
  - { name: target-0, address: gateway }
  - { name: target-1, address: 192.0.2.53 }
  - { name: spare, address: 192.0.2.9, enabled: false }
`;

interface Box {
  readonly server: AnalysisServer;
  readonly history: History;
  readonly url: string;
}

async function startBox(context: TestContext, written = TARGETS): Promise<Box> {
  const folder = makeFolder();
  const socketPath = join(folder, 'tps.sock');
  await startSimulatedTps(context, socketPath);
  writeFileSync(join(folder, 'config.yaml'), written);
  const history = await History.open(join(folder, 'history'));
  const server = await startAnalysisServer({
    port: 0,
    socketPath,
    accessPath: join(folder, 'access.json'),
    history,
    configuration: new ConfigurationDesk(join(folder, 'config.yaml'), () => undefined),
    loadExamination: () => Promise.resolve(startExamination),
    onDefect: (error) => assert.fail(String(error)),
  });
  const ui = await startPageServer({ port: 0, asPort: Number(new URL(server.url).port) });
  context.after(async () => {
    await ui.close();
    await server.close();
    await history.close();
  });
  return { server, history, url: ui.url };
}

interface Look {
  readonly viewport?: typeof DESKTOP;
  readonly colorScheme?: 'light' | 'dark';
}

async function open(context: TestContext, url: string, look: Look = {}): Promise<{ page: Page; complaints: string[] }> {
  const browser = await openBrowser(context);
  const page = await browser.newPage({ viewport: DESKTOP, colorScheme: 'light', ...look });
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text());
  });
  await page.goto(url);
  return { page, complaints };
}

async function takePicture(page: Page, name: string): Promise<void> {
  if (PICTURES !== undefined) await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
}

async function assertFits(page: Page): Promise<void> {
  const wide = await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
  assert.equal(wide, false, 'something stands over the right edge');
}

/** Two hours of two targets up to now; a fifth of the last minutes of the first was lost, half an hour of it was not measured. */
async function fill(history: History): Promise<Incident> {
  const random = createRandom(1);
  const [near, far] = drawTargets(random, 2, 0.5);
  assert.ok(near && far);
  const now = Math.floor(Date.now() / PERIODS_MS.minute) * PERIODS_MS.minute;
  for (let back = 120; back >= 1; back -= 1) {
    const startMs = now - back * PERIODS_MS.minute;
    const minute = drawMinute(random, near, startMs);
    const lossy = back <= 9 ? { ...minute, lost: Math.round(minute.sent / 5) } : minute;
    const other = drawMinute(random, far, startMs);
    await history.append(back > 60 && back < 90 ? [lossy] : [lossy, other]);
  }
  const [finding = null] = SAMPLE_REPORTS['policer']?.findings ?? SAMPLE_REPORTS['rich']?.findings ?? [];
  const startedMs = now - 9 * PERIODS_MS.minute;
  const incident = { ...buildIncident('i2', startedMs, startedMs), finding, segment: 'provider' as const };
  await history.putIncident(incident);
  const past = buildIncident('i1', now - 100 * PERIODS_MS.minute, now - 98 * PERIODS_MS.minute);
  await history.putIncident({
    ...past,
    kind: 'delay',
    metric: 'rttNs',
    expected: 4e6,
    worst: 9e7,
    state: 'closed',
    endedMs: now - 83 * PERIODS_MS.minute,
    summary: 'Twenty times as slow as usual.',
  });
  await history.addEvent(buildEvent(startedMs - 1, 'target-1'));
  return incident;
}

test('a glance tells how each target is, and what is wrong with it', { skip: noBrowser }, async (context) => {
  const box = await startBox(context);
  const incident = await fill(box.history);
  const { page, complaints } = await open(context, box.url);
  const card = (name: string) => page.getByRole('listitem').filter({ has: page.getByRole('heading', { name }) });
  await card('target-1').getByText('no trouble').waitFor();
  await card('target-0')
    .getByText(/^Loss since /)
    .waitFor();
  await card('spare').getByText('switched off').waitFor();
  assert.match(await card('target-0').locator('.now').innerText(), /lost\s*20 %/);
  const chart = page.getByRole('img', { name: /^target-1: round trip mostly [\d.]+ [µm]s, between/ });
  assert.equal(await chart.locator('path.median').count(), 2, 'half an hour without a measurement is a gap');
  await page.getByRole('img', { name: /^target-0: .* at worst 20 % lost$/ }).waitFor();
  const now = page.locator('#open-incidents');
  await now.getByText(incident.summary).waitFor();
  await now.getByText('at the provider').waitFor();
  assert.match(await now.locator('.advice').innerText(), /^What to do \S/);
  const before = page.locator('#past-incidents summary');
  await before.focus();
  await page.keyboard.press('Enter');
  await page.getByText('Twenty times as slow as usual.').waitFor();
  await page.getByText(/at worst 90 ms, where 4 ms is usual/).waitFor();
  await takePicture(page, 'watching-desktop');
  assert.deepEqual(complaints, []);
});

for (const colorScheme of ['light', 'dark'] as const)
  test(`what is watched fits a phone (${colorScheme})`, { skip: noBrowser }, async (context) => {
    const box = await startBox(context);
    await fill(box.history);
    const { page, complaints } = await open(context, box.url, { viewport: PHONE, colorScheme });
    await page.getByText('no trouble').waitFor();
    await assertFits(page);
    await takePicture(page, `watching-phone-${colorScheme}`);
    assert.deepEqual(complaints, []);
  });

test(
  'what happens appears as it happens, and a recovery takes the incident away',
  { skip: noBrowser },
  async (context) => {
    const box = await startBox(context);
    const incident = await fill(box.history);
    const { page } = await open(context, box.url);
    await page.locator('#open-incidents').getByText(incident.summary).waitFor();
    const endedMs = Date.now();
    await box.history.putIncident({ ...incident, state: 'closed', endedMs });
    const event = {
      ...buildEvent(endedMs, 'target-0'),
      kind: 'recovered' as const,
      text: 'Recovered after 9 minutes.',
    };
    box.server.events.publish(event);
    await page.locator('#events').getByText('Recovered after 9 minutes.').waitFor();
    await page.locator('#open-incidents').getByText(incident.summary).waitFor({ state: 'detached' });
    await page.getByText('Loss: target-0').waitFor();
  },
);

test('a target is watched from the page, and no longer', { skip: noBrowser }, async (context) => {
  const box = await startBox(context, '');
  const { page, complaints } = await open(context, box.url);
  await page.getByText('Nothing is watched yet.').waitFor();
  await takePicture(page, 'watching-nothing');
  await page.getByText('Watch another target').click();
  await page.getByLabel('Short name').fill('Office');
  await page.getByLabel('Address or name').fill('192.0.2.1');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText(/name/).waitFor();
  await page.getByLabel('Short name').fill('office');
  await page.keyboard.press('Enter');
  const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'office' }) });
  await card.getByText('not measured in this time').waitFor();
  await card.getByText('Change').click();
  await card.getByRole('button', { name: 'Watch office no longer' }).click();
  await card.waitFor({ state: 'detached' });
  const { targets } = (await (await fetch(`${box.server.url}/api/v1/targets`)).json()) as { targets: unknown[] };
  assert.deepEqual(targets, []);
  assert.deepEqual(complaints, []);
});

test('the claim code makes the first admin, who logs out and in again', { skip: noBrowser }, async (context) => {
  const box = await startBox(context);
  await fill(box.history);
  const { page, complaints } = await open(context, box.url);
  await page.getByRole('button', { name: 'Set a password' }).click();
  await takePicture(page, 'claim');
  await page.getByLabel('Claim code').fill('WRONG-CODE');
  await page.getByLabel('Your name').fill('ann');
  await page.getByLabel('A password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page
    .getByRole('alert')
    .getByText(/not the claim code/)
    .waitFor();
  await page.getByLabel('Claim code').fill(String(box.server.claimCode));
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'target-1' }).waitFor();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
  assert.equal(await page.getByText('target-1').count(), 0, 'nothing stays on the page for others');
  await takePicture(page, 'log-in');
  await page.getByLabel('Name', { exact: true }).fill('ann');
  await page.getByLabel('Password', { exact: true }).fill('not my password');
  await page.keyboard.press('Enter');
  await page
    .getByRole('alert')
    .getByText(/no such user/)
    .waitFor();
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'target-1' }).waitFor();
  // The token of the new session goes with what changes something.
  await page.getByText('Watch another target').click();
  await page.getByLabel('Short name').fill('office');
  await page.getByLabel('Address or name').fill('192.0.2.1');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'office' }).waitFor();
  assert.deepEqual(complaints, []);
});

test('a viewer sees what is watched, and nothing to change it with', { skip: noBrowser }, async (context) => {
  const box = await startBox(context);
  await fill(box.history);
  const send = (path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(`${box.server.url}/api/v1/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const claimed = await send('claim', { code: box.server.claimCode, name: 'ann', password: PASSWORD });
  const { csrfToken } = (await claimed.json()) as { csrfToken: string };
  const cookie = (claimed.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
  const added = await send(
    'users',
    { name: 'bob', role: 'viewer', password: PASSWORD },
    { cookie, 'x-csrf-token': csrfToken },
  );
  assert.equal(added.status, 201);
  const { page } = await open(context, box.url);
  await page.getByLabel('Name', { exact: true }).fill('bob');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByText('no trouble').waitFor();
  for (const words of ['Watch another target', 'Change', 'Examine'])
    assert.equal(await page.getByText(words, { exact: true }).isVisible(), false, words);
});
