// The page in a real browser, over real servers and simulated paths: what a person sees in each state, and that it is theirs
// alone to use.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import type { StartExamination } from '../../src/model/examination.js';
import type { EvidencePattern } from '../../src/model/evidence-pattern.js';
import type { Report } from '../../src/model/report.js';
import { startPageServer } from '../../src/ui/server.js';
import { makeFolder, startSimulatedTps, startTestAs } from '../contract/parts/simulated-parts.js';
import { HEALTHY_REPORT, SAMPLE_REPORTS } from '../unit/cli/sample-reports.js';
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

interface Look {
  readonly viewport?: typeof DESKTOP;
  readonly colorScheme?: 'light' | 'dark';
  /** Every examination ends in this at once. */
  readonly report?: Report;
}

async function openSite(context: TestContext, look: Look = {}): Promise<Site> {
  const { viewport = DESKTOP, colorScheme = 'light', report } = look;
  const socketPath = join(makeFolder(), 'tps.sock');
  await startSimulatedTps(context, socketPath);
  const as = await startTestAs(context, socketPath, report && endIn(report));
  return openPage(context, Number(new URL(as.url).port), { viewport, colorScheme });
}

function endIn(report: Report): StartExamination {
  const cost = { packets: report.cost.packets, bytes: report.cost.bytes, seconds: report.durationMs / 1000 };
  return ({ id }) => ({
    plan: { most: cost, likely: cost },
    next: () => ({ kind: 'done', report: { ...report, id } }),
    interrupt: () => ({ ...report, id }),
  });
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
  await page.getByText(/of at most 5 MB in 15 s, likely [\d.]+ MB in [\d.]+ s$/).waitFor();
  await takePicture(page, 'examining');
  await page.getByRole('heading', { level: 2, name: /^Healthy/ }).waitFor();
  assert.equal(await page.getByText('No report yet').isVisible(), false);
  assert.match(await page.getByRole('row', { name: /Capacity/ }).innerText(), /\d(\.\d+)? [GM]b\/s/);
  await takePicture(page, 'healthy-desktop');
  assert.deepEqual(complaints, []);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`a fault reads well on a phone (${colorScheme})`, { skip: noBrowser }, async (context) => {
    const { page, complaints } = await openSite(context, { viewport: PHONES[colorScheme], colorScheme });
    await examine(page, 'unreachable');
    await page.getByRole('heading', { level: 2, name: /^Critical/ }).waitFor();
    const heading = page.getByRole('heading', { level: 3, name: /Unreachable/ });
    assert.equal(await heading.isVisible(), true);
    assert.match(await page.locator('.advice').first().innerText(), /What to do \S/);
    await assertFits(page);
    await takePicture(page, `unreachable-phone-${colorScheme}`);
    assert.deepEqual(complaints, []);
  });
}

/** Lost by size, behind the finding of a report that has one. */
const DRAWN: EvidencePattern = {
  title: 'Share of packets lost, by their size',
  x: { label: 'IP length', unit: 'bytes' },
  y: { label: 'lost', unit: 'ratio' },
  series: [{ name: 'lost', mark: 'bars', x: [92, 1400, 1401, 1500], y: [0, 0, 1, 1] }],
};

test(
  'the picture behind a finding stands below its evidence, in the colours of the page',
  { skip: noBrowser },
  async (context) => {
    const faulty = Object.values(SAMPLE_REPORTS).find(({ findings }) => findings.length > 0) ?? HEALTHY_REPORT;
    const confirm = 'With another cable the counter stays.';
    const findings = faulty.findings.map((finding) => ({ ...finding, confirm, pattern: DRAWN }));
    const look = { viewport: PHONES.dark, colorScheme: 'dark', report: { ...faulty, findings } } as const;
    const { page, complaints } = await openSite(context, look);
    await examine(page, 'healthy');
    const picture = page.getByRole('img', { name: DRAWN.title }).first();
    await picture.waitFor();
    assert.equal(await picture.locator('rect.fill').count(), 5);
    // Not black on black: the page's own rules reach the drawing.
    const fill = await page.evaluate("getComputedStyle(document.querySelector('.plot rect.fill')).fill");
    assert.equal(fill, 'rgb(125, 184, 245)');
    assert.match(await page.locator('.confirm').first().innerText(), /^To be sure With another cable/);
    await assertFits(page);
    await takePicture(page, 'picture-phone-dark');
    assert.deepEqual(complaints, []);
  },
);

/** Nothing stands over the right edge, and nothing has to be scrolled sideways. */
async function assertFits(page: Page): Promise<void> {
  const wide = await page.evaluate(`[...document.querySelectorAll('body > :not(.skip) *')]
    .filter((element) => element.getBoundingClientRect().right > document.querySelector('main').getBoundingClientRect().right)
    .map((element) => element.id || element.outerHTML.slice(0, 80))`);
  assert.deepEqual(wide, [], 'these stand over the right edge');
}

/** The cells of the row that begins with `name`, each as lines. */
async function readRow(page: Page, table: string, name: string | RegExp): Promise<string[]> {
  const section = page.locator('section', { has: page.getByRole('heading', { name: table, exact: true }) });
  const row = section.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
  return (await row.getByRole('cell').allInnerTexts()).map((text) => text.replace(/\s*\n+/g, ' | '));
}

const RICH = SAMPLE_REPORTS['rich'] ?? HEALTHY_REPORT;

test('every estimate of a report is shown, with its unit and its interval', { skip: noBrowser }, async (context) => {
  const { page, complaints } = await openSite(context, { report: RICH });
  await examine(page, 'healthy');
  const rows: readonly (readonly [table: string, name: string | RegExp, cells: readonly string[]])[] = [
    ['Figures', 'Capacity', ['49.8 Mb/s | 49.5 to 50.1 Mb/s', '251 Mb/s | 248.6 to 253.4 Mb/s']],
    [
      'Figures',
      'Available',
      ['31.2 Mb/s | 28.9 to 33.4 Mb/s', 'at least 238 Mb/s | limited by the probe · poor quality'],
    ],
    ['Figures', 'In use', ['37.4 % | 33 to 42 %', '4 % | 0 to 11 % · limited by noise · fair quality']],
    ['Figures', 'Maximum', ['48.1 Mb/s | 47.8 to 48.3 Mb/s', '243 Mb/s | 241 to 245 Mb/s']],
    ['Figures', 'Loss', ['1.25 % | 0.6 to 2.6 %', '0 % | below 0.83 %']],
    ['Figures', 'Lost in a row', ['1.6 packets | 1.5 to 1.7 on average · at most 4 packets']],
    [
      'Figures',
      'Queueing',
      ['1.4 ms | half below 1.40 ms ± 0.07 · 95 % below 5.2 ms ± 0.3 · 99 % below 13.1 ms (above 12.4)'],
    ],
    ['Figures', 'Propagation', ['16.9 ms | 16.9 to 16.94 ms']],
    ['Figures', 'Serialisation', ['194 ns/byte | 191 to 197 ns/byte']],
    ['Figures', "Far clock's rate", ['-4.31 ppm | -4.62 to -4.02 ppm']],
    ['Figures', 'Reordering', ['2.8 % | 1.1 to 6.1 %']],
    ['Figures', 'Duplicates', ['0 % | below 0.31 %']],
    ['Figures', 'Voice', ['MOS 4.2 of 4.4 | 4.02 to 4.46 · R factor 86 of 94']],
    ['Figures', 'Path MTU', ['1492 bytes | 198.51.100.17 said so · larger packets pass in fragments', '1480 bytes']],
    ['Delay under load', 'Idle', ['18.4 ms', '22.7 ms', '–']],
    ['Delay under load', /^Up 47\.6 Mb\/s forward$/, ['241 ms', '263 ms', '29.8 ms']],
    ['Delay under load', /^Both /, ['268 ms', '291 ms', 'none came']],
    ['Loss by size and place', '1492 bytes', ['0 % | 0 of 14', '0 % | 0 of 50', '8 % | 21 of 260', '18 % | 9 of 50']],
    ['Reordering by spacing', '50 µs apart', ['0.83 % | 0 to 4.5 %', '1 packet']],
    ['Traffic classes', 'EF', ['AF21', 'as sent', '0 % | below 44 %', '18.4 ms']],
    ['Traffic classes', 'ECT(1)', ['as sent', 'unknown', '0 % | below 44 %', '18.4 ms']],
  ];
  for (const folded of await page.locator('summary').all()) await folded.press('Enter');
  for (const [table, name, cells] of rows)
    assert.deepEqual(await readRow(page, table, name), cells, `${table}: ${name}`);
  await page.getByText('Up: 246 ms (above 233) more than idle').waitFor();
  await page.getByText('Other traffic used this port during 3 of 31 runs').waitFor();
  await takePicture(page, 'rich-desktop');
  assert.deepEqual(complaints, []);
});

test('a report with everything in it fits a phone', { skip: noBrowser }, async (context) => {
  const { page } = await openSite(context, { viewport: PHONES.light, report: RICH });
  await examine(page, 'healthy');
  await page.locator('summary').first().press('Enter');
  await assertFits(page);
  await takePicture(page, 'rich-phone-light');
});

test('what was not measured has no place on the page', { skip: noBrowser }, async (context) => {
  const { page } = await openSite(context, { report: HEALTHY_REPORT });
  await examine(page, 'healthy');
  assert.deepEqual(await readRow(page, 'Figures', 'Capacity'), ['96.9 Mb/s | 96.6 to 97.2 Mb/s']);
  assert.equal(await page.getByRole('rowheader', { name: /Available|Queueing|Voice|Path MTU/ }).count(), 0);
  assert.equal(await page.getByRole('table').count(), 1);
});

test('one quantity can be chosen, and what it costs is said before it starts', { skip: noBrowser }, async (context) => {
  const { page, complaints } = await openSite(context);
  const cost = page.locator('#order-cost');
  const choice = page.getByLabel('What to find out');
  assert.equal(await cost.innerText(), 'Costs at most 5 MB, 15 s.');
  const { y: before } = (await page.locator('main').boundingBox()) ?? { y: NaN };
  await choice.selectOption({ label: 'Delay under load' });
  assert.equal(await cost.innerText(), 'Fills the path: at most 150 MB, 20 s.');
  const { y: after } = (await page.locator('main').boundingBox()) ?? { y: NaN };
  assert.equal(after, before, 'the page jumped');
  await choice.selectOption({ label: 'Path MTU' });
  await examine(page, 'healthy');
  assert.match((await readRow(page, 'Figures', 'Path MTU')).join(), /^\d+ bytes/);
  assert.equal(await page.getByRole('rowheader', { name: 'Capacity' }).count(), 0);
  assert.deepEqual(complaints, []);
});

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
  for (let step = 0; step < 4; step += 1) {
    await page.keyboard.press('Tab');
    reached.push(String(await page.evaluate('document.activeElement.id || document.activeElement.className')));
  }
  assert.deepEqual(reached, ['skip', 'target', 'choice', 'start']);
});
