// What the API tells of the past and of what happens, over a real history: charts, pages, exports, live events and metrics.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { request as startRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { startExamination } from '../../../src/analysis/examination/start-examination.js';
import { History } from '../../../src/history/history.js';
import { PERIODS_MS } from '../../../src/model/period-summary.js';
import type { Report } from '../../../src/model/report.js';
import { createRandom } from '../../../src/model/random.js';
import { startAnalysisServer } from '../../../src/server/server.js';
import type { AnalysisServer } from '../../../src/server/server.js';
import { SAMPLE_REPORTS } from '../../unit/cli/sample-reports.js';
import { buildEvent, buildIncident } from '../../unit/history/built-records.js';
import { drawMinute, drawTargets } from '../../unit/history/drawn-summaries.js';
import { makeFolder } from './simulated-parts.js';

/** Two from eth0, one of which the box limited, and one from eth1. */
const REPORTS: readonly Report[] = (['AAAA', 'AAAB', 'AAAC'] as const).map((id, i) => {
  const { healthy: sample } = SAMPLE_REPORTS;
  assert.ok(sample);
  const { capacity } = sample.estimates;
  const limited = { ...capacity, forward: capacity.forward && { ...capacity.forward, limitedBy: 'probe' as const } };
  const port = { ...sample.port, name: i < 2 ? 'eth0' : 'eth1' };
  return { ...sample, id, port, estimates: { ...sample.estimates, ...(i === 0 ? { capacity: limited } : {}) } };
});

const NOW_MS = Math.floor(Date.now() / PERIODS_MS.minute) * PERIODS_MS.minute;
const noPromtool = spawnSync('promtool', ['--version']).error ? 'needs promtool (apt-get install prometheus)' : false;

interface Box extends AnalysisServer {
  readonly history: History;
}

async function startBox(context: TestContext): Promise<Box> {
  const folder = makeFolder();
  const history = await History.open(join(folder, 'history'));
  const server = await startAnalysisServer({
    port: 0,
    socketPath: join(folder, 'tps.sock'),
    accessPath: join(folder, 'access.json'),
    history,
    loadExamination: () => Promise.resolve(startExamination),
    onDefect: (error) => assert.fail(String(error)),
  });
  context.after(async () => {
    await server.close();
    await history.close();
  });
  return { ...server, history };
}

/** Ten minutes of two targets, the last one the one before now. */
async function fill(history: History): Promise<void> {
  const random = createRandom(1);
  const [near, far] = drawTargets(random, 2, 0.5);
  assert.ok(near && far);
  for (let back = 10; back >= 1; back -= 1) {
    const startMs = NOW_MS - back * PERIODS_MS.minute;
    await history.append([drawMinute(random, near, startMs), drawMinute(random, far, startMs)]);
  }
}

async function read(url: string): Promise<Record<string, unknown>> {
  const response = await fetch(url);
  const document = (await response.json()) as Record<string, unknown>;
  assert.equal(response.status, 200, JSON.stringify(document));
  return document;
}

test('a chart has the points of its range, with the figures of each minute', async (context) => {
  const { url, history } = await startBox(context);
  await fill(history);
  assert.deepEqual(await read(`${url}/api/v1/targets`), {
    targets: [
      { name: 'target-0', watched: null },
      { name: 'target-1', watched: null },
    ],
  });
  const range = `from=${NOW_MS - 5 * PERIODS_MS.minute}&to=${NOW_MS}`;
  const { period, points } = await read(`${url}/api/v1/targets/target-0/history?${range}`);
  assert.equal(period, 'minute');
  const rows = points as { startMs: number; rttMinNs: number; rttP50Ns: number; rttP99Ns: number; rttMaxNs: number }[];
  assert.deepEqual(
    rows.map(({ startMs }) => (startMs - NOW_MS) / PERIODS_MS.minute),
    [-5, -4, -3, -2, -1],
  );
  for (const { rttMinNs, rttP50Ns, rttP99Ns, rttMaxNs } of rows)
    assert.ok(rttMinNs <= rttP50Ns && rttP50Ns <= rttP99Ns && rttP99Ns <= rttMaxNs);
  for (const bad of ['from=2&to=1', 'from=1', `from=0&to=${'9'.repeat(30)}`, 'from=0&to=1&points=0'])
    assert.equal((await fetch(`${url}/api/v1/targets/target-0/history?${bad}`)).status, 400, bad);
});

test('pages join to the whole list, whatever is added meanwhile', async (context) => {
  const { url, history } = await startBox(context);
  const events = Array.from({ length: 7 }, (_, i) => buildEvent(NOW_MS + i, 'target-0'));
  for (const event of events) await history.addEvent(event);
  await history.putIncident(buildIncident('i1', NOW_MS, NOW_MS));
  const seen: string[] = [];
  let cursor = '';
  do {
    const page = await read(`${url}/api/v1/diary?limit=3${cursor}`);
    seen.push(...(page['events'] as { id: string }[]).map(({ id }) => id));
    cursor = page['next'] === null ? '' : `&cursor=${page['next'] as string}`;
    await history.addEvent(buildEvent(NOW_MS + 100 + seen.length, null));
  } while (cursor !== '');
  assert.deepEqual(seen, events.map(({ id }) => id).reverse());
  assert.equal((await fetch(`${url}/api/v1/diary?cursor=nonsense`)).status, 400);
  assert.equal((await read(`${url}/api/v1/incidents/i1`))['summary'], 'Every fifth packet is lost.');
  assert.equal((await fetch(`${url}/api/v1/incidents/i2`)).status, 404);
  const { incidents } = await read(`${url}/api/v1/incidents?state=closed`);
  assert.deepEqual(incidents, []);
});

test('an export has a line for each minute of each target', async (context) => {
  const { url, history } = await startBox(context);
  await fill(history);
  const range = `from=${NOW_MS - PERIODS_MS.hour}&to=${NOW_MS}&period=minute`;
  const csv = await fetch(`${url}/api/v1/export?${range}&format=csv`);
  assert.match(csv.headers.get('content-type') ?? '', /^text\/csv/);
  assert.equal((await csv.text()).trim().split('\n').length, 21);
  const lines = await (await fetch(`${url}/api/v1/export?${range}&format=jsonl&target=target-1`)).text();
  const targets = lines
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { target: string }).target);
  assert.deepEqual(targets, Array<string>(10).fill('target-1'));
});

/** Opens the event stream; `waitFor` resolves with what came when it has so many events. */
function follow(context: TestContext, url: string, lastId?: string) {
  let text = '';
  const headers = lastId === undefined ? {} : { 'last-event-id': lastId };
  const opened = new Promise<IncomingMessage>((resolve, reject) => {
    const request = startRequest(`${url}/api/v1/events`, { headers }, resolve);
    request.on('error', reject);
    request.end();
    context.after(() => request.destroy());
  }).then((response) => {
    response.on('error', () => undefined);
    response.on('data', (chunk: Buffer) => (text += chunk.toString()));
    return response;
  });
  const listIds = () => [...text.matchAll(/^id: (.+)$/gm)].map(([, id]) => id);
  return {
    opened,
    waitFor: async (count: number) => {
      const response = await opened;
      while (listIds().length < count) await new Promise((resolve) => response.once('data', resolve));
      return listIds();
    },
  };
}

test('live events come in order; one who comes back hears what it missed, once', async (context) => {
  const { url, history, events: feed } = await startBox(context);
  const events = Array.from({ length: 6 }, (_, i) => buildEvent(NOW_MS + i, null));
  const ids = events.map(({ id }) => id);
  const first = follow(context, url);
  await first.opened;
  for (const event of events.slice(0, 3)) {
    await history.addEvent(event);
    feed.publish(event);
  }
  assert.deepEqual(await first.waitFor(3), ids.slice(0, 3));
  const back = follow(context, url, ids[0]);
  assert.deepEqual(await back.waitFor(2), ids.slice(1, 3));
  for (const event of events.slice(3)) feed.publish(event);
  assert.deepEqual(await back.waitFor(5), ids.slice(1));
  // An id that the feed has forgotten is looked up in the diary.
  const older = buildEvent(NOW_MS - 5, null);
  assert.deepEqual(await follow(context, url, older.id).waitFor(3), ids.slice(0, 3));
});

test(
  'metrics follow the conventions of Prometheus and leave out what is not measured',
  { skip: noPromtool },
  async (context) => {
    const { url, history } = await startBox(context);
    await fill(history);
    await history.putIncident(buildIncident('i1', NOW_MS, NOW_MS));
    for (const report of REPORTS) await history.addReport(report);
    const response = await fetch(`${url}/metrics`);
    assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    const text = await response.text();
    assert.equal(execFileSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' }), '');
    assert.match(text, /^apparenet_incidents_open\{severity="warning"\} 1$/m);
    assert.match(text, /^apparenet_target_rtt_seconds\{target="target-0",percentile="95"\} \d/m);
    assert.match(text, /^apparenet_part_up\{part="tps"\} 0$/m);
    assert.match(text, /^apparenet_recent_reports\{port="eth0"\} 2\napparenet_recent_reports\{port="eth1"\} 1$/m);
    assert.match(text, /^apparenet_recent_reports_probe_limited\{port="eth0"\} 1\n.*port="eth1"\} 0$/m);
    assert.doesNotMatch(text, /NaN/);
  },
);
