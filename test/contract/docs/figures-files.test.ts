// docs/home-ops for Grafana and Telegraf: that every figure, label, topic and field they ask for is one that the product gives out.
// That Grafana and Telegraf take the files cannot be shown here: Debian has neither.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { startExamination } from '../../../src/analysis/examination/start-examination.js';
import { parseConfiguration } from '../../../src/box/config/parse-configuration.js';
import { History } from '../../../src/history/history.js';
import type { BoxHealth } from '../../../src/model/box-health.js';
import { PERIODS_MS } from '../../../src/model/period-summary.js';
import { createRandom } from '../../../src/model/random.js';
import { computeTopics } from '../../../src/mqtt/message.js';
import { encodeEvent, encodeHealth, encodeState, encodeTargetState } from '../../../src/mqtt/payloads.js';
import { encodeMetrics } from '../../../src/server/http/metrics-text.js';
import { listBoxMetrics, listCertificateMetrics, listResultMetrics } from '../../../src/server/http/metrics.js';
import { startAnalysisServer } from '../../../src/server/server.js';
import { buildEvent, buildIncident } from '../../unit/history/built-records.js';
import { drawMinute, drawTargets } from '../../unit/history/drawn-summaries.js';
import { buildMinute } from '../../unit/mqtt/built-facts.js';
import { makeFolder } from '../parts/simulated-parts.js';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}
interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
}

const DASHBOARD_TEXT = readFileSync('docs/home-ops/grafana-dashboard.json', 'utf8');
const DASHBOARD = JSON.parse(DASHBOARD_TEXT) as Dashboard;
const QUERIES = DASHBOARD.panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target })));
/** Prometheus names where it scraped a figure. */
const SCRAPED = ['instance', 'job'];
const noPromtool = spawnSync('promtool', ['--version']).error ? 'needs promtool (apt-get install prometheus)' : false;

/** All that a box may lack: a figure that nobody can tell is left out. */
const WHOLE_HEALTH: BoxHealth = {
  temperatures: [{ sensor: 'cpu', celsius: 50, criticalCelsius: null }],
  memory: { totalBytes: 2, availableBytes: 1 },
  storage: {
    ...{ folder: '/', fileSystem: 'ext4', device: null, totalBytes: 2, availableBytes: 1, readOnly: false },
    ...{ writtenBytes: null, wear: 0.1 },
  },
  load: { processors: 1, load1: 0, load15: 0, stalled: null },
  clock: { synchronized: true, service: null, maxErrorNs: null, source: null },
  concerns: [],
};

/** Labels by name of the figure, of a server that has one of everything. */
async function readExported(context: TestContext): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const folder = makeFolder();
  const history = await History.open(join(folder, 'history'));
  const server = await startAnalysisServer({
    port: 0,
    socketPath: join(folder, 'tps.sock'),
    accessPath: join(folder, 'access.json'),
    history,
    readMqtt: () => ({ connected: true, problem: null, messages: 0, bytes: 0, dropped: 0 }),
    loadExamination: () => Promise.resolve(startExamination),
    onDefect: (error) => assert.fail(String(error)),
  });
  context.after(async () => {
    await server.close();
    await history.close();
  });
  const random = createRandom(1);
  const [target] = drawTargets(random, 1, 0.5);
  assert.ok(target);
  const nowMs = Math.floor(Date.now() / PERIODS_MS.minute) * PERIODS_MS.minute;
  await history.append([drawMinute(random, target, nowMs - PERIODS_MS.minute)]);
  const scraped = await (await fetch(`${server.url}/metrics`)).text();
  const last = { id: 'A', target: { address: '' }, startedAt: '', summary: '', verdict: 'ok' } as never;
  const ports = [{ port: 'eth0', reports: 1, limitedByProbe: 0 }];
  const others = encodeMetrics([
    ...listBoxMetrics(WHOLE_HEALTH),
    ...listResultMetrics({ last, reports: 1, limitedByProbe: 0, ports }),
    ...listCertificateMetrics({ expiresMs: 0, isOwn: true }),
  ]);
  const samples = `${scraped}${others}`.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm);
  return new Map([...samples].map(([, name = '', labels = '']) => [name, new Set(listLabels(labels))]));
}

function listLabels(selector: string): string[] {
  return [...selector.matchAll(/(\w+)=~?"/g)].map(([, label = '']) => label);
}

describe('the Grafana dashboard', () => {
  test('asks for figures and labels that /metrics gives out', async (context) => {
    const exported = await readExported(context);
    const definitions = DASHBOARD.templating.list.flatMap(({ name, definition }) =>
      definition === undefined ? [] : [{ title: name, expr: definition, legendFormat: '' }],
    );
    for (const { title, expr, legendFormat } of [...QUERIES, ...definitions]) {
      const names = [...expr.matchAll(/apparenet_\w+/g)].map(([name]) => name);
      assert.ok(names.length > 0, `${title} asks for nothing`);
      const known = names.map((name) => {
        const labels = exported.get(name);
        assert.ok(labels, `${title}: there is no ${name}`);
        return [...labels, ...SCRAPED];
      });
      const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
      for (const label of shown) assert.ok(known[0]?.includes(label), `${title}: ${names[0]} has no ${label}`);
      for (const [, name = '', selector = ''] of expr.matchAll(/(apparenet_\w+)\{([^}]*)\}/g))
        for (const label of listLabels(selector))
          assert.ok([...(exported.get(name) ?? []), ...SCRAPED].includes(label), `${title}: ${name} has no ${label}`);
    }
  });

  test('shows every figure of a target', async (context) => {
    const names = [...(await readExported(context)).keys()].filter((name) => name.startsWith('apparenet_target_'));
    assert.ok(names.length > 0);
    for (const name of names) assert.ok(DASHBOARD_TEXT.includes(name), `${name} is not shown`);
  });

  test('is of one piece: variables are declared, panels have ids and places of their own', () => {
    const declared = DASHBOARD.templating.list.map(({ name }) => name);
    for (const [, name = ''] of DASHBOARD_TEXT.matchAll(/\$\{?([a-z]\w*)/g))
      assert.ok(declared.includes(name), `$${name} is not declared`);
    const { panels } = DASHBOARD;
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    const cells = panels.flatMap(({ title, gridPos: { x, y, w, h } }) => {
      assert.ok(x >= 0 && x + w <= 24, `${title} does not fit into 24 columns`);
      return Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`);
    });
    assert.equal(new Set(cells).size, cells.length, 'panels lie upon each other');
  });

  test('asks in sentences that Prometheus understands', { skip: noPromtool }, () => {
    const rules = QUERIES.map(({ expr }, i) => {
      const filled = expr.replaceAll('$__rate_interval', '5m').replaceAll(/\$(box|target)/g, '.*');
      return { record: `query_${i}`, expr: filled.replaceAll('$percentile', '50') };
    });
    const path = join(makeFolder(), 'rules.json');
    writeFileSync(path, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    assert.match(execFileSync('promtool', ['check', 'rules', path], { encoding: 'utf8' }), /SUCCESS/);
  });
});

const TELEGRAF = readFileSync('docs/home-ops/telegraf.conf', 'utf8');
const hasToml = spawnSync('python3', ['-c', 'import tomllib']).status === 0;

/** What a box called hall publishes, by topic. */
function publish(): ReadonlyMap<string, unknown> {
  const topics = computeTopics(parseConfiguration('').mqtt, 'hall');
  const incident = buildIncident('i1', 0, 0);
  const event = { ...buildEvent(0, 'office'), kind: 'opened' as const };
  const payloads = {
    [topics.target('office')]: encodeTargetState(buildMinute('office'), [incident]),
    [topics.state]: encodeState({
      ...{ targets: ['office'], profiles: { office: 'deep' } },
      openIncidents: [incident],
      lastReport: null,
    }),
    [topics.health]: encodeHealth(WHOLE_HEALTH, true, { messages: 0, bytes: 0, dropped: 0 }),
    [topics.event]: encodeEvent(event, incident),
  };
  return new Map(Object.entries(payloads).map(([topic, payload]) => [topic, JSON.parse(payload) as unknown]));
}

function findField(payload: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((at, key) => (at as Readonly<Record<string, unknown>> | null | undefined)?.[key], payload);
}

describe('the Telegraf snippet', () => {
  test('listens to topics that a box publishes, and reads fields that are there', () => {
    const published = publish();
    const inputs = TELEGRAF.split('[[inputs.mqtt_consumer]]\n').slice(1);
    const heard = inputs.flatMap((input) => {
      const [, filter = ''] = /^ {2}topics = \["(.+)"\]$/m.exec(input) ?? [];
      const pattern = new RegExp(`^${filter.replaceAll('+', '[^/]+')}$`);
      const found = [...published].filter(([topic]) => pattern.test(topic));
      assert.equal(found.length, 1, `${filter} is one kind of topic`);
      const [, parsed] = /^ {4}topic = "(.+)"$/m.exec(input) ?? [];
      const [, tags = ''] = /^ {4}tags = "(.+)"$/m.exec(input) ?? [];
      assert.equal(parsed, filter);
      assert.equal(tags.split('/').length, filter.split('/').length, 'Telegraf refuses tags of another length');
      assert.equal(filter.split('/')[tags.split('/').indexOf('box')], '+', 'the tag box is the id of the box');
      const fields = [...input.matchAll(/^ +(?:timestamp_)?path = "(.+)"$/gm)].map(([, field = '']) => field);
      assert.ok(fields.length > 1);
      for (const field of fields)
        assert.notEqual(findField(found[0]?.[1], field), undefined, `${filter} has no ${field}`);
      return found.map(([topic]) => topic);
    });
    assert.equal(new Set(heard).size, published.size);
  });

  test('is TOML', { skip: hasToml ? false : 'needs Python 3.11 or newer for its tomllib' }, () => {
    const script = 'import sys, tomllib; print(len(tomllib.loads(sys.stdin.read())["inputs"]["mqtt_consumer"]))';
    assert.equal(execFileSync('python3', ['-c', script], { input: TELEGRAF, encoding: 'utf8' }).trim(), '4');
  });
});
