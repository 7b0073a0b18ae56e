// The page in a real browser, over real servers and simulated paths: what a person sees in each state, and that it is theirs
// alone to use.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import { startPageServer } from '../../src/ui/server.js';
import { makeFolder, startSimulatedTps, startTestAs } from '../contract/parts/simulated-parts.js';
import { noBrowser, openBrowser } from './open-browser.js';

/** The narrowest that browsers still ask pages to fit (WCAG 2.1, reflow), and a common one. */
const PHONES = { light: { width: 320, height: 640 }, dark: { width: 375, height: 740 } };
const DESKTOP = { width: 1200, height: 900 };
/** Where to leave pictures for a person; nowhere without it. */
const PICTURES = process.env['APPARENET_PICTURES'];

interface Site {
  readonly page: Page;
  readonly url: string;
  /** What the page complained of: script errors and violations of its own security policy. */
  readonly complaints: string[];
}

async function openSite(
  context: TestContext,
  viewport = DESKTOP,
  colorScheme: 'light' | 'dark' = 'light',
): Promise<Site> {
  const socketPath = join(makeFolder(context), 'tps.sock');
  await startSimulatedTps(context, socketPath);
  const as = await startTestAs(context, socketPath);
  return openPage(context, Number(new URL(as.url).port), { viewport, colorScheme });
}

async function openPage(
  context: TestContext,
  asPort: number,
  options: { viewport: typeof DESKTOP; colorScheme: 'light' | 'dark' },
): Promise<Site> {
  const ui = await startPageServer({ port: 0, asPort });
  context.after(() => ui.close());
  const browser = await openBrowser(context);
  const page = await browser.newPage(options);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // A refused request is reported by the browser itself and shown by the page as a notice.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text());
  });
  await page.goto(ui.url);
  return { page, url: ui.url, complaints };
}

async function examine(page: Page, target: string): Promise<void> {
  await page.getByLabel('Examine the path to').fill(target);
  await page.keyboard.press('Enter');
  await page.locator('#report').waitFor();
}

async function takePicture(page: Page, name: string): Promise<void> {
  if (PICTURES !== undefined) await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
}

test('shows that there is nothing yet, then an examination and its report', { skip: noBrowser }, async (context) => {
  const { page, complaints } = await openSite(context);
  await page.getByText('No report yet').waitFor();
  await takePicture(page, 'empty');
  await page.getByLabel('Examine the path to').fill('slow-healthy');
  await page.getByRole('button', { name: 'Examine' }).click();
  await page.getByRole('heading', { name: 'Examining slow-healthy' }).waitFor();
  await page.getByRole('button', { name: 'Stop' }).waitFor();
  await takePicture(page, 'examining');
  await page.getByRole('heading', { level: 2, name: /^Healthy/ }).waitFor();
  assert.equal(await page.getByText('No report yet').isVisible(), false);
  assert.match(await page.getByRole('row', { name: /Capacity/ }).innerText(), /\d(\.\d+)? [GM]b\/s/);
  await takePicture(page, 'healthy-desktop');
  assert.deepEqual(complaints, []);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`a fault reads well on a phone (${colorScheme})`, { skip: noBrowser }, async (context) => {
    const { page, complaints } = await openSite(context, PHONES[colorScheme], colorScheme);
    await examine(page, 'unreachable');
    await page.getByRole('heading', { level: 2, name: /^Critical/ }).waitFor();
    const heading = page.getByRole('heading', { level: 3, name: /Unreachable/ });
    assert.equal(await heading.isVisible(), true);
    assert.match(await page.locator('.advice').first().innerText(), /What to do \S/);
    const wide = await page.evaluate(`[...document.querySelectorAll('body > :not(.skip) *')]
      .filter((element) => element.getBoundingClientRect().right > document.querySelector('main').getBoundingClientRect().right)
      .map((element) => element.id || element.outerHTML.slice(0, 80))`);
    assert.deepEqual(wide, [], 'these stand over the right edge');
    await takePicture(page, `unreachable-phone-${colorScheme}`);
    assert.deepEqual(complaints, []);
  });
}

test('a report made by others appears without a reload', { skip: noBrowser }, async (context) => {
  const { page, url } = await openSite(context);
  await page.getByText('No report yet').waitFor();
  const answer = await fetch(`${url}/api/v1/examinations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ target: 'healthy' }),
  });
  assert.equal(answer.status, 202);
  await page.getByRole('heading', { level: 2, name: /^Healthy/ }).waitFor();
});

test('says which server is missing, and what the server refused', { skip: noBrowser }, async (context) => {
  const { page } = await openPage(context, 1, { viewport: DESKTOP, colorScheme: 'light' });
  await page.getByRole('alert').getByText('The analysis server does not answer').waitFor();
  await takePicture(page, 'as-down');
  const { page: other } = await openSite(context);
  await other.getByLabel('Examine the path to').fill('no such scenario');
  await other.keyboard.press('Enter');
  await other.getByRole('alert').getByText('target must be one word, without white space').waitFor();
});

test('what came from a network is never read as markup', { skip: noBrowser }, async (context) => {
  const { page, complaints } = await openSite(context);
  const hostile = '<img/src=x/onerror=document.title="owned">';
  await page.getByLabel('Examine the path to').fill(hostile);
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText(hostile).waitFor();
  assert.equal(await page.locator('main img').count(), 0);
  assert.equal(await page.title(), 'appareNet');
  assert.deepEqual(complaints, []);
});

test('everything can be reached by keyboard, in the order it is read', { skip: noBrowser }, async (context) => {
  const { page } = await openSite(context);
  const reached: string[] = [];
  for (let step = 0; step < 3; step += 1) {
    await page.keyboard.press('Tab');
    reached.push(String(await page.evaluate('document.activeElement.id || document.activeElement.className')));
  }
  assert.deepEqual(reached, ['skip', 'target', 'start']);
});
