// The page for who looks after a box: what it does by itself and what that costs, and who may use it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import { startExamination } from '../../src/analysis/examination/start-examination.js';
import { parseConfiguration } from '../../src/box/config/parse-configuration.js';
import { computeStanding } from '../../src/server/calendar/standing.js';
import type { LiveState } from '../../src/server/calendar/standing.js';
import { startAnalysisServer } from '../../src/server/server.js';
import { startPageServer } from '../../src/ui/server.js';
import { makeFolder, startSimulatedTps } from '../contract/parts/simulated-parts.js';
import { noBrowser, openBrowser } from './open-browser.js';

const PHONE = { width: 360, height: 740 };
const PICTURES = process.env['APPARENET_PICTURES'];
const PASSWORD = 'many small words';
const NOW_MS = Date.parse('2026-11-23T12:00:00Z');
const CONFIGURATION = parseConfiguration(`timeZone: UTC
schedule: [{ name: nightly, at: "30 3 * * *" }, { name: lunch, at: "0 12 * * mon-fri", enabled: false }]
quietHours: [{ from: "08:00", to: "18:00", days: [mon, tue] }]
`);
const PUT_OFF = 'gateway was not examined: these are quiet hours (08:00 to 18:00).';
const RECORD = {
  spending: { '2026-11-23': 50e6, '2026-11': 400e6 },
  results: { nightly: { atMs: NOW_MS - 3_600_000, outcome: 'not-run', text: PUT_OFF } },
} as const;

const QUEUED = { depth: 'deep', sinceMs: NOW_MS - 60_000 } as const;
const LIVE: LiveState = {
  ownJobs: [{ name: 'history repair', at: '17 4 * * *', enabled: true }],
  queue: {
    working: { ...QUEUED, target: 'office', askedBy: [{ kind: 'job', name: 'nightly' }] },
    startedMs: NOW_MS - 60_000,
    ahead: 0,
    waiting: [{ ...QUEUED, target: 'gateway', askedBy: [{ kind: 'incident', name: '0001-gateway-delay-1' }] }],
  },
};

async function startBox(context: TestContext) {
  const folder = makeFolder();
  const socketPath = join(folder, 'tps.sock');
  await startSimulatedTps(context, socketPath);
  const server = await startAnalysisServer({
    port: 0,
    socketPath,
    accessPath: join(folder, 'access.json'),
    readStanding: () => computeStanding(CONFIGURATION, RECORD, NOW_MS, LIVE),
    loadExamination: () => Promise.resolve(startExamination),
    onDefect: (error) => assert.fail(String(error)),
  });
  const ui = await startPageServer({ port: 0, asPort: Number(new URL(server.url).port) });
  context.after(async () => {
    await ui.close();
    await server.close();
  });
  return { server, url: ui.url };
}

type Box = Awaited<ReturnType<typeof startBox>>;

async function open(context: TestContext, { url }: Box, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
  const browser = await openBrowser(context);
  const page = await browser.newPage({ viewport: PHONE, colorScheme, locale: 'en-GB' });
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text());
  });
  context.after(() => assert.deepEqual(complaints, []));
  await page.goto(url);
  return page;
}

async function claim(box: Box, page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Set a password' }).click();
  await page.getByLabel('Claim code').fill(String(box.server.claimCode));
  await page.getByLabel('Your name').fill('ann');
  await page.getByLabel('A password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Who may use this box' }).waitFor();
}

async function logIn(page: Page, name: string, password: string): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
}

async function showAll(page: Page, name: string): Promise<void> {
  const wide = await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
  assert.equal(wide, false, 'something stands over the right edge');
  if (PICTURES !== undefined) await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
}

const row = (page: Page, list: 'jobs' | 'turns' | 'users' | 'tokens', name: RegExp | string) =>
  page.locator(`#${list} > li`).filter({ has: page.getByRole('heading', { name }) });

test(
  'the calendar tells what is due, what was put off and why, and what was spent',
  { skip: noBrowser },
  async (context) => {
    const page = await open(context, await startBox(context));
    await row(page, 'jobs', 'nightly')
      .getByText(/^next 24 Nov 2026, 03:30$/)
      .waitFor();
    await row(page, 'jobs', 'nightly').getByText(PUT_OFF).waitFor();
    await row(page, 'jobs', 'lunch').getByText('switched off').waitFor();
    await row(page, 'jobs', 'history repair')
      .getByText(/^the box's own, next 24 Nov 2026, 04:17$/)
      .waitFor();
    await row(page, 'turns', 'office')
      .getByText(/^under way since 23 Nov 2026, 11:59$/)
      .waitFor();
    const waiting = row(page, 'turns', 'gateway');
    await waiting.getByText('waits for the examination of office').waitFor();
    await waiting.getByText('For incident 0001-gateway-delay-1, asked 23 Nov 2026, 11:59, deep.').waitFor();
    await page.getByRole('progressbar', { name: 'Spent today: 50 of 200 MB' }).waitFor();
    await page.getByRole('progressbar', { name: 'This month: 400 of 2000 MB' }).waitFor();
    await page.getByText('Quiet hours: 08:00 to 18:00 (Mon, Tue). Times are those of UTC.').waitFor();
    await showAll(page, 'calendar');
    assert.equal(await page.locator('#access').isVisible(), false, 'nobody has logged in');
  },
);

test('an admin lets somebody in, gives a new password and sends them away', { skip: noBrowser }, async (context) => {
  const box = await startBox(context);
  const page = await open(context, box, 'dark');
  await claim(box, page);
  await row(page, 'users', 'ann (you)').getByText('may change everything').waitFor();
  await page.getByText('Let somebody in').focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('User name').fill('bob');
  await page.getByLabel('First password').fill('short');
  await page.keyboard.press('Enter');
  await page
    .getByRole('alert')
    .getByText(/12 to 256 characters/)
    .waitFor();
  await page.getByLabel('First password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await row(page, 'users', 'bob').getByText('may look').waitFor();
  const visitor = await open(context, box);
  await logIn(visitor, 'bob', PASSWORD);
  await row(visitor, 'jobs', 'nightly').waitFor();
  assert.equal(await visitor.locator('#access').isVisible(), false, 'a viewer changes nobody');
  await row(page, 'users', 'bob').getByText('Change', { exact: true }).click();
  await page.getByLabel('New password of bob').fill('other small words');
  await showAll(page, 'users-phone-dark');
  await page.keyboard.press('Enter');
  await page.getByText('bob has a new password.').waitFor();
  await row(page, 'users', 'bob').getByText('Change', { exact: true }).click();
  // What bob has open ends with his password.
  await visitor.reload();
  await logIn(visitor, 'bob', 'other small words');
  await row(visitor, 'jobs', 'nightly').waitFor();
  await row(page, 'users', 'bob').getByRole('button', { name: 'Remove bob' }).click();
  await row(page, 'users', 'bob').waitFor({ state: 'detached' });
  await visitor.reload();
  await visitor.getByRole('heading', { name: 'Log in' }).waitFor();
});

test(
  'who changes the own password stays logged in, and shows the old one first',
  { skip: noBrowser },
  async (context) => {
    const box = await startBox(context);
    const page = await open(context, box);
    await claim(box, page);
    await row(page, 'users', 'ann (you)').getByText('Change', { exact: true }).click();
    assert.equal(await page.getByRole('button', { name: 'Remove ann' }).count(), 0);
    await page.getByLabel('Your password until now').fill('not my password');
    await page.getByLabel('Your new password').fill('other small words');
    await page.keyboard.press('Enter');
    await page
      .locator('#access-problem')
      .getByText(/password/)
      .waitFor();
    await page.getByLabel('Your password until now').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByText('ann has a new password.').waitFor();
    // The token of the new session goes with what changes something.
    await page.getByText('Make a token').click();
    await page.getByLabel('What it is for').fill('prometheus');
    await page.keyboard.press('Enter');
    await row(page, 'tokens', 'prometheus').waitFor();
  },
);

test('a token is shown once, works, and is worth nothing when it is revoked', { skip: noBrowser }, async (context) => {
  const box = await startBox(context);
  const page = await open(context, box);
  await claim(box, page);
  await page.getByText('None.').waitFor();
  await page.getByText('Make a token').click();
  await page.getByLabel('What it is for').fill('prometheus');
  await page.getByRole('button', { name: 'Make token' }).click();
  await row(page, 'tokens', 'prometheus').getByText('may look').waitFor();
  const token = await page.locator('#new-token-text').innerText();
  const ask = async () =>
    (await fetch(`${box.server.url}/api/v1/reports`, { headers: { authorization: `Bearer ${token}` } })).status;
  assert.equal(await ask(), 200);
  await showAll(page, 'tokens-phone-light');
  await row(page, 'tokens', 'prometheus').getByText('Change', { exact: true }).click();
  await row(page, 'tokens', 'prometheus').getByRole('button', { name: 'Revoke prometheus' }).click();
  await page.getByText('None.').waitFor();
  assert.equal(await ask(), 401);
  await page.reload();
  await page.getByRole('heading', { name: 'Who may use this box' }).waitFor();
  assert.equal(await page.getByText(token.slice(4)).count(), 0);
});
