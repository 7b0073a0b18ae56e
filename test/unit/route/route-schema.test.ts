// docs/route.schema.json and model/route.ts say the same.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { composeRouteReport } from '../../../src/analysis/route/compose-route-report.js';
import { createRandom } from '../../../src/model/random.js';
import {
  ROUTE_SCHEMA,
  type HopNote,
  type RouteEnd,
  type RouteHop,
  type RouteReport,
} from '../../../src/model/route.js';
import { assertValidRoute, ROUTE_JSON_SCHEMA } from './route-schema.js';
import { createPath, observe } from './synthetic-path.js';

interface Schema {
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
}
const SCHEMA = ROUTE_JSON_SCHEMA as Schema;
const HOP = (ROUTE_JSON_SCHEMA['$defs'] as Readonly<Record<string, Schema>>)['hop'];

/** Every key and word of the types; the compiler refuses one too many or too few. */
const REPORT_KEYS: Readonly<Record<keyof RouteReport, true>> = {
  schema: true,
  target: true,
  port: true,
  stamps: true,
  startedAt: true,
  durationMs: true,
  cost: true,
  verdict: true,
  summary: true,
  end: true,
  hops: true,
  onsets: true,
  limits: true,
};
const HOP_KEYS: Readonly<Record<keyof RouteHop, true>> = {
  ttl: true,
  addresses: true,
  isTarget: true,
  loss: true,
  delay: true,
  mtu: true,
  link: true,
  labels: true,
  notes: true,
};
const NOTE_KINDS: Readonly<Record<HopNote['kind'], true>> = {
  'limits-answers': true,
  'slow-to-answer': true,
  'same-router': true,
  'ttl-changed': true,
  mpls: true,
  'several-routers': true,
  mtu: true,
  'black-hole': true,
  refuses: true,
  late: true,
};
const END_KINDS: Readonly<Record<RouteEnd['kind'], true>> = {
  target: true,
  refused: true,
  silent: true,
  loop: true,
  'max-hops': true,
  interrupted: true,
};

const sorted = (words: readonly unknown[] | undefined): unknown[] => [...(words ?? [])].sort();

describe('route schema', () => {
  const random = createRandom(5);
  const request = { maxHops: 30, multipath: false, startedAt: '2026-01-01T00:00:00.000Z', seed: 1 };
  const path = createPath(4, (ttl) => (ttl === 2 ? { link: { rateBitsPerSec: 2e6, lossRatio: 0.2 } } : {}));
  const report = composeRouteReport(observe(path, random), request);

  it('requires exactly the keys of the types', () => {
    assert.deepEqual(sorted(SCHEMA.required), Object.keys(REPORT_KEYS).sort());
    assert.deepEqual(sorted(HOP?.required), Object.keys(HOP_KEYS).sort());
  });

  it('knows the words of the types', () => {
    assert.deepEqual(
      sorted(HOP?.properties?.['notes']?.items?.properties?.['kind']?.enum),
      Object.keys(NOTE_KINDS).sort(),
    );
    assert.deepEqual(sorted(SCHEMA.properties?.['end']?.properties?.['kind']?.enum), Object.keys(END_KINDS).sort());
  });

  it('accepts a full report and one of nothing', () => {
    assert.equal(report.schema, ROUTE_SCHEMA);
    assert.notEqual(report.onsets.loss, null);
    assertValidRoute(report);
    assertValidRoute(composeRouteReport({ ...observe(path, random), found: [], measured: [], stamps: null }, request));
  });

  it('refuses a missing and an unknown key', () => {
    const without = Object.fromEntries(Object.entries(report).filter(([key]) => key !== 'limits'));
    assert.throws(() => assertValidRoute(without as unknown as RouteReport));
    assert.throws(() => assertValidRoute({ ...report, extra: 1 } as RouteReport));
  });
});
